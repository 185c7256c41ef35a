#include "reports/payload.h"

#include <zlib.h>

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/words.h"
#include "reports/document.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

using nlohmann::json;

// Texts by content: a correct program is the nearest one of many wrong ones.
class Texts {
 public:
  std::size_t index(const std::string& text) {
    const auto [at, is_new] = indices_.try_emplace(text, list_.size());
    if (is_new) list_.push_back(visible(text));
    return at->second;
  }
  json take() { return std::move(list_); }

 private:
  std::unordered_map<std::string, std::size_t> indices_;
  json list_ = json::array();
};

json program(const ReportModel& model, const FalsePositive& fp, Texts& texts) {
  json copies = json::array();
  for (const Copies& c : fp.copies) copies.push_back({visible(c.model), c.count});
  json out = {{"problem", visible(label(model, fp.dataset, fp.task_id))},
              {"kind", visible(kind_in_words(fp.kind))},
              {"suite", visible(fp.suite)},
              {"message", visible(fp.message)},
              {"input", visible(fp.input)},
              {"expected", visible(fp.expected)},
              {"actual", visible(fp.actual)},
              {"failed", fp.tests_failed},
              {"judged", fp.tests_judged},
              {"whole", fp.all_judged},
              {"copies", copies},
              {"source", texts.index(fp.source)}};
  if (fp.test) out["test"] = *fp.test;
  if (!fp.nearest_correct.empty()) out["nearest"] = texts.index(fp.nearest_correct);
  if (fp.nearest_capped) out["compared_in_part"] = true;
  return out;
}

}  // namespace

json payload(const ReportModel& model, const std::vector<const Chart*>& charts) {
  json out = {{"charts", json::object()}, {"programs", json::array()}, {"tests", json::array()}};
  for (const Chart* chart : charts)
    out["charts"][chart->id] = {
        {"spec", json::parse(chart->spec)}, {"choices", chart->choices}, {"choice", chart->choice}};
  Texts texts;
  for (const FalsePositive& fp : model.false_positives)
    out["programs"].push_back(program(model, fp, texts));
  out["texts"] = texts.take();
  for (const SuiteAdvice& advice : model.advice)  // exact, not `visible`: this is code to run
    if (!advice.code.empty())
      out["tests"].push_back({{"task_id", advice.task_id},
                              {"entry_point", advice.entry_point},
                              {"test", advice.code}});
  return out;
}

std::string packed(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string deflated(size, '\0');
  const int result = compress2(reinterpret_cast<Bytef*>(deflated.data()), &size,
                               reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), 7);
  ASSAY_INVARIANT(result == Z_OK);  // the buffer is compressBound's
  deflated.resize(size);
  return base64(deflated);
}

std::string csp_hash(std::string_view text) {
  const std::string hex = sha256(text);
  std::string digest;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    digest += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return "'sha256-" + base64(digest) + "'";
}

}  // namespace assay::reports
