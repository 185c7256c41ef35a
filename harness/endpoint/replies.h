// What a server has answered, kept the moment it came: nothing is asked twice, also by the command
// that goes on where another was killed.
//
// A file of JSONL that only grows: {"key": KEY, "reply": {...}} a line. KEY is a hash of what was
// asked, with the seed, without the address and the key of the server. Thread safety: find() and
// keep() are for any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <unordered_map>

#include "harness/base/error.h"
#include "harness/base/growing_file.h"

namespace assay::endpoint {

class Replies {
 public:
  /// Kept in memory alone where `path` is empty. Else reads what is there and holds a lock on it. A
  /// last line that was cut off is removed, which note() says. Throws assay::Error that names file and
  /// line of what cannot be read, and where another process has the file.
  /// `option` is what messages call it.
  explicit Replies(const std::string& path = "", const std::string& option = "--replies");

  std::optional<nlohmann::json> find(const std::string& key);
  /// Returns when the file has it. Throws assay::Error where it cannot be written. The first stands.
  void keep(const std::string& key, const nlohmann::json& reply);

  const std::string& path() const { return path_; }
  const std::string& note() const { return note_; }  ///< a sentence, or none
  std::int64_t read() const { return read_; }        ///< found in the file at the start
  std::int64_t reused() const;                       ///< how often find() had one

 private:
  std::string path_, note_;
  GrowingFile file_;
  std::int64_t read_ = 0, reused_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::string> known_;  ///< replies as text
};

/// To be thrown where what find() gave is no answer to what was asked: a line by hand, or a file of
/// something else.
Error of_another_form();

}  // namespace assay::endpoint
