#include "harness/cli/import_database.h"

#include <filesystem>

#include "harness/base/error.h"
#include "harness/store/facts.h"
#include "harness/store/queries.h"
#include "harness/store/tally.h"

namespace assay::cli {

static bool is_there(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

ImportDatabase::ImportDatabase(const std::string& path)
    : path_(path), is_new_(!is_there(path)), database_(store::open(path, true)) {
  transaction_.emplace(*database_);
}

void ImportDatabase::keep() {
  transaction_->commit();
  transaction_.reset();
  store::keep_tallies(*database_);
}

ImportDatabase::~ImportDatabase() {
  if (!transaction_ || !is_new_) return;
  try {
    transaction_.reset();
    // Another command may have begun to fill it meanwhile.
    if (!store::stored_datasets(*database_).empty()) return;
  } catch (const Error&) {
    return;
  }
  database_.reset();
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace assay::cli
