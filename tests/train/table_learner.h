// A learner without a network: logits of its own behind each text, in double precision, and Adam.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <vector>

#include "harness/models/model_room.h"

namespace assay::tests {

class TableLearner : public models::Learner {
 public:
  explicit TableLearner(std::size_t vocabulary) : vocabulary_(vocabulary) {}

  std::vector<double>& at(const std::vector<std::int32_t>& text) {
    Row& row = rows_[text];
    row.logits.resize(vocabulary_), row.mean.resize(vocabulary_), row.square.resize(vocabulary_);
    return row.logits;
  }

  /// As it is now: a copy.
  std::shared_ptr<const models::TokenModel> model() const override {
    return std::make_shared<Table>(*this);
  }

  std::vector<std::vector<double>> logits(
      const std::vector<std::vector<std::int32_t>>& texts) override {
    read_ = texts;
    std::vector<std::vector<double>> out;
    for (const auto& text : texts) {
      out.emplace_back();
      for (std::size_t length = 1; length <= text.size(); ++length) {
        const auto& here = at({text.begin(), text.begin() + std::ptrdiff_t(length)});
        out.back().insert(out.back().end(), here.begin(), here.end());
      }
    }
    return out;
  }

  void learn(const std::vector<std::vector<double>>& gradient, double rate) override {
    std::map<std::vector<std::int32_t>, std::vector<double>> sums;
    for (std::size_t row = 0; row < read_.size(); ++row)
      for (std::size_t i = 0; i < gradient[row].size(); ++i) {
        auto& sum =
            sums[{read_[row].begin(), read_[row].begin() + std::ptrdiff_t(i / vocabulary_ + 1)}];
        sum.resize(vocabulary_);
        sum[i % vocabulary_] += gradient[row][i];
      }
    for (const auto& [text, sum] : sums) {
      Row& row = rows_[text];
      ++row.steps;
      for (std::size_t i = 0; i < vocabulary_; ++i) {
        row.mean[i] = 0.9 * row.mean[i] + 0.1 * sum[i];
        row.square[i] = 0.99 * row.square[i] + 0.01 * sum[i] * sum[i];
        const double mean = row.mean[i] / (1 - std::pow(0.9, row.steps)),
                     square = row.square[i] / (1 - std::pow(0.99, row.steps));
        row.logits[i] -= rate * mean / (std::sqrt(square) + 1e-12);
      }
    }
  }

 private:
  struct Row {
    std::vector<double> logits, mean, square;
    int steps = 0;
  };
  class Table final : public models::TokenModel {
   public:
    explicit Table(const TableLearner& learner)
        : vocabulary_(learner.vocabulary_), rows_(learner.rows_) {}
    const models::Tokenizer& tokenizer() const override { std::abort(); }
    std::int32_t context() const override { return 1 << 20; }
    void read(std::span<const std::shared_ptr<models::Past>> tokens,
              std::vector<float>* logits) const override {
      logits->clear();
      for (const auto& token : tokens) {
        std::vector<std::int32_t> text;
        for (const models::Past* p = token.get(); p; p = p->before.get()) text.push_back(p->token);
        std::reverse(text.begin(), text.end());
        const auto found = rows_.find(text);
        for (std::size_t i = 0; i < vocabulary_; ++i)
          logits->push_back(found == rows_.end() ? 0 : static_cast<float>(found->second.logits[i]));
      }
    }

   private:
    std::size_t vocabulary_;
    std::map<std::vector<std::int32_t>, Row> rows_;
  };

  std::size_t vocabulary_;
  std::map<std::vector<std::int32_t>, Row> rows_;
  std::vector<std::vector<std::int32_t>> read_;
};

}  // namespace assay::tests
