#include "harness/analysis/happened.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/text.h"
#include "harness/store/generation.h"

namespace assay::analysis {

namespace {

/// "ModuleNotFoundError: No module named 'numpy.linalg' (line 1)" lacks numpy.
std::string lacking_package(const std::string& message) {
  static constexpr std::string_view kBegins = "ModuleNotFoundError: No module named '";
  if (!message.starts_with(kBegins)) return "";
  const std::string_view rest = std::string_view(message).substr(kBegins.size());
  return std::string(rest.substr(0, rest.find_first_of(".'")));
}

bool is_refused(const std::string& message) {
  return message.find("the sandbox refuses") != message.npos ||
         message.starts_with("PermissionError") || message.starts_with("BlockingIOError");
}

/// Without the place in the program or in the tests: many programs say the same of different lines.
std::string_view without_line(std::string_view message) {
  if (const std::size_t told = message.find(" of the tests: "); told != message.npos) {
    const std::size_t line = message.rfind("line ", told);
    if (line != message.npos && line >= 2) return message.substr(0, line - 2);
  }
  const std::size_t at = message.rfind(" (line ");
  return at == message.npos ? message : message.substr(0, at);
}

constexpr std::int64_t kManyMin = 10;  ///< fewer have nothing in common that tells

std::string hint_of(const std::vector<store::SaidBySamples>& said, std::int64_t samples) {
  std::map<std::string, std::int64_t> alike;
  for (const store::SaidBySamples& one : said)
    alike[fmt::format("{}, {}", name_of(one.status), without_line(one.message))] += one.samples;
  const auto most = std::max_element(
      alike.begin(), alike.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == alike.end() || most->second < kManyMin || 2 * most->second <= samples) return "";
  return fmt::format("{} of {} samples end alike: {}", grouped(most->second), grouped(samples),
                     cut(most->first, 200));
}

template <typename Counts>
std::string listed(const Counts& counts) {
  std::vector<std::pair<std::string, std::int64_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  static constexpr std::size_t kListedMax = 12;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < sorted.size() && i < kListedMax; ++i)
    words.push_back(fmt::format("{} {}", grouped(sorted[i].second), sorted[i].first));
  if (sorted.size() > kListedMax)
    words.push_back(fmt::format("{} more kinds", sorted.size() - kListedMax));
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

Happened happened(store::Database& database, const store::StoredModel& model, const Suites& suites,
                  const stats::ModelCounts& counts) {
  Happened out;
  if (model.counts_only) return out;
  out.suite = suites.proxy.front();
  out.statuses = counts.statuses;
  out.rules = store::samples_by_rule(database, model);
  const auto said = store::messages_of(database, model, out.suite);
  for (const store::SaidBySamples& one : said) {
    if (one.status != store::Status::error) continue;
    const std::string package = lacking_package(one.message);
    if (!package.empty()) out.packages[package] += one.samples;
    if (is_refused(one.message)) out.refused += one.samples;
    if (one.message.find("the sandbox refuses to write a file") != std::string::npos)
      out.refused_files += one.samples;
  }
  out.finishes = store::samples_by_finish(database, model);
  if (out.finishes.contains(store::kCut))
    out.cut_rejected = store::cut_and_rejected(database, model, out.suite);
  std::int64_t samples = 0;
  const auto judged = out.statuses.find(out.suite);
  if (judged != out.statuses.end())
    for (const auto& [status, n] : judged->second) samples += n;
  out.hint = hint_of(said, samples);
  return out;
}

std::vector<Happened> happened(store::Database& database, const Selected& selected) {
  std::vector<Happened> out;
  for (std::size_t i = 0; i < selected.models.size(); ++i)
    out.push_back(happened(database, selected.models[i], selected.suites[i], selected.counts[i]));
  return out;
}

std::vector<std::string> sentences(const Happened& happened) {
  std::vector<std::string> out;
  for (const auto& [suite, statuses] : happened.statuses)
    out.push_back(fmt::format("{}: {}", suite, listed(statuses)));
  const auto judged = happened.statuses.find(happened.suite);
  if (judged != happened.statuses.end() && judged->second.size() == 1 &&
      judged->second.begin()->first == store::name_of(store::Status::syntax))
    out.push_back(
        "none of them compiles: if they are in another language than the benchmark names (python where it "
        "names none), give it a \"language\"; if they are chat text, take the programs out by --extract");
  if (!happened.rules.empty())
    out.push_back(
        fmt::format("programs made by rules (docs/intake.md): {}", listed(happened.rules)));
  if (const auto cut = happened.finishes.find(store::kCut); cut != happened.finishes.end())
    out.push_back(
        fmt::format("{} were cut at the greatest length, of which {} rejects {}: a cut program is "
                    "not a wrong one, but counts as one",
                    grouped(cut->second), happened.suite, grouped(happened.cut_rejected)));
  if (!happened.packages.empty())
    out.push_back(
        fmt::format("lacking a package: {}; --packages NAME,... admits those that are "
                    "installed here",
                    listed(happened.packages)));
  if (happened.refused > 0)
    out.push_back(fmt::format("{} wanted what the sandbox refuses (a file, a process, the network)",
                              grouped(happened.refused)));
  if (happened.refused_files > 0)
    out.push_back(
        fmt::format("{} of these wanted to write a file; --tmp MIB gives each program a "
                    "/tmp of its own, its current folder",
                    grouped(happened.refused_files)));
  if (!happened.hint.empty()) out.push_back(happened.hint);
  return out;
}

}  // namespace assay::analysis
