#include "harness/tasks/tasks.h"

namespace assay::tasks {

explore::Task open(const std::string& name, const Options& options) {
  if (name == "list" || name.starts_with("list:")) return list_task(name, options);
  return table_task(name, options);
}

}  // namespace assay::tasks
