// How samples were drawn from a model, and the file that they are kept in: one line a sample, written
// the moment its reply is there, and beside it, in FILE.generation.json, all that was the same for
// each: the prompt template with its text, the sampling, the seed. The same settings go on with what
// the file lacks; others are refused. One thread at a time.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "datasets/problem.h"
#include "harness/base/growing_file.h"

namespace assay::samples {

/// A text with places that a problem fills: {prompt}, {entry_point}, {task_id}, {language}. Other braces
/// stand as they are.
struct PromptTemplate {
  std::string text;
  std::string system;  ///< a message in front; empty: none
  std::string hash() const;
};
std::string filled(const std::string& text, const datasets::Problem& problem);

struct Generation {
  std::string dataset, dataset_version;
  std::string model;  ///< as the server is asked for it
  std::string name;   ///< as its samples call it
  bool chat = false;
  PromptTemplate prompt;
  double temperature = 1, top_p = 1;
  int tokens_max = 0;
  std::vector<std::string> stops;
  std::uint64_t seed = 0;
  std::string endpoint;  ///< for the record: the same model may be served elsewhere next time
};
/// Of the problem at `position` of its dataset, answer `number`. Those of a problem follow each other, as
/// servers count on from a request's; no two problems, and no two seeds of one dataset, share one.
std::uint64_t seed_of(const Generation& generation, std::size_t problems, std::size_t position,
                      std::uint32_t number);
/// Of a problem; more would run into the next one's seeds.
inline constexpr std::uint32_t kAnswersMax = 1 << 16;

/// What stands beside a file of samples; nothing where there is none. Throws Error where it cannot be
/// read.
std::optional<Generation> generation_beside(const std::string& path);

/// A sample as it is drawn.
struct DrawnSample {
  const datasets::Problem* problem = nullptr;
  std::uint32_t number = 0;  ///< its sample_id
  std::string text;
  std::string reasoning;  ///< what the model thought before; empty: nothing, or not told
  std::string finish;     ///< finish_reason, as the server says it
  std::string served;     ///< what the server calls the model; may be empty
  std::optional<std::uint64_t> seed;    ///< of its request; none: the server takes none
  std::size_t choice = 0, choices = 1;  ///< which of how many of its request
  std::optional<std::int64_t> prompt_tokens, completion_tokens;
};

/// What a file holds, or what was added to it.
struct DrawnCounts {
  std::int64_t samples = 0;
  std::int64_t cut = 0;       ///< at the greatest length, by the server's word
  std::int64_t silent = 0;    ///< without a text
  std::int64_t filtered = 0;  ///< by a filter of the server
  std::int64_t prompt_tokens = 0, completion_tokens = 0;
  std::int64_t uncounted = 0;  ///< whose tokens nobody counted

  void add(const std::string& finish, bool silent, std::optional<std::int64_t> prompt,
           std::optional<std::int64_t> completion);
};

class GenerationFile {
 public:
  /// Begins the file, or goes on with it. Throws Error where it was drawn otherwise, naming in what,
  /// where it holds something else, and as GrowingFile does.
  GenerationFile(const std::string& path, const Generation& generation,
                 const datasets::Dataset& dataset);

  bool has(std::size_t position, std::uint32_t number) const;
  /// Of the problem at `position`.
  std::int64_t samples_of(std::size_t position) const;
  /// Returns when the file has them.
  void append(const std::vector<DrawnSample>& samples);

  const DrawnCounts& before() const { return before_; }  ///< found at the start
  const DrawnCounts& now() const { return now_; }        ///< appended since
  bool mended() const { return file_.mended(); }

 private:
  void meet(std::int64_t line, std::string_view text, const datasets::ProblemIndex& index);
  void mark(std::size_t position, std::uint32_t number);

  const std::string path_;
  const Generation generation_;
  const datasets::Dataset& dataset_;
  const std::string template_hash_;
  std::vector<std::vector<bool>> has_;  ///< by problem and number
  DrawnCounts before_, now_;
  GrowingFile file_;
};

}  // namespace assay::samples
