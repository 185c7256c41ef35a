// `assay merge OUT IN...`: what several databases know into one, and which shards lack.
#include "harness/store/merge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/import_database.h"
#include "harness/cli/output.h"
#include "harness/store/facts.h"
#include "harness/store/shards.h"

namespace assay::cli {

namespace {
struct MergeCommand {
  std::string out;
  std::vector<std::string> in;
  bool beside = false;
  std::int64_t shards = 0;  ///< that there must be; 0: whatever OUT tells
};

/// What OUT is when all is in it.
struct MergedState {
  store::MergeCounts counts;
  std::vector<store::Conflict> conflicts;
  std::vector<store::ShardedWork> works;
  std::int64_t missing = 0;
  bool none_of_them = false;  ///< of the shards that there must be
  bool complete() const {
    return missing == 0 && !none_of_them &&
           std::all_of(works.begin(), works.end(),
                       [](const auto& work) { return work.complete(); });
  }
};
}  // namespace

static nlohmann::json merged_json(const MergeCommand& options, const MergedState& state) {
  nlohmann::json conflicts = nlohmann::json::array(), works = nlohmann::json::array();
  for (const store::Conflict& one : state.conflicts) {
    conflicts.push_back({{"dataset", one.dataset},
                         {"task_id", one.task_id},
                         {"suite", one.suite},
                         {"model", one.model},
                         {"sample_id", one.sample_id},
                         {"samples", one.samples},
                         {"counts", one.counts},
                         {"other", one.other},
                         {"message", one.message},
                         {"started", one.started}});
  }
  for (const store::ShardedWork& work : state.works) {
    works.push_back({{"dataset", work.dataset},
                     {"shards", work.shards},
                     {"samples", work.samples},
                     {"ended", work.ended},
                     {"unended", work.unended},
                     {"absent", work.absent},
                     {"work", work.work}});
  }
  return {
      {"database", options.out},
      {"merged", options.in},
      {"runs", state.counts.runs},
      {"samples", {{"added", state.counts.samples_added}, {"known", state.counts.samples_known}}},
      {"verdicts",
       {{"added", state.counts.verdicts_added},
        {"known", state.counts.verdicts_known},
        {"replaced", state.counts.verdicts_replaced},
        {"uncounted", state.counts.verdicts_uncounted}}},
      {"conflicts", conflicts},
      {"shards", works},
      {"missing", state.missing},
      {"complete", state.complete()}};
}

/// "3, 5, 9 and 4 more".
static std::string some_of(const std::vector<std::int64_t>& numbers) {
  static constexpr std::size_t kShownMax = 20;
  const std::size_t shown = std::min(numbers.size(), kShownMax);
  const std::vector<std::int64_t> first(numbers.begin(),
                                        numbers.begin() + static_cast<std::ptrdiff_t>(shown));
  return fmt::format(
      "{}{}", fmt::join(first, ", "),
      numbers.size() > shown ? fmt::format(" and {} more", numbers.size() - shown) : "");
}

static void print_works(const MergedState& state) {
  for (const store::ShardedWork& work : state.works) {
    say("{}, {} samples in {} shards: {} have ended\n", work.dataset, work.samples, work.shards,
        work.ended.size());
    if (!work.unended.empty())
      say("  begun and not ended: {} (the same assay run goes on with them)\n",
          some_of(work.unended));
    if (!work.absent.empty()) say("  not there: {}\n", some_of(work.absent));
  }
  if (state.none_of_them) say("none of the shards that --shards wants is there\n");
  if (state.missing > 0)
    say("{} verdicts are missing for an internal error; assay run tries them again\n",
        state.missing);
}

static void print_merged(const MergeCommand& options, const MergedState& state) {
  const store::MergeCounts& counts = state.counts;
  say("{}: {} samples added, {} there before; {} verdicts added, {} there before, {} replaced by "
      "what was judged further or earlier\n",
      options.out, counts.samples_added, counts.samples_known, counts.verdicts_added,
      counts.verdicts_known, counts.verdicts_replaced);
  if (counts.verdicts_uncounted > 0)
    say("{} verdicts were made under other raised limits and count nowhere; assay run judges these "
        "programs anew\n",
        counts.verdicts_uncounted);
  static constexpr std::size_t kShownMax = 10;
  if (!state.conflicts.empty())
    say("{} verdicts contradict one that counts, which was judged further or earlier (table conflict "
        "keeps them):\n",
        state.conflicts.size());
  for (std::size_t i = 0; i < std::min(state.conflicts.size(), kShownMax); ++i) {
    const store::Conflict& one = state.conflicts[i];
    say("  {}, sample {} of {}, by {}: {} counts, {} was said by the run of {}\n", one.task_id,
        one.sample_id, one.model, one.suite, one.counts, one.other, one.started);
  }
  if (state.conflicts.size() > kShownMax)
    say("  ... and {} more (--json has all)\n", state.conflicts.size() - kShownMax);
  print_works(state);
}

static void refuse_itself(const MergeCommand& options) {
  for (const std::string& in : options.in) {
    std::error_code ignored;
    if (std::filesystem::equivalent(in, options.out, ignored))
      throw Error(
          fmt::format("{} cannot be merged into itself; name OUT first, then the others", in),
          ExitCode::usage);
  }
}

static int merge(const Common& common, const MergeCommand& options) {
  refuse_itself(options);
  MergedState state;
  ImportDatabase out(options.out);
  store::Merger merger(*out, options.beside);
  for (const std::string& path : options.in) {
    const auto from = store::open_to_read(path);
    const store::Snapshot snapshot(*from);
    merger.take(*from);
    if (const std::int64_t others = store::count_unmerged(*from); others > 0)
      remark(common.quiet,
             fmt::format("{} searches and trainings of {} stay there; only samples, verdicts and "
                         "scores are merged",
                         others, path));
  }
  out.keep();
  state.counts = merger.counts();
  state.conflicts = store::conflicts(*out);
  state.works = store::sharded_works(*out);
  state.missing = store::count_missing(*out);
  state.none_of_them =
      options.shards > 0 && std::ranges::none_of(state.works, [&](const auto& work) {
        return work.shards == options.shards;
      });
  if (common.json) {
    print_json(merged_json(options, state));
  } else {
    print_merged(options, state);
  }
  return static_cast<int>(state.complete() ? ExitCode::done : ExitCode::incomplete);
}

Act add_merge(CLI::App& command, const Common& common) {
  auto options = std::make_shared<MergeCommand>();
  command
      .add_option("OUT", options->out, "The database that takes all in; made where it is not there")
      ->required();
  command
      .add_option("IN", options->in, "Databases, such as those of shards; they stay as they are")
      ->required();
  command.add_flag(
      "--beside", options->beside,
      "Lay verdicts under other limits, by another Python or of other suites beside those "
      "of OUT, rather than refuse them; rates read those of the database named last");
  command
      .add_option("--shards", options->shards,
                  "How many shards there must be (default: what those that are there say)")
      ->check(CLI::Range(std::int64_t{1}, store::kShardsMax));
  command.footer(
      "All or nothing is merged, and merging again changes nothing. Of verdicts that contradict each "
      "other the one that was\njudged furthest counts, then the earliest; the others are kept, and told. "
      "Exit code 3: a shard lacks or has not ended,\nor verdicts are missing.\n"
      "Example: assay merge all.db references.db shard-*.db");
  return [&common, options] { return merge(common, *options); };
}

}  // namespace assay::cli
