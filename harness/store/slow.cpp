#include "harness/store/slow.h"

#include "harness/base/error.h"
#include "harness/store/judging.h"
#include "harness/store/statements.h"

namespace assay::store {

void put_slow_verdict(Database& database, const SlowVerdict& verdict) {
  ASSAY_INVARIANT(verdict.status != Status::missing);
  database.use(sql::kPutSlowVerdict)
      .bind(verdict.program_id)
      .bind(verdict.suite_id)
      .bind(verdict.condition_id)
      .bind(verdict.times)
      .bind(name_of(verdict.status))
      .bind(verdict.cpu_ms)
      .run();
}

SlowVerdicts slow_verdicts(Database& database, std::int64_t condition_id) {
  SlowVerdicts found;
  Statement rows = database.use(sql::kSlowVerdicts);
  rows.bind(condition_id);
  while (rows.step()) {
    const std::int64_t problem = rows.integer("problem_id"), program = rows.integer("program_id");
    std::string suite = rows.text("suite");
    const Status status = read_status(database, rows.text("status"));
    found.emplace(std::tuple(problem, program, std::move(suite)), status);
  }
  return found;
}

}  // namespace assay::store
