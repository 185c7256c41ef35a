#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/output.h"
#include "harness/cli/submit.h"

extern "C" {
extern const char assay_job_script_begin[], assay_job_script_end[];
}

namespace assay::cli {

std::string job_script(const Submission& submission) {
  std::string run;
  for (const std::string& word : submission.run) run += "\n  " + shell_word(word);
  return fmt::format(
             "#!/bin/bash\n"
             "# Written by assay submit. What differs between submissions stands here.\n"
             "assay={}\nhere={}\nfolder={}\nscratch={}\nout={}\nshards={}\ncpus={}\nsave_every={}\n"
             "run=({}\n)\n",
             shell_word(submission.assay), shell_word(submission.here),
             shell_word(submission.folder), shell_word(submission.scratch),
             shell_word(submission.out), submission.shards, submission.cpus,
             submission.save_every_s, run) +
         std::string(assay_job_script_begin, assay_job_script_end);
}

/// A text as YAML's reader takes it for one string, whatever is in it: JSON's strings are YAML's.
static std::string yaml_text(const std::string& text) { return json_text(text); }

/// A text of many lines as a block, so that it can be read.
static std::string yaml_block(const std::string& text, std::size_t indent) {
  std::string out = "|\n";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) out += std::string(indent, ' ') + text.substr(at, end - at);
    out += "\n";
    at = end + 1;
  }
  return out;
}

static std::string kubernetes_job(const KubernetesCommand& options, const std::string& part,
                                  const std::string& spec, const std::string& before) {
  const std::string image = yaml_text(options.image);
  return fmt::format(R"(---
apiVersion: batch/v1
kind: Job
metadata:
  name: {0}
spec:
{1}  template:
    spec:
      restartPolicy: Never
{2}      containers:
        - name: assay
          image: {3}
          command: ["bash", "/script/job.sh", "{4}"]
          resources:
            requests: {{cpu: {5}}}
            limits: {{cpu: {5}}}
          volumeMounts: &mounts
            - {{name: data, mountPath: /assay}}
            - {{name: scratch, mountPath: /scratch}}
            - {{name: script, mountPath: /script}}
      volumes:
        - name: data
          persistentVolumeClaim: {{claimName: {6}}}
        - name: scratch
          emptyDir: {{}}
        - name: script
          configMap: {{name: {7}}}
)",
                     yaml_text(options.name + "-" + part), spec, before, image, part,
                     options.submission.cpus, yaml_text(options.claim), yaml_text(options.name));
}

/// No label of a Kubernetes object is made of other characters.
static void check_kubernetes_name(const std::string& name) {
  const bool good = !name.empty() && name.size() <= 40 && name.front() != '-' &&
                    name.back() != '-' &&
                    name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == name.npos;
  if (!good)
    throw Error(fmt::format("--name {}: Kubernetes takes small letters, digits and hyphens between "
                            "them, here at most 40",
                            name),
                ExitCode::usage);
}

std::string kubernetes_manifest(const KubernetesCommand& options) {
  check_kubernetes_name(options.name);
  for (const std::string& word : options.submission.run) {
    if (word.find('\n') != word.npos)
      throw Error("an argument of several lines cannot stand in a manifest", ExitCode::usage);
  }
  const std::int64_t shards = options.submission.shards;
  const std::string wait = fmt::format(R"(      initContainers:
        - name: references
          image: {}
          command: ["bash", "-c", "until [ -s /assay/references.db ]; do sleep 5; done"]
          volumeMounts:
            - {{name: data, mountPath: /assay}}
)",
                                       yaml_text(options.image));
  return fmt::format(
             "# {0}-references runs once; the pods of {0}-shard wait for it. When {0}-shard is complete:\n"
             "#   kubectl patch job {0}-merge --patch '{{\"spec\": {{\"suspend\": false}}}}'\n"
             "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {1}\ndata:\n  job.sh: {2}",
             options.name, yaml_text(options.name), yaml_block(job_script(options.submission), 4)) +
         kubernetes_job(options, "references", "  backoffLimit: 3\n", "") +
         kubernetes_job(options, "shard",
                        fmt::format("  completionMode: Indexed\n  completions: {0}\n"
                                    "  parallelism: {0}\n  backoffLimit: {1}\n",
                                    shards, 3 * shards),
                        wait) +
         kubernetes_job(options, "merge", "  suspend: true\n  backoffLimit: 0\n", "");
}

std::string containerfile() {
  return R"(# assay and what it needs to judge Python; built in the repository's root:
#   podman build -t assay -f Containerfile .
FROM docker.io/library/debian:12 AS build
RUN apt-get update && apt-get install -y --no-install-recommends make
COPY . /source
WORKDIR /source
RUN rm -rf build && make package CMAKE_FLAGS=-DASSAY_TORCH=OFF

FROM docker.io/library/debian:12-slim
COPY --from=build /source/build/packages/assay_*.deb /
RUN apt-get update && apt-get install -y --no-install-recommends /assay_*.deb && rm -rf /assay_*.deb /var/lib/apt/lists/*
# Programs are judged in namespaces of their own: `assay doctor` says what the cluster grants.
WORKDIR /assay
CMD ["assay", "doctor"]
)";
}

}  // namespace assay::cli
