#include "harness/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>
#include <system_error>

#include "harness/base/error.h"

namespace assay::store {

/// How long another process may hold the database before we give up.
static constexpr int kBusyMs = 10'000;

[[noreturn]] static void fail(sqlite3* connection, int code, const std::string& path) {
  const int primary = code & 0xff;
  if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) {
    throw Error(
        fmt::format("{} is held by another process; wait for it or use another --db", path));
  }
  if (primary == SQLITE_FULL) {
    throw Error(fmt::format(
        "no space left to write {}; what was stored before is safe, free some space and run again",
        path));
  }
  if (primary == SQLITE_NOTADB) {
    throw Error(fmt::format("{} is not an assay database (not SQLite)", path));
  }
  if (primary == SQLITE_READONLY || primary == SQLITE_PERM) {
    throw Error(fmt::format("{} cannot be written (read-only file or folder)", path));
  }
  const int reason = connection ? sqlite3_system_errno(connection) : 0;
  if (primary == SQLITE_CANTOPEN && reason != 0) {
    throw Error(fmt::format("cannot open the database {} or the files beside it: {}", path,
                            std::generic_category().message(reason)));
  }
  throw Error(
      fmt::format("{}: {}", path, connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code)));
}

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(connection_, code, path_);
}
Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}
Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(statement_, next_++, value));
  return *this;
}
Statement& Statement::bind(std::string_view text) {
  check(sqlite3_bind_text64(statement_, next_++, text.data() ? text.data() : "", text.size(),
                            SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}
Statement& Statement::bind_blob(std::string_view bytes) {
  check(sqlite3_bind_blob64(statement_, next_++, bytes.data() ? bytes.data() : "", bytes.size(),
                            SQLITE_TRANSIENT));
  return *this;
}
Statement& Statement::bind_null() {
  check(sqlite3_bind_null(statement_, next_++));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(connection_, code, path_);
}
void Statement::run() {
  while (step()) {
  }
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }
std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return bytes ? std::string(bytes,
                             static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
               : std::string();
}
std::string Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes ? std::string(bytes,
                             static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
               : std::string();
}
bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Database::Database(const std::string& path, bool create) : path_(path) {
  if (!create && !std::filesystem::exists(path)) {
    throw Error(
        fmt::format("there is no database {}; `assay run` makes one, --db names another", path));
  }
  const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(path.c_str(), &connection_, flags, nullptr);
  if (code != SQLITE_OK) {
    const int reason = sqlite3_system_errno(connection_);
    sqlite3_close(connection_);
    std::error_code ignored;
    const std::string why = std::filesystem::is_directory(path, ignored) ? "it is a folder"
                            : reason != 0 ? std::generic_category().message(reason)
                                          : sqlite3_errstr(code);
    throw Error(fmt::format("cannot open the database {}: {}", path, why));
  }
  sqlite3_busy_timeout(connection_, kBusyMs);
  try {
    // FULL: a committed verdict survives a power cut too; we commit about twice a second.
    execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
  } catch (...) {
    sqlite3_close(connection_);
    throw;
  }
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

Statement Database::use(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (!statement) {
    const int code =
        sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) fail(connection_, code, path_);
  }
  ASSAY_INVARIANT(!sqlite3_stmt_busy(statement));
  return Statement(connection_, statement, path_);
}

void Database::execute(const std::string& script) {
  const int code = sqlite3_exec(connection_, script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(connection_, code, path_);
}

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(connection_); }
std::int64_t Database::changes() const { return sqlite3_changes64(connection_); }

Transaction::Transaction(Database& database) : database_(database) {
  database_.execute("BEGIN IMMEDIATE");
}
Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (...) {
    // SQLite rolls back by itself after a full disk; there is nothing more to undo.
  }
}
void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace assay::store
