#include "datasets/forms/score.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace assay::datasets {

std::optional<double> score_under(const Row& row, const std::string& key) {
  const Value& found = row.value(key);
  if (found.kind == Kind::none || (found.kind == Kind::str && found.text.empty()))
    return std::nullopt;
  double number = NAN;
  if (found.kind == Kind::integer) number = static_cast<double>(found.integer);
  if (found.kind == Kind::real) number = found.real;
  if (found.kind == Kind::str) {
    const char* end = found.text.data() + found.text.size();
    const auto [at, error] = std::from_chars(found.text.data(), end, number);
    if (error != std::errc() || at != end) number = NAN;
  }
  if (!std::isfinite(number)) {
    row.refuse(fmt::format(
        "\"{}\" is {}, where a finite number is expected, or null for a sample that was not judged",
        key, repr(found, 40)));
  }
  return number;
}

}  // namespace assay::datasets
