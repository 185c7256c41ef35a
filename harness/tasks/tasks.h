// What `assay search` can be tried on, by the name that --task gives.
#pragma once

#include <string>
#include <string_view>

#include "harness/explore/task.h"

namespace assay::tasks {

struct Options {
  std::size_t problems = 0;  ///< the first so many; 0: all of a file, 500 of what is made
  std::uint64_t seed = 1;    ///< of what is made
};

/// "table.json", "problems.jsonl" or the name of a built-in task. Throws assay::Error that names what there is.
explore::Task open(const std::string& name, const Options& options);

/// One per kind of task. `path` is a file that exists.
explore::Task table_task(const std::string& path, const Options& options);
explore::Task jsonl_task(const std::string& path, const Options& options);

/// What a text answers, by the rule of jsonl.cpp; empty where it is.
std::string answer_in(std::string_view text);

}  // namespace assay::tasks
