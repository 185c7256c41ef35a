#include "datasets/languages.h"

#include <algorithm>
#include <cctype>

namespace assay::datasets {

const std::vector<Language>& languages() {
  static const std::vector<Language> all = {
      {"python", "Python", {"py", "python3"}, "pass\n"},
      {"c", "C", {}, "int main(void) { return 0; }\n"},
      {"cpp", "C++", {"c++", "cxx"}, "int main() {}\n"},
      {"java",
       "Java",
       {},
       "public class Main { public static void main(String[] arguments) {} }\n"},
      {"javascript", "JavaScript", {"js", "node", "nodejs"}, ";\n"},
      {"go", "Go", {"golang", "go_test.go", "go_test"}, "package main\nfunc main() {}\n"},
      {"rust", "Rust", {"rs"}, "fn main() {}\n"},
  };
  return all;
}

const Language* language_named(std::string_view name) {
  std::string small(name);
  std::transform(small.begin(), small.end(), small.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Language& language : languages()) {
    if (small == language.name) return &language;
    if (std::any_of(language.others.begin(), language.others.end(),
                    [&](const char* other) { return small == other; }))
      return &language;
  }
  return nullptr;
}

std::string language_names() {
  std::string out;
  for (const Language& language : languages()) {
    if (!out.empty()) out += ", ";
    out += language.name;
  }
  return out;
}

}  // namespace assay::datasets
