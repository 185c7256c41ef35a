// A thin RAII skin over SQLite: connection, named statements prepared once, transactions. Only this
// room includes sqlite3.h. Errors are assay::Error with one sentence. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace assay::store {

/// A prepared statement, reset on destruction of its use. Bind by position from 1.
class Statement {
 public:
  Statement(sqlite3* connection, sqlite3_stmt* statement, const std::string& path)
      : connection_(connection), statement_(statement), path_(path) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value);
  Statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(double value);
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  Statement& bind_null();

  /// Steps to the next row; false at the end.
  bool step();
  /// For statements without rows.
  void run();

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;
  std::string blob(int column) const;
  bool is_null(int column) const;

 private:
  void check(int code) const;
  sqlite3* connection_;
  sqlite3_stmt* statement_;
  const std::string& path_;
  int next_ = 1;
};

class Database {
 public:
  /// Opens `path`. With `create`, makes it where it is missing; otherwise a missing file is an
  /// Error.
  Database(const std::string& path, bool create);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The statement for `sql`, prepared on first use and kept. Not re-entrant: a statement in use
  /// (its rows not read to the end) may not be asked for again.
  Statement use(const char* sql);
  /// Several statements, no rows.
  void execute(const std::string& script);
  std::int64_t last_id() const;
  std::int64_t changes() const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  sqlite3* connection_ = nullptr;
  std::unordered_map<const char*, sqlite3_stmt*> statements_;
};

/// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace assay::store
