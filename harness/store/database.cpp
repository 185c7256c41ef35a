#include "harness/store/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "harness/base/error.h"
#include "harness/base/fd.h"

namespace assay::store {

/// How long another process may hold the database before we give up.
static constexpr int kBusyMs = 10'000;
/// Pages that are kept; taken as they are needed. Millions of verdicts are found by indices of some hundred MiB.
static constexpr int kCacheKib = 256 << 10;

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
  if (primary == SQLITE_CORRUPT) {
    throw Error(fmt::format("{} is damaged ({})", path,
                            connection ? sqlite3_errmsg(connection) : sqlite3_errstr(code)));
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
  sqlite3_reset(prepared_.handle);
  sqlite3_clear_bindings(prepared_.handle);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) fail(connection_, code, path_);
}
Statement& Statement::bind(std::int64_t value) {
  check(sqlite3_bind_int64(prepared_.handle, next_parameter_++, value));
  return *this;
}
Statement& Statement::bind(double value) {
  check(sqlite3_bind_double(prepared_.handle, next_parameter_++, value));
  return *this;
}
Statement& Statement::bind(std::string_view text) {
  check(sqlite3_bind_text64(prepared_.handle, next_parameter_++, text.data() ? text.data() : "",
                            text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  return *this;
}
Statement& Statement::bind_blob(std::string_view bytes) {
  check(sqlite3_bind_blob64(prepared_.handle, next_parameter_++, bytes.data() ? bytes.data() : "",
                            bytes.size(), SQLITE_TRANSIENT));
  return *this;
}
Statement& Statement::bind_null() {
  check(sqlite3_bind_null(prepared_.handle, next_parameter_++));
  return *this;
}
Statement& Statement::bind_row(const Statement& row) {
  for (int i = 0; i < static_cast<int>(row.prepared_.columns.size()); ++i)
    check(sqlite3_bind_value(prepared_.handle, next_parameter_++,
                             sqlite3_column_value(row.prepared_.handle, i)));
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(prepared_.handle);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  fail(connection_, code, path_);
}
void Statement::run() {
  while (step()) {
  }
}

int Statement::index_of(std::string_view column) const {
  const std::vector<std::string>& columns = prepared_.columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::size_t at = (next_column_ + i) % columns.size();
    if (columns[at] != column) continue;
    next_column_ = at + 1;
    return static_cast<int>(at);
  }
  ASSAY_INVARIANT(!"a statement has the columns that are read");
  return -1;
}
std::int64_t Statement::integer(std::string_view column) const {
  return sqlite3_column_int64(prepared_.handle, index_of(column));
}
double Statement::real(std::string_view column) const {
  return sqlite3_column_double(prepared_.handle, index_of(column));
}
std::string Statement::text(std::string_view column) const {
  const int index = index_of(column);
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(prepared_.handle, index));
  const int size = sqlite3_column_bytes(prepared_.handle, index);
  return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}
std::string Statement::blob(std::string_view column) const {
  const int index = index_of(column);
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(prepared_.handle, index));
  const int size = sqlite3_column_bytes(prepared_.handle, index);
  return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}
bool Statement::is_null(std::string_view column) const {
  return sqlite3_column_type(prepared_.handle, index_of(column)) == SQLITE_NULL;
}

// ---- the connection

/// The files beside a database in which a writer that did not end has left what it committed last
/// (-wal), or what it would have undone (-journal).
static constexpr const char* kLeftBeside[] = {"-wal", "-journal"};

/// Behind links: SQLite's other files lie beside the file itself. A path that leads nowhere stays.
static std::string where_it_lies(const std::string& path) {
  std::error_code missing;
  const std::filesystem::path file = std::filesystem::canonical(path, missing);
  return missing ? path : file.string();
}

/// A pipe in their place would be waited for without end, and a link would lead to a file that is not
/// the database's.
static void refuse_irregular(const std::string& file) {
  struct stat found {};
  if (stat(file.c_str(), &found) == 0 && !S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode))
    throw Error(file + " is not an assay database: it is no regular file");
  for (const char* end : kLeftBeside) {
    if (lstat((file + end).c_str(), &found) != 0 || S_ISREG(found.st_mode)) continue;
    throw Error(fmt::format(
        "{0}{1} is no regular file, so that {0} cannot be opened; move it away if you did not put "
        "it there",
        file, end));
  }
}

