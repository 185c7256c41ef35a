// Numbers, made fit to be read, and texts, made fit for a page: what may be shown at all is decided in
// harness/base/text.h. Pure; never throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/base/text.h"
#include "reports/model.h"

namespace assay::reports {

inline constexpr const char* kDash = "\u2013";  ///< what undefined prints as

/// "9.8%"; two significant digits below 0.1%, so that a small share never reads as none.
std::string percent(std::optional<double> share);
/// "[7.1, 12.9]", in the unit of `percent`; empty where there is none.
std::string percent_interval(const std::optional<Interval>& interval);
/// "9.8% [7.1, 12.9]".
std::string percent(const Estimate& estimate);
/// "0.312", three decimals.
std::string decimal(std::optional<double> value);
/// "0.218 [0.170, 0.266]".
std::string decimal(const Estimate& estimate);
/// "12,410".
std::string count(std::int64_t n);
/// "1 problem", "164 problems".
std::string count(std::int64_t n, std::string_view noun);

/// `visible` and safe between tags and inside a quoted attribute of HTML.
std::string html(std::string_view text);

/// `visible` and without meaning in a cell of a Markdown table: no markup, one line.
std::string markdown(std::string_view text);

}  // namespace assay::reports
