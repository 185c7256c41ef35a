#include "harness/models/token_model.h"

#include <algorithm>
#include <cmath>

namespace assay::models {

std::vector<std::shared_ptr<Past>> chain(std::shared_ptr<const Past> before,
                                         std::span<const std::int32_t> tokens) {
  std::vector<std::shared_ptr<Past>> out;
  for (const std::int32_t token : tokens) {
    out.push_back(behind(std::move(before), token));
    before = out.back();
  }
  return out;
}

std::vector<double> log_softmax(std::span<const float> logits) {
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - top);
  const double log_sum = top + std::log(sum);
  std::vector<double> out;
  out.reserve(logits.size());
  for (const float logit : logits) out.push_back(logit - log_sum);
  return out;
}

}  // namespace assay::models
