#include "harness/store/assertions.h"

#include "harness/store/statements.h"

namespace assay::store {

void put_assertions(Database& database, std::int64_t suite_id,
                    const std::vector<datasets::Assertion>& assertions) {
  std::int64_t test = 0;
  for (const datasets::Assertion& one : assertions)
    database.use(sql::kPutAssertion)
        .bind(suite_id)
        .bind(test++)
        .bind(one.text)
        .bind(one.weight)
        .run();
}

void retire_assertions(Database& database, std::int64_t dataset_id, const std::string& suite) {
  database.use(sql::kRetireAssertions).bind(dataset_id).bind(suite).run();
}

bool is_other_suite(Database& database, const std::string& name) {
  Statement find = database.use(sql::kFindOtherSuite);
  return find.bind(name).step();
}

std::vector<StoredAssertions> assertions_of(Database& database, std::int64_t dataset_id,
                                            const std::string& suite) {
  std::vector<StoredAssertions> out;
  Statement rows = database.use(sql::kAssertions);
  rows.bind(dataset_id).bind(suite);
  while (rows.step()) {
    const std::string task_id = rows.text("task_id");
    if (out.empty() || out.back().task_id != task_id)
      out.push_back({task_id, rows.text("hash"), {}});
    out.back().assertions.push_back({rows.text("text"), rows.real("weight")});
  }
  return out;
}

}  // namespace assay::store
