// `assay submit`: a run in shards on a cluster. The command line is read here; what it makes is submit.h's.
#include "harness/cli/submit.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "harness/base/error.h"
#include "harness/cli/output.h"
#include "harness/store/shards.h"

namespace assay::cli {

namespace fs = std::filesystem;

namespace {
/// What is said of every kind of cluster, as typed.
struct Typed {
  Submission submission;
  std::string folder;
};
}  // namespace

/// Reads them as `assay run` will, so that what it would refuse is not submitted first.
static void check_run(const std::vector<std::string>& arguments) {
  static constexpr const char* kOurs[] = {
      "--shard", "--references", "--references-only", "--db", "--jobs", "--watch", "--json"};
  CLI::App run("the arguments of assay run");
  run.set_help_flag();
  const Common common;
  const Act never = add_run(run, common);
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    if (argument.starts_with("-j") ||
        std::find(std::begin(kOurs), std::end(kOurs), name) != std::end(kOurs)) {
      throw Error(
          fmt::format("{} behind -- is for assay submit to say: it has --shards, --db, --cpus "
                      "and --output",
                      name),
          ExitCode::usage);
    }
  }
  try {
    run.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    throw Error(fmt::format("the arguments behind -- are those of assay run: {}", error.what()),
                ExitCode::usage);
  }
  if (run.count("--samples") == 0)
    throw Error("the arguments behind -- are those of assay run, which needs --samples",
                ExitCode::usage);
}

static void add_shards(CLI::App& command, Typed& typed) {
  command
      .add_option("--shards", typed.submission.shards, "How many parts the samples are dealt into")
      ->required()
      ->check(CLI::Range(std::int64_t{1}, store::kShardsMax));
  command.add_option("--cpus", typed.submission.cpus, "CPUs of a shard, and its --jobs")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command
      .add_option(
          "--save-every", typed.submission.save_every_s,
          "A shard brings what is judged so far into the folder every so many seconds: what the "
          "death of its machine may cost")
      ->type_name("SECONDS")
      ->check(CLI::Range(5, 86400))
      ->capture_default_str();
}

static void add_run_arguments(CLI::App& command, Typed& typed) {
  command.add_option("ARGUMENTS", typed.submission.run, "Behind --: the arguments of assay run")
      ->required();
}

/// Who runs this, for jobs on other machines.
static std::string own_path() {
  std::error_code trouble;
  const fs::path path = fs::read_symlink("/proc/self/exe", trouble);
  if (trouble) throw Error("cannot tell where this program lies (/proc/self/exe)");
  return path.string();
}

static int submit_to_slurm(const Common& common, const Typed& typed, SlurmCommand options) {
  check_run(typed.submission.run);
  options.submission = typed.submission;
  Submission& submission = options.submission;
  submission.here = fs::current_path().string();
  submission.out = fs::absolute(common.db).string();
  submission.folder =
      fs::absolute(typed.folder.empty() ? common.db + ".shards" : typed.folder).string();
  submission.assay = own_path();
  return submit_slurm(common, std::move(options));
}

/// Paths in a container.
static Submission in_container(const Typed& typed) {
  Submission submission = typed.submission;
  submission.folder = "/assay";
  submission.scratch = "/scratch";
  submission.out = "/assay/all.db";
  submission.assay = "assay";
  submission.here = "/assay";
  return submission;
}

Act add_submit(CLI::App& command, const Common& common) {
  command.require_subcommand(1);
  auto slurm = std::make_shared<SlurmCommand>();
  auto typed = std::make_shared<Typed>();
  CLI::App* to_slurm = command.add_subcommand(
      "slurm", "An array of shards, after a job for the references and before one that merges");
  add_shards(*to_slurm, *typed);
  to_slurm->add_option(
      "-o,--output", typed->folder,
      "Folder for scripts, logs, states and the shards' databases, seen by all nodes "
      "(default: the database's name and .shards)");
  to_slurm->add_option(
      "--scratch", typed->submission.scratch,
      "A folder of each node's own, in which databases are written (default: $TMPDIR)");
  to_slurm
      ->add_option("--sbatch", slurm->sbatch,
                   "An option for sbatch, such as --sbatch=--partition=main; again for more")
      ->allow_extra_args(false);
  to_slurm->add_flag("--wait", slurm->wait,
                     "Wait for the merge, and submit shards anew that were lost");
  to_slurm
      ->add_option("--tries", slurm->tries, "With --wait: how often a shard is submitted at most")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  to_slurm->add_flag("--dry-run", slurm->dry_run,
                     "Print the script and the commands; submit nothing");
  add_run_arguments(*to_slurm, *typed);
  to_slurm->footer(
      "The same command again submits the shards that were lost, and these alone. --db is the database "
      "that all shards are\nmerged into. Exit code 3: a shard lacks, or some samples could not be "
      "judged.\n"
      "Example: assay submit slurm --shards 8 --wait --db all.db -- --dataset humaneval --samples s.jsonl");

  auto kubernetes = std::make_shared<KubernetesCommand>();
  CLI::App* to_kubernetes = command.add_subcommand(
      "kubernetes", "Prints an Indexed Job of shards, with those for references and merge");
  add_shards(*to_kubernetes, *typed);
  to_kubernetes->add_option("--image", kubernetes->image, "The image that holds assay")->required();
  to_kubernetes
      ->add_option(
          "--claim", kubernetes->claim,
          "The PersistentVolumeClaim, writable by all pods, that is mounted at /assay: samples and "
          "results")
      ->required();
  to_kubernetes->add_option("--name", kubernetes->name, "What the Jobs are named by")
      ->capture_default_str();
  add_run_arguments(*to_kubernetes, *typed);
  to_kubernetes->footer(
      "Paths of the run are those in the pods, and begin in /assay.\n"
      "Example: assay submit kubernetes --image registry.local/assay:1 --claim data --shards 8 -- "
      "--dataset /assay/d.jsonl --samples /assay/s.jsonl | kubectl apply -f -");

  CLI::App* to_container = command.add_subcommand(
      "container", "Prints a container file, to be built in this repository's root");
  to_container->footer("Example: assay submit container > Containerfile");
  for (CLI::App* leaf : {to_slurm, to_kubernetes, to_container}) leaf->fallthrough();
  return [&common, slurm, typed, kubernetes, to_slurm, to_kubernetes] {
    if (to_slurm->parsed()) return submit_to_slurm(common, *typed, *slurm);
    if (to_kubernetes->parsed()) {
      check_run(typed->submission.run);
      kubernetes->submission = in_container(*typed);
      print_text(kubernetes_manifest(*kubernetes));
    } else {
      print_text(containerfile());
    }
    return 0;
  };
}

}  // namespace assay::cli
