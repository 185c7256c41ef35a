// Shards on Slurm: what is lacking is submitted by sbatch, squeue says what still goes on, and the files in
// the folder say how each shard ended: sacct needs a database that many clusters do not have.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/process.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "harness/base/error.h"
#include "harness/base/numbers.h"
#include "harness/base/whole_file.h"
#include "harness/base/words.h"
#include "harness/cli/interrupt.h"
#include "harness/cli/submit.h"
#include "harness/cli/terminal.h"

namespace assay::cli {

namespace fs = std::filesystem;
namespace process = boost::process;

namespace {

using Words = std::vector<std::string>;

/// Where a program lies; empty where it is not on PATH. (Boost's own search wants Boost.Filesystem.)
std::string found_on_path(const std::string& program) {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path ? path : "", ':')) {
    std::string file = folder + "/" + program;
    if (access(file.c_str(), X_OK) == 0) return file;
  }
  return "";
}

/// What a command writes to its standard output; its messages go where ours go.
std::string output_of(const Words& words) {
  const std::string program = found_on_path(words.front());
  if (program.empty())
    throw Error(words.front() + " is not on PATH: submit from a machine of the Slurm cluster");
  process::ipstream out;
  process::child child(process::exe = program,
                       process::args = Words(words.begin() + 1, words.end()),
                       process::std_in<process::null, process::std_out> out);
  std::string text((std::istreambuf_iterator<char>(out)), {});
  child.wait();
  if (child.exit_code() != 0)
    throw Error(fmt::format("{} failed (exit code {}); what it said stands above", words.front(),
                            child.exit_code()));
  return text;
}

/// "1-4,7": as sbatch takes the numbers of an array. REQUIRES: ascending.
std::string array_of(const std::vector<std::int64_t>& numbers) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    out += fmt::format("{}{}", out.empty() ? "" : ",", numbers[i]);
    if (last > i) out += fmt::format("-{}", numbers[last]);
    i = last + 1;
  }
  return out;
}

nlohmann::json json_in(const std::string& path) {
  std::ifstream file(path);
  return nlohmann::json::parse(file, nullptr, false);
}

/// A shard's state as job.sh writes it.
struct ShardState {
  std::string state;  ///< "running", "ended", "stopped", "failed"; empty: never begun
  int exit_code = 0;
};

ShardState state_of(const std::string& folder, std::int64_t number) {
  const nlohmann::json file = json_in(fmt::format("{}/shard-{}.json", folder, number));
  if (!file.is_object()) return {};
  const auto exit_code = file.find("exit");
  return {file.value("state", ""),
          exit_code != file.end() && exit_code->is_number_integer() ? exit_code->get<int>() : 0};
}

/// Where all shards stand.
struct Standing {
  std::vector<std::int64_t> ended;  ///< ascending, as the others
  std::vector<std::int64_t> queued, running;
  std::vector<std::int64_t>
      lost;                ///< neither ended nor known to Slurm any more; or never submitted
  bool unjudged = false;   ///< an ended shard has samples that could not be judged
  bool jobs_left = false;  ///< Slurm knows a job of this folder, such as the merge
};

class SlurmRun {
 public:
  SlurmRun(const Common& common, const SlurmCommand& options)
      : common_(common), options_(options), folder_(options.submission.folder) {
    std::ifstream file(jobs_path());
    for (std::string id; file >> id;) jobs_.insert(id);
  }

  /// Throws Error where the folder is another submission's.
  void make_folder() {
    fs::create_directories(folder_);
    const std::string path = script_path(), script = job_script(options_.submission);
    std::ifstream file(path, std::ios::binary);
    const std::string there((std::istreambuf_iterator<char>(file)), {});
    if (!there.empty() && there != script)
      throw Error(
          fmt::format("{} holds a submission with other arguments; name another folder (-o), "
                      "or move that one away",
                      folder_));
    write_whole_file(path, script);
  }

  Standing standing() const {
    std::set<std::pair<std::string, std::int64_t>> known;  // job and number
    Standing found;
    std::istringstream lines(output_of({"squeue", "--me", "-h", "-r", "-o", "%F %K %T"}));
    std::set<std::int64_t> queued, running;
    for (std::string job, index, state; lines >> job >> index >> state;) {
      if (!jobs_.count(job)) continue;
      found.jobs_left = true;
      const auto number = number_in<std::int64_t>(index);
      if (number) (state == "RUNNING" ? running : queued).insert(*number);
    }
    for (std::int64_t number = 1; number <= options_.submission.shards; ++number) {
      const ShardState state = state_of(folder_, number);
      const bool has_ended = state.state == "ended";
      found.unjudged |= has_ended && state.exit_code != 0;
      (has_ended               ? found.ended
       : running.count(number) ? found.running
       : queued.count(number)  ? found.queued
                               : found.lost)
          .push_back(number);
    }
    return found;
  }

  /// The lost shards, behind the references where these are not there, and a merge behind all.
  void submit(const std::vector<std::int64_t>& lost) {
    std::error_code ignored;
    fs::remove(merged_path(), ignored);
    std::string before;
    if (!lost.empty() && !fs::exists(folder_ + "/references.db"))
      before = sbatch(references_words());
    if (!lost.empty()) {
      before = sbatch(shard_words(array_of(lost), before));
      arrays_.push_back({{"job", before}, {"shards", lost}});
    }
    sbatch(merge_words(before));
  }

