// The languages that programs are written in: their names, also those that benchmarks and other services
// use. What runs them is the sandbox's to know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay::datasets {

struct Language {
  const char* name;  ///< ours: Problem::language, sandbox::ScriptJob::language
  const char* display;
  std::vector<const char*> others;  ///< other names of it, in small letters
  const char* idle;  ///< a whole program that reads nothing, writes nothing and ends well
};

const std::vector<Language>& languages();
/// By any of its names, in any case; null for none.
const Language* language_named(std::string_view name);
/// "c, cpp, go, ...", for messages.
std::string language_names();

}  // namespace assay::datasets
