// What `assay submit` makes of one command line: the script that a cluster's jobs run, and the files that
// a cluster is given. Pure but for submit_slurm.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/cli/command.h"

namespace assay::cli {

struct Submission {
  std::int64_t shards = 0;
  std::vector<std::string> run;  ///< arguments of `assay run`
  std::int64_t cpus = 1;         ///< of a shard
  std::int64_t save_every_s = 60;
  std::string
      folder;  ///< seen by all jobs: scripts, states, the shards' databases; an absolute path
  std::string scratch;  ///< each machine's own; empty: $TMPDIR, or /tmp
  std::string out;      ///< the database of all shards; an absolute path
  std::string assay;    ///< the program, as jobs find it
  std::string here;     ///< where relative paths of `run` begin
};
/// The script job.sh: `job.sh references`, `job.sh shard`, `job.sh merge`.
std::string job_script(const Submission& submission);

struct SlurmCommand {
  Submission submission;
  std::vector<std::string> sbatch;  ///< options of the user's
  bool wait = false, dry_run = false;
  int tries = 3;  ///< how often a shard is submitted while we wait
};
int submit_slurm(const Common& common, SlurmCommand options);

struct KubernetesCommand {
  Submission submission;
  std::string name = "assay", image, claim;
};
/// A ConfigMap with the script and three Jobs: references, the shards (Indexed), and, suspended, merge.
std::string kubernetes_manifest(const KubernetesCommand& options);
std::string containerfile();

}  // namespace assay::cli
