// Rows of a file that someone gives us: JSON objects, one a line, or the items of one JSON array.
// Whatever is wrong with one is an Error by its place. One thread per reader.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/place.h"
#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/base/value/value.h"

namespace assay::datasets {

/// A row that cannot be read; those after it may be good.
class RowError : public Error {
 public:
  RowError(Place where, std::string trouble)
      : Error(where.text() + ": " + trouble), place(std::move(where)), what_is_wrong(trouble) {}
  Place place;
  std::string what_is_wrong;
};

/// One row and the place it came from. Where a key is looked for, RowError names the key.
struct Row {
  Value object;
  Place place;

  [[noreturn]] void refuse(const std::string& what) const { throw RowError(place, what); }
  bool has(const std::string& key) const;
  /// Throws RowError where the key is missing, as all of these do that have no other answer.
  const Value& value(const std::string& key) const;
  /// The text under `key`; refused where it is no string.
  std::string text(const std::string& key) const;
  /// As text(); empty where the key is missing or null.
  std::string text_or_empty(const std::string& key) const;
  /// A text that serves as a name: refused where it is empty, no UTF-8, holds a control character
  /// or is too long (harness/base/words.h).
  std::string name(const std::string& key) const;
  /// As name(); empty where the key is missing or null, or the text is empty.
  std::string name_or_empty(const std::string& key) const;
  /// As name_or_empty(); may be written as a whole number too.
  std::string id_or_empty(const std::string& key) const;
  /// A finite number of at least 0; `otherwise` where the key is missing.
  double amount_or(const std::string& key, double otherwise) const;
  /// A whole number from 0 to `most`.
  std::int64_t count(const std::string& key, std::int64_t most) const;
};

using TakeRow = std::function<void(Row&&)>;
using TakeRefused = std::function<void(const RowError&)>;

/// The keys that somebody asks for; what stands under others is neither decoded nor checked.
using Keys = std::vector<std::string_view>;

/// The row that `text` is, with those of its members that `keys` names, or with all. Throws RowError.
Row read_row(std::string_view text, Place place, const Keys& keys = {});

/// Calls `take` for each row in order, with those of its members that `keys` names, or with all. A malformed row, and what `take` refuses, goes to `refused`
/// and the next row follows; without `refused` it is thrown. Throws Error for a file that cannot be
/// read or has no row at all.
void for_each_row(LineReader& reader, const TakeRow& take, const TakeRefused& refused = {},
                  const Keys& keys = {});

}  // namespace assay::datasets
