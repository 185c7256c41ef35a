#include "harness/base/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "harness/base/error.h"

namespace assay {

using nlohmann::json;

json json_of(const std::string& text, const std::string& source) {
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    throw Error(fmt::format("{}: it is empty", source));
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      throw Error(fmt::format("{}: the key `{}` stands twice in one object", source,
                              value.get<std::string>()));
    return true;
  };
  try {
    return json::parse(text, watch);
  } catch (const json::parse_error& error) {
    const std::size_t at = std::min(text.size(), error.byte > 0 ? error.byte - 1 : 0);
    const auto begin = text.begin(), here = begin + static_cast<std::ptrdiff_t>(at);
    const std::size_t newline = at == 0 ? text.npos : text.rfind('\n', at - 1);
    throw Error(fmt::format(
        "{}:{}: it is not JSON at column {} (NaN, comments and commas behind the "
        "last are none)",
        source, 1 + std::count(begin, here, '\n'), newline == text.npos ? at + 1 : at - newline));
  } catch (const json::exception&) {
    throw Error(fmt::format("{}: it is not JSON: a number in it is too large for any", source));
  }
}

}  // namespace assay
