// What `assay search` can be tried on, by the name that --task gives.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/explore/task.h"

namespace assay::tasks {

inline constexpr std::size_t kProblemsMade = 500;

struct Options {
  std::size_t problems = 0;  ///< the first so many; 0: all of a file, kProblemsMade of what is made
  std::uint64_t seed = 1;    ///< of what is made
  std::vector<std::string> gold = {};  ///< suites of a benchmark that decide the truth; empty: all
  bool extract = false;  ///< answers to a benchmark are chat texts, as for `assay run --extract`
  std::function<void(const std::string&)> tell = {};  ///< what must be said before the search
};

/// "table.json", "problems.jsonl", a benchmark or the name of a built-in task. Throws assay::Error that
/// names what there is.
explore::Task open(const std::string& name, const Options& options);

/// One per kind of task.
explore::Task table_task(const std::string& path, const Options& options);  // table.cpp
explore::Task jsonl_task(const std::string& path, const Options& options);  // jsonl.cpp
explore::Task chains_task(const Options& options);                          // chains.cpp
explore::Task game24_task(const Options& options);                          // game24.cpp
explore::Task stories_task(const Options& options);                         // stories.cpp
/// "arithmetic" or "arithmetic:reversed", by the chains that a first model sees; with ",FILE": its questions.
explore::Task arithmetic_task(const std::string& name, const Options& options);  // arithmetic.cpp
/// "thoughts", or "thoughts:" and a family: chain, walk, cups.
explore::Task thoughts_task(const std::string& name, const Options& options);  // thoughts.cpp
/// "list", "list:1", "list:2", "list:4": the list language, with so many visible tests.
explore::Task list_task(const std::string& name, const Options& options);
/// A benchmark by the name or the file that `assay run --dataset` takes.
explore::Task benchmark_task(const std::string& name, const Options& options);  // benchmark.cpp

/// Of a text that goes on nobody can tell; wrong answers are the same error where they are equal.
explore::Fault fault_of_answers(decltype(explore::Task::truth) truth);

/// What a text answers, by the rule of jsonl.cpp; empty where it is.
std::string answer_in(std::string_view text);

}  // namespace assay::tasks
