// A database of one dataset and one full run, for tests to fill.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/store/database.h"
#include "harness/store/facts.h"
#include "tests/support/scratch.h"

namespace assay::tests {

struct TinyDatabase {
  Scratch scratch;
  std::unique_ptr<store::Database> database = store::open(scratch.path("r.db"), true);
  std::int64_t dataset = store::put_dataset(*database, "tiny", "v1", "");
  std::int64_t condition = store::put_condition(*database, {"{}", "strict", "3.11.2"});
  std::int64_t run =
      store::begin_run(*database, {dataset, condition, "full", "assay run", "{}", "{}"});

  std::int64_t put_problem(const std::string& task_id, int place = 0) {
    datasets::Problem one;
    one.task_id = task_id;
    one.entry_point = "f";
    return store::put_problem(*database, dataset, place, one);
  }
};

}  // namespace assay::tests
