#include "reports/page_size.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "reports/payload.h"
#include "reports/text.h"

namespace assay::reports {

// Packed size the false positives may take: with the page's own 450 KiB it stays under 3 MiB.
static constexpr std::size_t kProgramBytesMax = 2000 * 1024;
static constexpr std::size_t kValueBytesMax = 2000;  ///< of a witness
static constexpr std::size_t kSourceBytesMax = 20000;

static void cut_texts(FalsePositive& program) {
  for (std::string* text : {&program.source, &program.nearest_correct})
    *text = cut(*text, kSourceBytesMax);
  for (std::string* text : {&program.input, &program.expected, &program.actual})
    *text = cut(*text, kValueBytesMax);
}

void keep_page_small(ReportModel& model) {
  auto& list = model.false_positives;
  for (FalsePositive& program : list) cut_texts(program);
  const std::string data =
      payload(model, {}).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  const std::size_t whole = packed(data).size();
  if (whole <= kProgramBytesMax) return;
  const auto kept = static_cast<std::ptrdiff_t>(list.size() * kProgramBytesMax / whole * 9 / 10);
  std::vector<std::pair<std::int64_t, std::size_t>> ranked;
  for (std::size_t i = 0; i < list.size(); ++i)
    ranked.emplace_back(-analysis::copies_of(list[i]), i);
  std::nth_element(ranked.begin(), ranked.begin() + kept, ranked.end());
  std::set<std::size_t> chosen;
  for (std::ptrdiff_t i = 0; i < kept; ++i)
    chosen.insert(ranked[static_cast<std::size_t>(i)].second);
  std::vector<FalsePositive> left;
  for (const std::size_t i : chosen) left.push_back(std::move(list[i]));
  model.false_positives_left_out += static_cast<std::int64_t>(list.size() - left.size());
  list = std::move(left);
}

}  // namespace assay::reports
