#include "harness/tasks/tasks.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/tasks/sources.h"

namespace assay::tasks {

/// Whether the first row of a file of JSON is that of a benchmark: one with tests, in any form that
/// `assay run` knows. Explicit tables are no rows.
static bool is_benchmark(const std::string& path) {
  LineReader reader(path);
  std::string line;
  if (!reader.next_filled(line)) return false;
  if (line[line.find_first_not_of(" \t\r\f\v")] == '[') return true;
  const nlohmann::json row = nlohmann::json::parse(line, nullptr, false);
  if (!row.is_object() || row.contains("answer")) return false;
  const auto keys = {"dataset", "entry_point", "base", "plus", "tests", "suites", "test_list"};
  return std::any_of(keys.begin(), keys.end(), [&](const char* key) { return row.contains(key); });
}

explore::Task open(const std::string& name, const Options& options) {
  if (datasets::known_dataset(name)) return benchmark_task(name, options);
  if (name.starts_with("arithmetic")) return arithmetic_task(name, options);
  if (name == "chains") return chains_task(options);
  if (name == "game24") return game24_task(options);
  if (name == "stories") return stories_task(options);
  if (const Source* source = source_of(name)) return source_task(name, *source);
  if (name == "list" || name.starts_with("list:")) return list_task(name, options);
  if (name == "thoughts" || name.starts_with("thoughts:")) return thoughts_task(name, options);
  std::error_code error;
  if (std::filesystem::is_regular_file(name, error)) {
    if (is_benchmark(name)) return benchmark_task(name, options);
    return name.ends_with(".json") ? table_task(name, options) : jsonl_task(name, options);
  }
  if (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")) return jsonl_task(name, options);
  if (name.ends_with(".json")) return table_task(name, options);
  throw Error(
      fmt::format(
          "--task {}: there is arithmetic, arithmetic:mixed, arithmetic:reversed (each also with a file of questions behind a comma), chains, game24, list, list:1, list:2, list:4, numbers, stories, symbols, thoughts, FILE.json "
          "for an explicit table, FILE.jsonl for your own problems, and the benchmarks "
          "humaneval, mbpp and builtin",
          name),
      ExitCode::usage);
}

explore::Fault fault_of_answers(decltype(explore::Task::truth) truth) {
  return [truth = std::move(truth)](const search::Problem& problem,
                                    const search::Prefix& prefix) -> std::optional<std::uint64_t> {
    if (prefix->finish == search::Finish::open || truth(problem, prefix) > 0) return std::nullopt;
    return RandomStream(0, problem.answer(prefix)).next();
  };
}

}  // namespace assay::tasks
