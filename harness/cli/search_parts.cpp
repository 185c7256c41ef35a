#include "harness/cli/search_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ranges>

#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/words.h"
#include "harness/explore/verifiers.h"
#include "harness/models/gpt.h"
#include "harness/models/model_room.h"
#include "harness/models/token_policy.h"
#include "harness/models/verifiers.h"
#include "harness/tasks/recorded.h"

namespace assay::cli {
namespace {

template <typename Made>
std::string names_of(const std::map<std::string, Made>& made) {
  return fmt::format("{}", fmt::join(made | std::views::keys, ", "));
}

std::unique_ptr<search::PrefixVerifier> wrapped(search::PrefixVerifier& inner,
                                                const std::string& wrapper, const std::string& text,
                                                const explore::Task& task, search::Policy& policy,
                                                const PartOptions& options,
                                                const std::atomic<bool>& stop) {
  const std::size_t equals = wrapper.find('=');
  const std::string name = wrapper.substr(0, equals);
  std::optional<double> value;  // none where it is below 0
  if (equals != wrapper.npos)
    value = number_in<double>(std::string_view(wrapper).substr(equals + 1));
  if (value && *value < 0) value.reset();
  if (name == "calibrated" && equals == wrapper.npos) {
    if (!task.calibration)
      throw Error(
          fmt::format(
              "--verifier {}: the task has no problems left to calibrate on, none of "
              "which may be among those it is tried on; give --problems fewer than there are",
              text),
          ExitCode::usage);
    return std::make_unique<explore::Calibrated>(inner, task.calibration(), policy, options.samples,
                                                 options.seed, options.jobs, stop);
  }
  if (name == "cached" && equals == wrapper.npos) return std::make_unique<explore::Cached>(inner);
  if (name == "threshold" && value) {
    if (*value > 1)
      throw Error(fmt::format("--verifier {}: the score of `+threshold` is from 0 to 1", text),
                  ExitCode::usage);
    return std::make_unique<explore::Threshold>(inner, *value);
  }
  if (name == "bounded" && value) return std::make_unique<explore::Bounded>(inner, *value);
  if (name == "noise" && value)
    return std::make_unique<explore::Noisy>(inner, *value, options.seed);
  if (name == "systematic" && value) {
    if (*value > 1)
      throw Error(fmt::format("--verifier {}: the share of `+systematic` is from 0 to 1", text),
                  ExitCode::usage);
    if (!task.fault)
      throw Error(fmt::format("--verifier {}: the task cannot tell where an answer went wrong, "
                              "which `+systematic` needs",
                              text),
                  ExitCode::usage);
    return std::make_unique<explore::Systematic>(inner, task.fault, *value, options.seed);
  }
  for (const auto& [known, needed] : {std::pair{"bounded", "LOGODDS"},
                                      {"noise", "SIGMA"},
                                      {"systematic", "SHARE"},
                                      {"threshold", "SCORE"}})
    if (name == known)
      throw Error(fmt::format("--verifier {}: write +{}={}, a number that is not below 0", text,
                              name, needed),
                  ExitCode::usage);
  throw Error(
      fmt::format(
          "--verifier {}: `+{}` is not known; there is +calibrated, +bounded=LOGODDS, +noise=SIGMA, "
          "+systematic=SHARE, +threshold=SCORE and +cached",
          text, wrapper),
      ExitCode::usage);
}

/// What stands behind "kind:"; none where `text` is of another kind.
std::optional<std::string> behind_kind(std::string_view text, std::string_view kind) {
  if (!text.starts_with(kind)) return std::nullopt;
  return std::string(text.substr(kind.size()));
}

/// A model of tokens that `text` names; null where it names none.
std::shared_ptr<const models::TokenModel> token_model(const std::string& text) {
  if (const auto path = behind_kind(text, "gpt:"))
    return std::make_shared<models::Gpt>(models::load(*path));
  if (const auto path = behind_kind(text, "module:"))
    return models::model_room().module_model(*path);
  if (text.starts_with(models::kLlama2cPrefix))
    return std::make_shared<models::Gpt>(models::load_own(text));
  return nullptr;
}

/// A model as a verifier; null where `text` names none.
std::unique_ptr<search::PrefixVerifier> model_verifier(const std::string& text) {
  if (const auto path = behind_kind(text, "gpt:"))
    return std::make_unique<models::GenerativeVerifier>(
        std::make_shared<models::Gpt>(models::load(*path)));
  if (const auto path = behind_kind(text, "module:"))
    return models::model_room().module_verifier(*path);
  if (const auto path = behind_kind(text, "prm:")) {
    auto gpt = std::make_shared<models::Gpt>(models::load(*path));
    if (!gpt->config().value)
      throw Error(
          fmt::format("--verifier {}: the model has no value head; `assay train prm` makes "
                      "one that has",
                      text));
    return std::make_unique<models::ValueVerifier>(std::move(gpt));
  }
  return nullptr;
}

std::unique_ptr<search::PrefixVerifier> recorded(const std::string& name, const std::string& text,
                                                 bool any_number, const PartOptions& options) {
  if (!options.file)
    throw Error(fmt::format("--verifier {}: it has scores of samples in a file: --policy {}FILE "
                            "names them",
                            text, tasks::kSamplesPrefix),
                ExitCode::usage);
  return tasks::recorded_verifier(name, options.file, any_number, options.tell);
}

}  // namespace

std::unique_ptr<search::Policy> make_policy(const std::string& text, const explore::Task& task,
                                            const PartOptions& options) {
  const auto own = task.policies.find(text);
  if (own != task.policies.end()) return own->second();
  if (text.starts_with(Servers::kPrefix) && !task.problems.empty() && task.problems[0].tool)
    throw Error(
        fmt::format("--policy {}: the task {} has a tool whose results are put in while an "
                    "answer is written, and behind a server nobody does that; take gpt:FILE, "
                    "llama2c:FILE,TOKENIZER or module:FILE.pt",
                    text, task.name),
        ExitCode::usage);
  if (text.starts_with(Servers::kPrefix))
    return options.servers->policy(text.substr(Servers::kPrefix.size()), options.step,
                                   options.sampling);
  if (auto model = token_model(text))
    return std::make_unique<models::TokenPolicy>(std::move(model), options.step, options.sampling);
  throw Error(
      fmt::format("--policy {}: for the task {} there is {}{}gpt:FILE, llama2c:FILE,TOKENIZER, "
                  "module:FILE.pt, samples:FILE and endpoint:URL",
                  text, task.name, names_of(task.policies), task.policies.empty() ? "" : ", "),
      ExitCode::usage);
}

std::unique_ptr<search::Policy> make_proposal(const std::string& text, double temperature,
                                              const std::string& policy_text,
                                              const search::Policy& policy,
                                              const explore::Task& task,
                                              const PartOptions& options) {
  const auto refuse = [&](const std::string& why) {
    throw Error(fmt::format("--proposal {}: {}", text, why), ExitCode::usage);
  };
  if (!policy.capabilities().follows)
    refuse(
        fmt::format("--policy {} cannot tell how likely it writes a step that another has drawn; "
                    "models (gpt:, llama2c:, module:) and tables can",
                    policy_text));
  const auto own = task.proposals.find(text);
  if (own != task.proposals.end() && text == policy_text) {
    auto proposal = own->second();
    for (const search::Problem& problem : task.problems) {
      const auto written = task.tables.find(text);
      if (written == task.tables.end()) break;
      if (const auto missing = search::never_proposed(written->second(problem))) {
        options.tell(fmt::format(
            "--proposal {}: of problem {} it never draws {}, which the policy writes and the "
            "verifier may accept: no number of particles finds an answer that begins so",
            text, problem.task_id, *missing));
        break;
      }
    }
    return proposal;
  }
  auto model = token_model(text);
  if (!model)
    refuse(fmt::format("there is {}gpt:FILE, llama2c:FILE,TOKENIZER and module:FILE.pt",
                       task.proposals.empty() ? "" : names_of(task.proposals) + ", "));
  const auto* other = dynamic_cast<const models::TokenPolicy*>(&policy);
  if (!other || !models::same_tokens(model->tokenizer(), other->model().tokenizer()))
    refuse(
        fmt::format("it has other tokens than --policy {}, so that neither can tell how likely "
                    "it writes the other's steps",
                    policy_text));
  return std::make_unique<models::TokenPolicy>(std::move(model), options.step,
                                               search::Sampling{temperature, 1});
}

VerifierChain make_verifier(const std::string& text, const explore::Task& task,
                            search::Policy& policy, const PartOptions& options,
                            const std::atomic<bool>& stop) {
  const std::vector<std::string> parts = split(text, '+');
  const std::string base = parts.empty() ? "" : parts[0];
  VerifierChain chain;
  if (const auto own = task.verifiers.find(base); own != task.verifiers.end())
    chain.add(own->second());
  else if (base == "truth")
    chain.add(std::make_unique<explore::Truth>(task));
  else if (base.starts_with(Servers::kPrefix))
    chain.add(options.servers->verifier(base.substr(Servers::kPrefix.size())));
  else if (const auto name = behind_kind(base, tasks::kRecordedPrefix))
    chain.add(recorded(*name, text, parts.size() > 1 && parts[1] == "calibrated", options));
  else if (auto model = model_verifier(base))
    chain.add(std::move(model));
  else
    throw Error(
        fmt::format("--verifier {}: for the task {} there is truth, {}{}gpt:FILE, prm:FILE, "
                    "module:FILE.pt, recorded:FILE and endpoint:URL",
                    text, task.name, names_of(task.verifiers), task.verifiers.empty() ? "" : ", "),
        ExitCode::usage);
  for (std::size_t i = 1; i < parts.size(); ++i)
    chain.add(wrapped(chain.verifier(), parts[i], text, task, policy, options, stop));
  return chain;
}

}  // namespace assay::cli
