#include "harness/store/migrations.h"

#include <fmt/format.h>

#include <sstream>
#include <string>

#include "harness/base/error.h"
#include "harness/store/statements.h"

extern "C" {
extern const char assay_schema_begin[], assay_schema_end[];
extern const char assay_migration_2_begin[], assay_migration_2_end[];
extern const char assay_migration_3_begin[], assay_migration_3_end[];
extern const char assay_migration_4_begin[], assay_migration_4_end[];
extern const char assay_migration_5_begin[], assay_migration_5_end[];
extern const char assay_migration_6_begin[], assay_migration_6_end[];
extern const char assay_migration_7_begin[], assay_migration_7_end[];
extern const char assay_migration_8_begin[], assay_migration_8_end[];
extern const char assay_migration_9_begin[], assay_migration_9_end[];
extern const char assay_migration_10_begin[], assay_migration_10_end[];
extern const char assay_migration_11_begin[], assay_migration_11_end[];
extern const char assay_migration_12_begin[], assay_migration_12_end[];
extern const char assay_migration_13_begin[], assay_migration_13_end[];
extern const char assay_migration_14_begin[], assay_migration_14_end[];
extern const char assay_migration_15_begin[], assay_migration_15_end[];
extern const char assay_migration_16_begin[], assay_migration_16_end[];
extern const char assay_migration_17_begin[], assay_migration_17_end[];
}

namespace assay::store {

/// Marks the file as ours ("assy"), so that another program's SQLite file is not written to.
static constexpr std::int64_t kApplicationId = 0x61737379;

namespace {
/// A step to `version` from the one before.
struct Migration {
  int version;
  const char *begin, *end;
};
constexpr Migration kMigrations[] = {
    {2, assay_migration_2_begin, assay_migration_2_end},
    {3, assay_migration_3_begin, assay_migration_3_end},
    {4, assay_migration_4_begin, assay_migration_4_end},
    {5, assay_migration_5_begin, assay_migration_5_end},
    {6, assay_migration_6_begin, assay_migration_6_end},
    {7, assay_migration_7_begin, assay_migration_7_end},
    {8, assay_migration_8_begin, assay_migration_8_end},
    {9, assay_migration_9_begin, assay_migration_9_end},
    {10, assay_migration_10_begin, assay_migration_10_end},
    {11, assay_migration_11_begin, assay_migration_11_end},
    {12, assay_migration_12_begin, assay_migration_12_end},
    {13, assay_migration_13_begin, assay_migration_13_end},
    {14, assay_migration_14_begin, assay_migration_14_end},
    {15, assay_migration_15_begin, assay_migration_15_end},
    {16, assay_migration_16_begin, assay_migration_16_end},
    {17, assay_migration_17_begin, assay_migration_17_end},
};
static_assert(std::size(kMigrations) == kSchemaVersion - 1);
}  // namespace

static std::int64_t version_of(Database& database) {
  Statement row = database.use(sql::kSchemaVersion);
  return row.step() ? row.integer("user_version") : 0;
}

static std::int64_t application_of(Database& database) {
  Statement row = database.use(sql::kApplicationId);
  return row.step() ? row.integer("application_id") : 0;
}

static bool is_empty(Database& database) {
  Statement row = database.use(sql::kObjectCount);
  return row.step() && row.integer("objects") == 0;
}

bool is_current(Database& database) {
  const std::int64_t version = version_of(database);
  if (version > kSchemaVersion) {
    throw Error(fmt::format(
        "{} was written by a newer assay (schema {}, this program knows {}); update assay",
        database.path(), version, kSchemaVersion));
  }
  const bool foreign =
      version <= 0 ? !is_empty(database) : application_of(database) != kApplicationId;
  if (foreign) {
    throw Error(fmt::format("{} is a SQLite file, but not an assay database", database.path()));
  }
  return version == kSchemaVersion;
}

/// Where the user has made something of a name that a step is to make, it says so: only they know what
/// to do with it.
static void refuse_taken(Database& database, const std::string& step) {
  std::istringstream lines(step);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string verb, kind, name;
    words >> verb >> kind >> name;
    if (verb != "CREATE" || step.find(fmt::format("DROP {} {};", kind, name)) != step.npos)
      continue;
    Statement found = database.use(sql::kFindObject);
    if (!found.bind(name).step()) continue;
    throw Error(fmt::format(
        "{} holds a {} of yours that is named {}, which this version of assay needs for "
        "its own: drop it, or make it under another name",
        database.path(), found.text("type"), name));
  }
}

void migrate(Database& database) {
  if (is_current(database)) return;
  Transaction transaction(database);
  // Two processes may start at once: only the first finds it empty inside the transaction.
  if (is_empty(database)) {
    database.execute(std::string(assay_schema_begin, assay_schema_end));
    database.execute(fmt::format("PRAGMA application_id = {}", kApplicationId));
  } else {
    const std::int64_t version = version_of(database);
    for (const Migration& step : kMigrations) {
      if (step.version <= version) continue;
      const std::string script(step.begin, step.end);
      refuse_taken(database, script);
      database.execute(script);
    }
  }
  database.execute(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
  transaction.commit();
}

}  // namespace assay::store
