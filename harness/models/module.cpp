// TorchScript modules as policies and as verifiers; what they take and give is in model_room.h.
#include <fmt/format.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/base/torch_library.h"
#include "harness/models/libmodel_room.h"

namespace assay::models {
namespace {

using nlohmann::json;
using torch::Tensor;

constexpr int kContextDefault = 1024, kContextMax = 8192;

/// A module and one thing to ask of it. One call at a time, on one thread: what an optimiser or the
/// order of threads would change of the numbers stays out.
class Module {
 public:
  explicit Module(const std::string& path) : path_(path) {
    try {
      module_ = torch::jit::load(path, torch::kCPU);
      module_.eval();
    } catch (const c10::Error&) {
      throw Error(
          fmt::format("{} is not a TorchScript module that this libtorch ({}) can read; save "
                      "one with torch.jit.script(...).save",
                      path, TORCH_VERSION));
    }
  }

  /// What it gives for texts of one length, on the CPU, finite.
  Tensor operator()(const std::vector<std::vector<std::int32_t>>& texts, const char* wanted,
                    std::int64_t dims) {
    const auto rows = static_cast<std::int64_t>(texts.size()),
               length = static_cast<std::int64_t>(texts[0].size());
    std::vector<std::int64_t> flat;
    for (const auto& text : texts) flat.insert(flat.end(), text.begin(), text.end());
    const Tensor tokens = torch::tensor(flat, torch::kInt64).view({rows, length});
    const std::lock_guard lock(mutex_);
    at::set_num_threads(1);
    const torch::NoGradGuard guard;
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    torch::jit::IValue value;
    try {
      value = module_.forward({tokens});
    } catch (const std::exception& error) {
      throw Error(fmt::format("{}: the module failed on tokens [{}, {}]: {}", path_, rows, length,
                              torch_reason(error.what())));
    }
    if (!value.isTensor() || value.toTensor().dim() != dims || value.toTensor().size(0) != rows ||
        (dims > 1 && value.toTensor().size(1) != length))
      throw Error(fmt::format("{}: the module must give {} for tokens [B,T]", path_, wanted));
    const Tensor out = value.toTensor().to(torch::kCPU, torch::kFloat32).contiguous();
    if (!torch::isfinite(out).all().item<bool>())
      throw Error(fmt::format("{}: the module gives numbers that are not finite", path_));
    return out;
  }
  Tensor logits(const std::vector<std::vector<std::int32_t>>& texts) {
    return (*this)(texts, "logits [B,T,V]", 3);
  }

 private:
  std::string path_;
  std::mutex mutex_;
  torch::jit::Module module_;
};

struct Beside {
  std::shared_ptr<const PieceTokenizer> tokenizer;
  std::int32_t context = kContextDefault;
};

/// FILE.json; none where there is none.
std::optional<Beside> read_beside(const std::string& module) {
  const std::string path = module + ".json";
  if (!std::filesystem::exists(path)) return std::nullopt;
  const json root = json::parse(read_text_file(path), nullptr, false);
  const auto refuse = [&](const std::string& why) -> void {
    throw Error(fmt::format("{}: {}", path, why));
  };
  if (!root.is_object() || !root.contains("pieces") || !root["pieces"].is_array() ||
      root["pieces"].empty())
    refuse("it must be an object with `pieces`, an array of texts");
  std::vector<std::string> pieces;
  for (const json& piece : root["pieces"]) {
    if (!piece.is_string()) refuse("`pieces` must be texts");
    pieces.push_back(piece.get<std::string>());
  }
  const auto number = [&](const char* key, std::int32_t otherwise, std::int32_t most) {
    if (!root.contains(key)) return otherwise;
    if (!root[key].is_number_integer() || root[key] < 0 || root[key] > most)
      refuse(fmt::format("`{}` must be a whole number from 0 to {}", key, most));
    return root[key].get<std::int32_t>();
  };
  constexpr std::int32_t kTokensMax = 1 << 24;
  Beside out;
  try {
    out.tokenizer = std::make_shared<PieceTokenizer>(
        std::move(pieces), number("begin", -1, kTokensMax), number("end", -1, kTokensMax));
  } catch (const Error& error) {
    throw Error(fmt::format("{} {}", path, error.what()));
  }
  out.context = std::max(1, number("context", kContextDefault, kContextMax));
  return out;
}

std::shared_ptr<const PieceTokenizer> bytes_with(std::int32_t begin, std::int32_t end) {
  const PieceTokenizer bytes = PieceTokenizer::of({});
  return std::make_shared<PieceTokenizer>(bytes.pieces(), begin, end);
}

class ModuleModel final : public TokenModel {
 public:
  explicit ModuleModel(const std::string& path) : module_(path) {
    const std::int64_t size = module_.logits({{0}}).size(2);
    if (const std::optional<Beside> beside = read_beside(path)) {
      tokenizer_ = beside->tokenizer;
      context_ = beside->context;
    } else {
      tokenizer_ = size == 256 ? bytes_with(-1, -1) : bytes_with(256, 257);
    }
    if (tokenizer_->size() != size)
      throw Error(fmt::format(
          "{}: the module has a vocabulary of {}, and {} has {} tokens", path, size,
          std::filesystem::exists(path + ".json")
              ? path + ".json"
              : "256 bytes with a beginning and an end (" + path + ".json would say others)",
          tokenizer_->size()));
  }
  const Tokenizer& tokenizer() const override { return *tokenizer_; }
  std::int32_t context() const override { return context_; }

