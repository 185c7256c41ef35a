// The database that an import goes into, all of it in one transaction. One that the import makes goes
// again where it fails, so that no empty file is left for what was never taken in.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "harness/store/database.h"

namespace assay::cli {

class ImportDatabase {
 public:
  /// Throws Error as store::open does.
  explicit ImportDatabase(const std::string& path);
  ~ImportDatabase();
  ImportDatabase(const ImportDatabase&) = delete;
  ImportDatabase& operator=(const ImportDatabase&) = delete;

  store::Database& operator*() { return *database_; }
  /// Commits what was taken in, and what it comes to.
  void keep();

 private:
  const std::string path_;
  const bool is_new_;
  std::unique_ptr<store::Database> database_;
  std::optional<store::Transaction> transaction_;
};

}  // namespace assay::cli
