// Brings a database to the schema this program knows: one frozen file for each step
// (migrations/N_name.sql), all of them in one transaction; PRAGMA user_version counts them. A newer
// database is refused, never guessed at.
#pragma once

#include "harness/store/database.h"

namespace assay::store {

inline constexpr int kSchemaVersion = 17;

/// Whether it has this program's schema. Throws Error where it is another program's, or a newer one.
bool is_current(Database& database);

/// Makes the tables of an empty database, or takes the steps that an old one lacks.
void migrate(Database& database);

}  // namespace assay::store