  void read(std::span<const std::shared_ptr<Past>> tokens,
            std::vector<float>* logits) const override {
    if (!logits) return;  // nothing is kept
    const auto size = static_cast<std::size_t>(tokenizer_->size());
    logits->resize(tokens.size() * size);
    std::map<std::int32_t, std::vector<std::size_t>> by_length;
    for (std::size_t i = 0; i < tokens.size(); ++i) by_length[tokens[i]->length].push_back(i);
    for (const auto& [length, rows] : by_length) {
      std::vector<std::vector<std::int32_t>> texts;
      for (const std::size_t i : rows) {
        texts.emplace_back(static_cast<std::size_t>(length));
        auto at = texts.back().rbegin();
        for (const Past* past = tokens[i].get(); past; past = past->before.get())
          *at++ = past->token;
      }
      const Tensor last = module_.logits(texts).select(1, length - 1).contiguous();
      if (last.size(1) != tokenizer_->size())
        throw Error("the module's vocabulary changed between two calls");
      for (std::size_t r = 0; r < rows.size(); ++r)
        std::copy_n(last.data_ptr<float>() + r * size, size,
                    logits->begin() + static_cast<std::ptrdiff_t>(rows[r] * size));
    }
  }

 private:
  mutable Module module_;
  std::shared_ptr<const PieceTokenizer> tokenizer_;
  std::int32_t context_ = kContextDefault;
};

class ModuleVerifier final : public search::PrefixVerifier {
 public:
  explicit ModuleVerifier(const std::string& path) : path_(path), module_(path) {
    const std::optional<Beside> beside = read_beside(path);
    tokenizer_ = beside ? beside->tokenizer : bytes_with(256, 257);
    if (beside) context_ = beside->context;
  }
  search::Stage stage() const override { return search::Stage::prefixes; }

  std::vector<search::Score> score(const search::Problem& problem,
                                   std::span<const search::Prefix> prefixes) override {
    const auto prompt = prompt_tokens(*tokenizer_, problem.prompt);
    std::vector<search::Score> scores(prefixes.size());
    std::map<std::size_t, std::vector<std::size_t>> by_length;
    std::vector<std::vector<std::int32_t>> texts(prefixes.size());
    for (std::size_t i = 0; prompt && i < prefixes.size(); ++i) {
      const auto answer = tokenizer_->encode(search::text_of(prefixes[i]));
      if (!answer) continue;
      texts[i] = *prompt;
      texts[i].insert(texts[i].end(), answer->begin(), answer->end());
      if (!texts[i].empty() && texts[i].size() <= static_cast<std::size_t>(context_))
        by_length[texts[i].size()].push_back(i);
    }
    for (const auto& [length, rows] : by_length) {
      std::vector<std::vector<std::int32_t>> batch;
      for (const std::size_t i : rows) batch.push_back(std::move(texts[i]));
      const Tensor out = module_(batch, "scores [B]", 1);
      constexpr float kRounding = 1e-5f;
      for (std::size_t r = 0; r < rows.size(); ++r) {
        const float score = out.data_ptr<float>()[r];
        if (score < -kRounding || score > 1 + kRounding)
          throw Error(fmt::format("{}: the module gave the score {:g}; scores are from 0 to 1",
                                  path_, score));
        scores[rows[r]] = {std::clamp(double{score}, 0.0, 1.0), true};
      }
    }
    return scores;
  }

 private:
  std::string path_;
  Module module_;
  std::shared_ptr<const PieceTokenizer> tokenizer_;
  std::int32_t context_ = kContextDefault;
};

}  // namespace

std::shared_ptr<const TokenModel> LibmodelRoom::module_model(const std::string& path) const {
  return std::make_shared<ModuleModel>(path);
}

std::unique_ptr<search::PrefixVerifier> LibmodelRoom::module_verifier(
    const std::string& path) const {
  return std::make_unique<ModuleVerifier>(path);
}

}  // namespace assay::models
