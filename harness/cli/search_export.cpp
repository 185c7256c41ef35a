#include "harness/cli/search_export.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/base/whole_file.h"
#include "harness/cli/output.h"

namespace assay::cli {

void export_samples(const std::string& folder, const explore::Task& task, std::uint64_t seed,
                    const std::string& policy, const std::vector<explore::Sampled>& sampled) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    throw Error(fmt::format("--export {}: the folder cannot be made: {}", folder, error.message()));
  const auto path = [&](const char* name) {
    return (std::filesystem::path(folder) / name).string();
  };
  if (task.benchmark->row) {
    const std::string version = fmt::format("seed {}", seed);
    std::string problems = json_text({{"dataset", task.name}, {"version", version}}) + "\n";
    for (const search::Problem& problem : task.problems)
      problems += task.benchmark->row(problem) + "\n";
    write_whole_file(path("problems.jsonl"), problems);
  }
  std::string samples;
  std::vector<std::size_t> count(task.problems.size());
  for (const explore::Sampled& one : sampled) {
    const search::Problem& problem = task.problems[one.problem];
    samples += json_text({{"task_id", problem.task_id},
                          {"model", policy},
                          {"sample_id", std::to_string(count[one.problem]++)},
                          {"solution", task.benchmark->program(problem, one.answer)}}) +
               "\n";
  }
  write_whole_file(path("samples.jsonl"), samples);
}

}  // namespace assay::cli
