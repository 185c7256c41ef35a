// A thin RAII skin over SQLite: connection, statements prepared once, transactions. Only this room
// includes sqlite3.h. Errors are assay::Error with one sentence. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace assay::store {

/// The text of a statement. Only a literal makes one: it outlives every use, and its address can
/// stand for it.
class Sql {
 public:
  consteval Sql(const char* text) : text_(text) {}
  const char* text() const { return text_; }

 private:
  const char* text_;
};

/// A statement as SQLite has prepared it.
struct Prepared {
  sqlite3_stmt* handle = nullptr;
  std::vector<std::string> columns;  ///< names, in order
};

/// One use of a prepared statement; reset when it ends. Bind by position from 1.
class Statement {
 public:
  Statement(sqlite3* connection, const Prepared& prepared, const std::string& path)
      : connection_(connection), prepared_(prepared), path_(path) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value);
  Statement& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
  Statement& bind(double value);
  Statement& bind(std::string_view text);
  Statement& bind(const char* text) { return bind(std::string_view(text)); }
  Statement& bind_blob(std::string_view bytes);
  Statement& bind_null();
  /// All columns of the row that another statement stands at, in their order.
  Statement& bind_row(const Statement& row);

  /// Steps to the next row; false at the end.
  bool step();
  /// For statements without rows.
  void run();

  /// A column of the row, by its name in the statement. Cheapest in the order of the columns. A null
  /// reads as 0 or empty.
  std::int64_t integer(std::string_view column) const;
  double real(std::string_view column) const;
  std::string text(std::string_view column) const;
  std::string blob(std::string_view column) const;
  bool is_null(std::string_view column) const;

 private:
  void check(int code) const;
  int index_of(std::string_view column) const;
  sqlite3* connection_;
  const Prepared& prepared_;
  const std::string& path_;
  int next_parameter_ = 1;
  mutable std::size_t next_column_ = 0;
};

enum class Access {
  read,    ///< changes nothing, and leaves no file beside it where it made none
  write,   ///< what is there
  create,  ///< ... or makes it
};

class Database {
 public:
  /// Throws Error where `path` is missing (unless it is to be made), is no database, or cannot be
  /// opened so.
  Database(const std::string& path, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Goes on with a private copy of what was opened, which may be written to and ends with this
  /// object.
  void become_copy();

  /// The statement for `sql`, prepared on first use and kept. Not re-entrant: a statement in use
  /// (its rows not read to the end) may not be asked for again.
  Statement use(Sql sql);
  /// Several statements, no rows.
  void execute(const std::string& script);
  std::int64_t last_id() const;
  std::int64_t changes() const;
  const std::string& path() const { return path_; }

 private:
  void connect(const std::string& name, int flags);
  void close();
  void open_to_read();
  void open_to_write();

  std::string path_;
  bool writes_ = false;
  sqlite3* connection_ = nullptr;
  std::unordered_map<const char*, Prepared> statements_;
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

/// While it lives, what is read is the database of one moment, whatever others write meanwhile.
class Snapshot {
 public:
  explicit Snapshot(Database& database);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Database& database_;
};

/// What is stored contradicts itself: says which part of the database.
[[noreturn]] void refuse_damaged(const Database& database, const std::string& what);

}  // namespace assay::store
