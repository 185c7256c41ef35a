// Model-written programs and the readers of sample files: JSONL (however packed) with keys task_id
// and completion or solution, optional model, sample_id, scores and what `generate` says of it; and EvalPlus's folder form. Streams:
// memory does not grow with the number of samples. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "datasets/forms/rows.h"
#include "datasets/place.h"
#include "harness/base/text_file.h"

namespace assay::datasets {

/// A sample's line, and a program in a folder, may have this many bytes: a thousand times a long
/// answer. Dozens of programs wait in memory at a time, and a .gz holds blanks at a thousandth of
/// their size.
inline constexpr std::uint64_t kSampleBytesMax = std::uint64_t{16} << 20;

/// How a model wrote a sample, as far as its row says so: `assay generate` does.
struct Drawn {
  std::string finish_reason;  ///< as the server said it; "length": cut
  std::optional<double> temperature, top_p;
  std::optional<std::int64_t> seed;
  std::string prompt_template;  ///< its hash
};

struct Sample {
  std::string task_id;
  std::string model;           ///< the row's own; empty where it has none
  std::string sample_id;       ///< the row's own; empty where it has none
  std::string language;        ///< the row's own, as it says it; empty where it has none
  bool is_completion = false;  ///< `text` is a body to append to the prompt; else a whole program
  std::string text;            ///< exactly as given
  std::map<std::string, std::optional<double>> scores;  ///< by verifier; null: not judged
  std::optional<Drawn> drawn;
  Place place;  ///< a folder's program: the file alone
};

using TakeSample = std::function<void(Sample&&)>;

/// Calls `take` for each sample of `path` in order. What is one row's fault goes to `refused`, and the
/// next row follows: a malformed one, a name that is none (harness/base/words.h), a line beyond
/// kSampleBytesMax, a RowError of `take`. Without `refused` it is thrown. Throws Error for what is
/// the file's: truncated, empty, no text. Keys of a row that are not read are not checked either.
/// `path` may be a folder in EvalPlus's form (forms/evalplus_folder.h).
void read_samples(const std::string& path, const TakeSample& take, const TakeRefused& refused = {});
void read_samples(LineReader reader, const TakeSample& take, const TakeRefused& refused = {});

}  // namespace assay::datasets
