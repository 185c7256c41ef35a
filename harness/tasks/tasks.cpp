#include "harness/tasks/tasks.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/tasks/symbols.h"

namespace assay::tasks {

explore::Task open(const std::string& name, const Options& options) {
  if (name == "chains") return chains_task(options);
  if (name == "game24") return game24_task(options);
  if (name == "symbols") return symbols_task(options);
  if (name == "list" || name.starts_with("list:")) return list_task(name, options);
  if (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")) return jsonl_task(name, options);
  if (name.ends_with(".json")) return table_task(name, options);
  throw Error(
      fmt::format("--task {}: there is chains, game24, list, list:1, list:2, list:4, symbols, "
                  "FILE.json for an explicit table and FILE.jsonl for your own problems",
                  name),
      ExitCode::usage);
}

}  // namespace assay::tasks