Database::Database(const std::string& path, Access access) : path_(path) {
  if (access != Access::create && !std::filesystem::exists(path)) {
    throw Error(
        fmt::format("there is no database {}; `assay run` makes one, --db names another", path));
  }
  refuse_irregular(where_it_lies(path));
  try {
    if (access == Access::read) {
      open_to_read();
    } else {
      connect(path, SQLITE_OPEN_READWRITE | (access == Access::create ? SQLITE_OPEN_CREATE : 0));
      open_to_write();
    }
    execute(fmt::format("PRAGMA cache_size = -{}", kCacheKib));
  } catch (...) {
    close();
    throw;
  }
}

Database::~Database() { close(); }

void Database::connect(const std::string& name, int flags) {
  const int code = sqlite3_open_v2(name.c_str(), &connection_, flags, nullptr);
  if (code == SQLITE_OK) {
    sqlite3_busy_timeout(connection_, kBusyMs);
    // A stranger's database may hold views and triggers: they call nothing that acts.
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    return;
  }
  const int reason = sqlite3_system_errno(connection_);
  std::error_code ignored;
  const std::string why = std::filesystem::is_directory(path_, ignored) ? "it is a folder"
                          : reason != 0 ? std::generic_category().message(reason)
                                        : sqlite3_errstr(code);
  throw Error(fmt::format("cannot open the database {}: {}", path_, why));
}

/// While it is written to it is in WAL mode, so that readers and the writer do not wait for each
/// other. At rest it is a single file in the old mode, which can be read wherever it lies.
void Database::open_to_write() {
  writes_ = true;
  // FULL: a committed verdict survives a power cut too; we commit about twice a second.
  execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
}

void Database::close() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement.handle);
  statements_.clear();
  if (writes_ && connection_) {
    // Where others have it open it stays as it is, and the last writer does this.
    sqlite3_busy_timeout(connection_, 0);
    sqlite3_exec(connection_, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
  }
  sqlite3_close(connection_);
  connection_ = nullptr;
}

/// A file's path as SQLite takes it where it is told that nobody writes to it.
static std::string immutable_uri(const std::string& path) {
  std::string uri = "file:";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    uri += std::isalnum(byte) || c == '/' || c == '.' || c == '-' || c == '_'
               ? std::string(1, c)
               : fmt::format("%{:02x}", byte);
  }
  return uri + "?immutable=1";
}

namespace {
/// Enough to tell that a file was written to.
struct FileState {
  std::int64_t size = 0, seconds = 0, nanoseconds = 0;
  bool operator==(const FileState&) const = default;
};
FileState state_of(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return {};
  return {found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec};
}
}  // namespace

/// Whether the file is in WAL mode, with nobody at work on it: as an earlier version left it at rest.
static bool rests_in_wal(const std::string& path) {
  static constexpr std::streamoff kReadVersion = 19;  // a byte of SQLite's file header
  std::ifstream file(path, std::ios::binary);
  file.seekg(kReadVersion);
  return file.get() == 2 && !std::filesystem::exists(path + "-wal");
}

static bool left_unfinished(const std::string& path) {
  return std::any_of(std::begin(kLeftBeside), std::end(kLeftBeside),
                     [&](const char* end) { return std::filesystem::exists(path + end); });
}

namespace {
/// A folder of our own for as long as it lives.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string path = (std::filesystem::temp_directory_path() / "assay-XXXXXX").string();
    if (!mkdtemp(path.data())) {
      throw std::filesystem::filesystem_error("no folder can be made", path,
                                              std::error_code(errno, std::generic_category()));
    }
    path_ = path;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};
}  // namespace

namespace {
/// While it lives, this thread is not ended by a signal that asks it to: it ends behind it.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t held;
    sigemptyset(&held);
    for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&held, one);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};
}  // namespace

