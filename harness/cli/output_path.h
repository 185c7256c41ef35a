// Where a command may write its output: never over a database. Thread-safe.
#pragma once

#include <string>

namespace assay::cli {

/// Throws Error (usage) where writing `path`, as the value of `option`, would destroy the database at
/// `database` under whatever name, any other SQLite database, or a file that SQLite keeps beside one.
void refuse_database(const std::string& option, const std::string& path,
                     const std::string& database);

}  // namespace assay::cli