  Words references_words() const { return words("references", {}); }
  Words shard_words(const std::string& array, const std::string& behind) const {
    Words more = {"--array=" + array, "--requeue", "--open-mode=append", "--signal=B:TERM@60"};
    if (!behind.empty()) {
      more.push_back("--dependency=afterok:" + behind);
      more.push_back("--kill-on-invalid-dep=yes");
    }
    return words("shard", std::move(more));
  }
  /// Behind all shards, however they ended: it says itself which lack.
  Words merge_words(const std::string& behind) const {
    Words more;
    if (!behind.empty()) more.push_back("--dependency=afterany:" + behind);
    return words("merge", std::move(more));
  }

  /// Until Slurm knows none of the jobs any more; false where the user ends it.
  bool wait(const std::atomic<bool>& stop) {
    ProgressBar bar(common_.quiet);
    for (int look = 0; !stop; ++look) {
      const Standing now = standing();
      if (!now.jobs_left) return true;
      bar.show("shards", static_cast<std::int64_t>(now.ended.size()), options_.submission.shards,
               fmt::format("{} running, {} waiting", now.running.size(), now.queued.size()));
      // Soon at first, then seldom: squeue asks the one daemon that schedules for everybody.
      for (int tenth = 0; tenth < 10 * std::min(1 + look, 10) && !stop; ++tenth)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }

  std::string script_path() const { return folder_ + "/job.sh"; }
  std::string merged_path() const { return folder_ + "/merge.json"; }
  const nlohmann::json& arrays() const { return arrays_; }

 private:
  std::string jobs_path() const { return folder_ + "/jobs"; }

  Words words(const std::string& part, Words more) const {
    Words all = {"sbatch", "--parsable", "--job-name=assay-" + part,
                 fmt::format("--output={}/{}.log", folder_, part == "shard" ? "shard-%a" : part)};
    if (part != "merge") all.push_back(fmt::format("--cpus-per-task={}", options_.submission.cpus));
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), options_.sbatch.begin(), options_.sbatch.end());
    all.push_back(script_path());
    all.push_back(part);
    return all;
  }

  /// The job's number, which is written down before anything else is done.
  std::string sbatch(const Words& all) {
    std::string answer = output_of(all);  // "12" or "12;cluster"
    const std::string job = answer.substr(0, answer.find_first_of(";\n"));
    if (!number_in<std::int64_t>(job)) throw Error("sbatch --parsable has said no job's number");
    jobs_.insert(job);
    write_whole_file(jobs_path(), fmt::format("{}\n", fmt::join(jobs_, "\n")));
    return job;
  }

  const Common& common_;
  const SlurmCommand& options_;
  const std::string folder_;
  std::set<std::string> jobs_;
  nlohmann::json arrays_ = nlohmann::json::array();
};

std::string shell_line(const Words& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + shell_word(word);
  return line;
}

int print_dry(const SlurmRun& run, const Submission& submission) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(submission.shards));
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i) + 1;
  say("# {}\n", run.script_path());
  print_text(job_script(submission));
  say("\n# Submitted by (REFERENCES and SHARDS stand for the numbers that sbatch gives):\n");
  print_text(shell_line(run.references_words()) + "\n" +
             shell_line(run.shard_words(array_of(all), "REFERENCES")) + "\n" +
             shell_line(run.merge_words("SHARDS")) + "\n");
  return 0;
}

int print_outcome(const Common& common, const SlurmCommand& options, const SlurmRun& run,
                  const Standing& now) {
  const nlohmann::json merged = json_in(run.merged_path());
  const bool is_merged = merged.is_object();
  if (common.json) {
    print_json({{"folder", options.submission.folder},
                {"shards", options.submission.shards},
                {"ended", now.ended},
                {"running", now.running},
                {"waiting", now.queued},
                {"lost", now.lost},
                {"submitted", run.arrays()},
                {"merge", is_merged ? merged : nlohmann::json(nullptr)}});
  } else {
    say("{} of {} shards have ended, {} are running, {} wait, {} are lost; {} holds their states\n",
        now.ended.size(), options.submission.shards, now.running.size(), now.queued.size(),
        now.lost.size(), options.submission.folder);
    if (!now.lost.empty())
      say("lost: {}; the log of a shard stands beside its state\n", array_of(now.lost));
    if (is_merged) say("merged into {}\n", options.submission.out);
  }
  if (!options.wait) return 0;
  if (!is_merged)
    throw Error(
        fmt::format("the shards were not merged: {}/merge.log and the logs of shards beside "
                    "it say why",
                    options.submission.folder));
  const bool complete = merged.value("complete", false) && now.lost.empty() && !now.unjudged;
  return static_cast<int>(complete ? ExitCode::done : ExitCode::incomplete);
}

}  // namespace

int submit_slurm(const Common& common, SlurmCommand options) {
  SlurmRun run(common, options);
  if (options.dry_run) return print_dry(run, options.submission);
  run.make_folder();
  const std::atomic<bool>& stop = stop_on_signals();
  Standing now = run.standing();
  for (int tries = 0; tries < options.tries; ++tries) {
    const bool merged = json_in(run.merged_path()).is_object();
    if (!now.lost.empty() || (!merged && !now.jobs_left)) {
      run.submit(now.lost);
      remark(common.quiet, fmt::format("{}shards {} are submitted", tries == 0 ? "" : "lost: ",
                                       now.lost.empty() ? "none" : array_of(now.lost)));
    }
    if (options.wait && !run.wait(stop)) {
      remark(false, "assay: interrupted; the jobs go on, and this waits for them again:");
      remark(false, "  " + common.command_line);
      return static_cast<int>(ExitCode::interrupted);
    }
    now = run.standing();
    if (!options.wait || now.lost.empty()) break;
  }
  return print_outcome(common, options, run, now);
}

}  // namespace assay::cli
