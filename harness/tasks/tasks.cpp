#include "harness/tasks/tasks.h"

#include <fmt/format.h>

#include "harness/base/error.h"

namespace assay::tasks {

explore::Task open(const std::string& name, const Options& options) {
  if (name == "chains") return chains_task(options);
  if (name == "game24") return game24_task(options);
  if (name.ends_with(".json")) return table_task(name, options);
  throw Error(
      fmt::format("--task {}: there is chains, game24, and FILE.json for an explicit table", name),
      ExitCode::usage);
}

}  // namespace assay::tasks
