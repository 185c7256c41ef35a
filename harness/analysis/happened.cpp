#include "harness/analysis/happened.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/text.h"
#include "harness/base/words.h"
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

constexpr std::int64_t kManyMin = 10;  ///< fewer have nothing in common that tells

/// Samples by what the verdicts of one suite say.
using Said = std::map<store::Tally::Said, std::int64_t>;

std::string hint_of(const Said& said, std::int64_t samples) {
  const auto most = std::max_element(
      said.begin(), said.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == said.end() || most->second < kManyMin || 2 * most->second <= samples) return "";
  return fmt::format(
      "{} of {} samples end alike: {}", grouped(most->second), grouped(samples),
      cut(fmt::format("{}, {}", name_of(most->first.status), most->first.message), 200));
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

HappenedOf::HappenedOf(const Suites& suites, const stats::ModelCounts& counts) {
  if (!suites.proxy.empty()) out_.suite = suites.proxy.front();
  out_.statuses = counts.statuses;
}

void HappenedOf::add(const store::Tally& tally) {
  for (const auto& [rules, samples] : tally.rules)
    for (const std::string& rule : split(rules, ' ')) out_.rules[rule] += samples;
  for (const auto& [reason, samples] : tally.finishes) out_.finishes[reason] += samples;
  for (const store::Tally::Group& group : tally.groups) {
    const store::StoredVerdict* stored = group.verdict(out_.suite);
    if (stored && rejects(stored->verdict.status)) out_.cut_rejected += group.cut;
  }
  if (const auto here = tally.said.find(out_.suite); here != tally.said.end())
    for (const auto& [one, samples] : here->second) said_[one] += samples;
}

Happened HappenedOf::all() const {
  Happened out = out_;
  for (const auto& [one, samples] : said_) {
    if (one.status != store::Status::error) continue;
    const std::string package = lacking_package(one.message);
    if (!package.empty()) out.packages[package] += samples;
    if (is_refused(one.message)) out.refused += samples;
    if (one.message.find("the sandbox refuses to write a file") != std::string::npos)
      out.refused_files += samples;
  }
  std::int64_t samples = 0;
  const auto judged = out.statuses.find(out.suite);
  if (judged != out.statuses.end())
    for (const auto& [status, n] : judged->second) samples += n;
  out.hint = hint_of(said_, samples);
  return out;
}

Happened happened(store::Database& database, const store::StoredModel& model, const Suites& suites,
                  const stats::ModelCounts& counts) {
  if (model.counts_only) return {};
  HappenedOf out(suites, counts);
  store::for_each_tally(database, model,
                        [&](const std::string&, const store::Tally& tally) { out.add(tally); });
  return out.all();
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
