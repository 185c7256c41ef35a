#include "harness/store/acceptance.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "harness/base/error.h"
#include "harness/base/words.h"

namespace assay::store {

static constexpr std::string_view kLeast = ">=";

bool speaks_of_score(const std::string& word) { return word.find(kLeast) != word.npos; }

std::optional<std::string> trouble_of_verifier(const std::string& name) {
  if (name.empty()) return "is empty";
  if (const auto trouble = trouble_of_name(name)) return trouble;
  if (name.find_first_of("+|,") != name.npos || name.find(kLeast) != name.npos)
    return "holds a comma, \"+\", \"|\" or \">=\", which join verifiers in --proxy";
  return std::nullopt;
}

static void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

Acceptance::Word Acceptance::read(const std::string& text) {
  if (!speaks_of_score(text)) return {{text}, {}};
  const auto refuse = [&](const std::string& why) {
    throw Error(fmt::format("--proxy {}: {}; it is written NAME>=x, base+NAME>=x (both accept) or "
                            "base|NAME>=x (either does)",
                            text, why),
                ExitCode::usage);
  };
  Word word;
  char joint = 0;
  for (std::size_t at = 0;;) {
    // A number may hold a "+" too (1e+3), so that it is read before the next joint is looked for.
    const std::size_t end = std::min(text.find_first_of("+|", at), text.size());
    const std::size_t least = text.find(kLeast, at);
    const std::string name = text.substr(at, std::min(least, end) - at);
    if (name.empty()) refuse("a name is missing");
    if (least < end) {
      Threshold& one = word.scores.emplace_back(Threshold{name});
      const char *begin = text.data() + least + kLeast.size(), *last = text.data() + text.size();
      const auto [behind, error] = std::from_chars(begin, last, one.least);
      if (error != std::errc() || !std::isfinite(one.least))
        refuse(fmt::format("behind {}>= no number follows", name));
      at = static_cast<std::size_t>(behind - text.data());
    } else {
      word.suites.push_back(name);
      at = end;
    }
    if (at == text.size()) break;
    const char here = text[at++];
    if (here != '+' && here != '|') refuse(fmt::format("\"{}\" is not read", text.substr(at - 1)));
    if (joint != 0 && here != joint) refuse("\"+\" and \"|\" stand in one word");
    joint = here;
  }
  word.any = joint == '|';
  return word;
}

Acceptance::Acceptance(const std::vector<std::string>& words) {
  for (const std::string& text : words) {
    const Word& word = words_.emplace_back(read(text));
    for (const std::string& suite : word.suites) {
      add_once(suites_, suite);
      if (!word.any) add_once(needed_, suite);
    }
    for (const Threshold& one : word.scores) add_once(verifiers_, one.verifier);
  }
}

std::optional<double> Acceptance::score_of(const std::string& verifier,
                                           std::span<const std::optional<double>> scores) const {
  const auto found = std::find(verifiers_.begin(), verifiers_.end(), verifier);
  return scores[static_cast<std::size_t>(found - verifiers_.begin())];
}

std::optional<bool> Acceptance::accepts(const std::vector<SuiteStatus>& verdicts,
                                        std::span<const std::optional<double>> scores) const {
  std::optional<bool> accepted = passes(verdicts, needed_);
  if (!accepted) return std::nullopt;
  for (const Word& word : words_) {
    bool all = true, any = false;
    const auto judge = [&](bool accepts) { all &= accepts, any |= accepts; };
    for (const Threshold& one : word.scores) {
      const std::optional<double> score = score_of(one.verifier, scores);
      if (!score) return std::nullopt;
      judge(*score >= one.least);
    }
    if (word.any) {
      for (const std::string& suite : word.suites) {
        const std::optional<bool> passed = passes(verdicts, {suite});
        if (!passed) return std::nullopt;
        judge(*passed);
      }
    }
    accepted = *accepted && (word.any ? any : all);
  }
  return accepted;
}

}  // namespace assay::store
