#include "harness/store/migrations.h"

#include <fmt/format.h>

#include "harness/base/error.h"

extern "C" const char assay_schema_begin[], assay_schema_end[];

namespace assay::store {

/// Marks the file as ours ("assy"), so that another program's SQLite file is not written to.
static constexpr std::int64_t kApplicationId = 0x61737379;

static std::int64_t pragma(Database& database, const char* sql) {
  Statement statement = database.use(sql);
  return statement.step() ? statement.integer(0) : 0;
}

static bool is_empty(Database& database) {
  return pragma(database, "SELECT count(*) FROM sqlite_schema") == 0;
}

/// What a table of schema.sql looks like there, so that an old database gets the same one.
static std::string table_of_schema(const std::string& name) {
  const std::string schema(assay_schema_begin, assay_schema_end);
  const std::size_t begin = schema.find("CREATE TABLE " + name + " (");
  ASSAY_INVARIANT(begin != std::string::npos);
  return schema.substr(begin, schema.find(';', begin) + 1 - begin);
}

/// From `version` to the newest, inside the caller's transaction.
static void upgrade(Database& database, std::int64_t version) {
  if (version < 2) database.execute(table_of_schema("style"));    // 2026-11-22: code style
  if (version < 3) database.execute(table_of_schema("decided"));  // 2026-11-25: verdicts not needed
  database.execute(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
}

void migrate(Database& database) {
  const std::int64_t version = pragma(database, "PRAGMA user_version");
  if (version > kSchemaVersion) {
    throw Error(fmt::format(
        "{} was written by a newer assay (schema {}, this program knows {}); update assay",
        database.path(), version, kSchemaVersion));
  }
  if (version == 0 && !is_empty(database)) {
    throw Error(fmt::format("{} is a SQLite file, but not an assay database", database.path()));
  }
  if (version > 0 && pragma(database, "PRAGMA application_id") != kApplicationId) {
    throw Error(fmt::format("{} is a SQLite file, but not an assay database", database.path()));
  }
  if (version == kSchemaVersion) return;
  Transaction transaction(database);
  // Two processes may start at once: only the first finds it empty inside the transaction.
  if (is_empty(database)) {
    database.execute(std::string(assay_schema_begin, assay_schema_end));
    database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                 kApplicationId, kSchemaVersion));
  } else if (const auto now = pragma(database, "PRAGMA user_version"); now < kSchemaVersion) {
    upgrade(database, now);
  }
  transaction.commit();
}

}  // namespace assay::store
