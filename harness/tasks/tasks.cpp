#include "harness/tasks/tasks.h"

namespace assay::tasks {

explore::Task open(const std::string& name, const Options& options) {
  if (name.ends_with(".jsonl") || name.ends_with(".jsonl.gz")) return jsonl_task(name, options);
  return table_task(name, options);
}

}  // namespace assay::tasks
