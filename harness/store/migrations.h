// Brings a database to the schema this program knows. Dated, one transaction each; PRAGMA
// user_version counts them. A newer database is refused, never guessed at.
#pragma once

#include "harness/store/database.h"

namespace assay::store {

inline constexpr int kSchemaVersion = 3;

void migrate(Database& database);

}  // namespace assay::store
