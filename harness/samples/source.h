// Where samples come from. Today: files, folders and the samples in the program itself; what else
// can name its samples and give them in order is a Source too.
#pragma once

#include <functional>
#include <string>

#include "datasets/sample.h"

namespace assay::samples {

/// A source is read once, on the thread that calls `read`.
struct Source {
  std::string name;   ///< as the user wrote it, for messages
  std::string model;  ///< the model's name where neither a row nor the user gives one
  /// Gives every sample to the taker, in order, and every row that is none, or that the taker throws
  /// a RowError at, to the refuser; without one it throws. Throws Error for what cannot be read.
  std::function<void(const datasets::TakeSample&, const datasets::TakeRefused&)> read;
};

/// The sample file or folder at `path`; "builtin" names the samples in the program itself, and "-"
/// standard input, whose model is "stdin". Opens nothing yet.
Source file_source(const std::string& path);

}  // namespace assay::samples
