// Which stored sample a row is that brings no sample_id: known by its text, not by its place, so that
// a file that has grown, was re-ordered or is given again adds what is new in it and nothing twice.
// One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "harness/store/facts.h"

namespace assay::samples {

/// How rows without a sample_id are numbered: known by their text; each a new sample, behind what is
/// stored; or by their place among the rows of this command alone, as shards are, each of which stores
/// only some of them.
enum class Numbers { by_text, behind_stored, by_place };

class Numbering {
 public:
  /// By text it remembers, for each (model, problem) that rows come for, what is stored before this
  /// command: some hundred bytes a sample.
  Numbering(store::Database& database, Numbers numbers) : database_(database), numbers_(numbers) {}

  /// The sample_id of the next row of this command, which must be put before the next call: its own
  /// where it has one. Else, where its text is stored as often as it has come until now, that of
  /// one of these; else the number after the highest.
  std::string id_of(const store::SampleRow& row);

  /// Samples stored before whose text did not come, of models and problems that got new samples.
  std::int64_t left_aside() const;

 private:
  struct Same {
    std::vector<std::string> ids;
    std::size_t came = 0;  ///< rows of this command with this text, up to the number of ids
  };
  struct Cell {
    std::unordered_map<std::string, Same> stored;  ///< by hash of the text as given
    std::optional<std::int64_t> next;              ///< number, where a row has needed one
  };
  Cell& cell_of(const store::SampleRow& row);

  store::Database& database_;
  const Numbers numbers_;
  std::map<std::pair<std::int64_t, std::int64_t>, Cell> cells_;  ///< by model and problem
};

}  // namespace assay::samples
