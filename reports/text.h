// Numbers, made fit to be read, and texts, made fit for a page: what may be shown at all is decided in
// harness/base/text.h. Pure; never throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/text.h"
#include "reports/model.h"

namespace assay::reports {

inline constexpr const char* kDash = "\u2013";  ///< what undefined prints as

// A negative number has the minus sign, U+2212, as in the charts.

/// Digits that a format made, with that sign; what rounds to nothing has none.
std::string with_sign(std::string digits);
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
/// "+4.1 pp [+1.0, +7.2]", a difference of shares in percentage points.
std::string points(std::optional<double> difference);
std::string points_interval(const std::optional<Interval>& interval);
/// "12,410".
std::string count(std::int64_t n);
/// "1 problem", "164 problems".
std::string count(std::int64_t n, std::string_view noun);

/// "a", "a and b", "a, b and c"; of more than `shown` the rest as a number: "a, b and 4 more".
std::string list_in_words(const std::vector<std::string>& items, std::size_t shown = 3);

/// What a status of store/status.h says of a program: "wrong value" of "fail". Others stay as they are.
std::string kind_in_words(const std::string& status);

/// `visible` and safe between tags and inside a quoted attribute of HTML.
std::string html(std::string_view text);

/// `visible` and without meaning in a paragraph, a list or a cell of a table in Markdown: no markup, one
/// line. What means nothing where it stands is left as it is, so that the source can be read.
std::string markdown(std::string_view text);

}  // namespace assay::reports