/// Follows no link and waits for no pipe, should one have come in the file's place.
static void copy_regular(const std::string& from, const std::string& to) {
  const Fd file(open(from.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat found {};
  const int trouble = !file || fstat(file.get(), &found) != 0 ? errno
                      : S_ISREG(found.st_mode)                ? 0
                                                              : EINVAL;
  if (trouble != 0) {
    throw std::filesystem::filesystem_error("cannot be copied", from,
                                            std::error_code(trouble, std::generic_category()));
  }
  std::filesystem::copy_file(fmt::format("/proc/self/fd/{}", file.get()), to);
  std::filesystem::permissions(to, std::filesystem::perms::owner_all);
}

/// Copies a database with what a writer has left beside it.
static void copy_unfinished(const std::string& path, const std::string& copy) {
  std::vector<std::pair<std::string, std::string>> files = {{path, copy}};
  for (const char* end : kLeftBeside) {
    if (std::filesystem::exists(path + end)) files.emplace_back(path + end, copy + end);
  }
  std::vector<FileState> before;
  for (const auto& [from, to] : files) before.push_back(state_of(from));
  for (const auto& [from, to] : files) copy_regular(from, to);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (state_of(files[i].first) == before[i]) continue;
    throw Error(path + " was written to while it was read; try again");
  }
}

/// A database in WAL mode wants files beside it even to be read. One at rest is therefore copied, and
/// the copy read: SQLite then takes no lock, so that we look whether somebody wrote to it meanwhile.
void Database::open_to_read() {
  const std::string file = where_it_lies(path_);
  if (rests_in_wal(file)) {
    const FileState before = state_of(file);
    connect(immutable_uri(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    become_copy();
    if (state_of(file) != before || std::filesystem::exists(file + "-wal")) {
      throw Error(path_ + " was written to while it was read; try again");
    }
    return;
  }
  connect(path_, SQLITE_OPEN_READONLY);
  const int code =
      sqlite3_exec(connection_, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return;
  if ((code != SQLITE_CANTOPEN && code != SQLITE_READONLY) || !left_unfinished(file)) {
    fail(connection_, code, path_);
  }
  // SQLite takes up what was left there, and cannot where nothing may be written: it does so beside
  // a copy.
  close();
  try {
    {
      const SignalsHeld held;
      const ScratchFolder scratch;
      copy_unfinished(file, scratch.path("copy.db"));
      connect(scratch.path("copy.db"), SQLITE_OPEN_READWRITE);
      // Once all of it is open its names go, and what is held till then leaves nothing behind.
      execute("SELECT count(*) FROM sqlite_schema");
    }
    become_copy();
  } catch (const std::filesystem::filesystem_error& error) {
    throw Error(fmt::format(
        "{0} was left by a run that did not end, nothing can be written where it lies, and a copy "
        "cannot be made for reading ({1}: {2}): copy it and the files {0}-* to a folder of yours, "
        "and read it there",
        file, error.path1().string(), error.code().message()));
  }
}

void Database::become_copy() {
  ASSAY_INVARIANT(!writes_);
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement.handle);
  statements_.clear();
  sqlite3* const source = connection_;
  connection_ = nullptr;
  try {
    connect("", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    sqlite3_backup* const backup = sqlite3_backup_init(connection_, "main", source, "main");
    const int code = backup ? sqlite3_backup_step(backup, -1) : sqlite3_errcode(connection_);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) fail(connection_, code, path_);
  } catch (...) {
    sqlite3_close(source);
    throw;
  }
  sqlite3_close(source);
}

Statement Database::use(Sql sql) {
  Prepared& statement = statements_[sql.text()];
  if (!statement.handle) {
    const int code = sqlite3_prepare_v3(connection_, sql.text(), -1, SQLITE_PREPARE_PERSISTENT,
                                        &statement.handle, nullptr);
    if (code != SQLITE_OK) fail(connection_, code, path_);
    for (int i = 0; i < sqlite3_column_count(statement.handle); ++i) {
      statement.columns.emplace_back(sqlite3_column_name(statement.handle, i));
    }
  }
  ASSAY_INVARIANT(!sqlite3_stmt_busy(statement.handle));
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

Snapshot::Snapshot(Database& database) : database_(database) { database_.execute("BEGIN"); }
Snapshot::~Snapshot() {
  try {
    database_.execute("COMMIT");
  } catch (...) {
    // Nothing was written.
  }
}

void refuse_damaged(const Database& database, const std::string& what) {
  throw Error(fmt::format("{} is damaged: {}", database.path(), what));
}

}  // namespace assay::store
