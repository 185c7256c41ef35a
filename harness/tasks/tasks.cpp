#include "harness/tasks/tasks.h"

namespace assay::tasks {

explore::Task open(const std::string& name, const Options& options) {
  return table_task(name, options);
}

}  // namespace assay::tasks
