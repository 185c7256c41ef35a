#include "datasets/go_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

namespace assay::datasets {

/// What HumanEval-X's own harness imports where a program names it.
static constexpr std::array<std::string_view, 10> kHelpers = {
    "bytes",  "crypto/md5", "fmt",     "math",    "math/rand",
    "regexp", "sort",       "strconv", "strings", "time"};

/// An import of a program: a package's path as it is quoted, and the name that it is given, often none.
struct Import {
  std::string_view name, quoted;
};

/// Where blanks and comments of one line end.
static std::size_t code_at(std::string_view text) {
  for (std::size_t at = 0;;) {
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
    if (!text.substr(at).starts_with("//")) return at;
    at = std::min(text.find('\n', at), text.size());
  }
}

/// Takes the imports off that `program` begins with.
static std::vector<Import> take_imports(std::string_view& program) {
  std::vector<Import> taken;
  for (;;) {
    const std::size_t begin = code_at(program);
    const std::string_view rest = program.substr(begin);
    if (!rest.starts_with("import")) return taken;
    const std::size_t open = std::min(rest.find_first_not_of(" \t", 6), rest.size());
    const bool several = open < rest.size() && rest[open] == '(';
    const std::size_t end = rest.find(several ? ')' : '\n', open);
    if (end == rest.npos) return taken;
    std::string_view left = rest.substr(open, end - open);
    while (!left.empty()) {
      const std::string_view line = left.substr(0, left.find('\n'));
      left.remove_prefix(std::min(line.size() + 1, left.size()));
      const std::size_t from = line.find('"');
      if (from == line.npos) continue;
      const std::size_t to = line.find('"', from + 1);
      if (to == line.npos) continue;
      std::string_view name = line.substr(0, from);
      name.remove_prefix(std::min(name.find_first_not_of(" \t("), name.size()));
      taken.push_back({name, line.substr(from, to + 1 - from)});
    }
    program.remove_prefix(begin + end + 1);
  }
}

/// Whether a name that the package exports is taken from it. A sentence of a comment may end with its name.
static bool uses(std::string_view program, std::string_view package) {
  const std::string head = fmt::format("{}.", package.substr(package.rfind('/') + 1));
  for (std::size_t at = program.find(head); at != program.npos; at = program.find(head, at + 1)) {
    const unsigned char last = at == 0 ? ' ' : static_cast<unsigned char>(program[at - 1]);
    const std::size_t behind = at + head.size();
    const unsigned char next =
        behind < program.size() ? static_cast<unsigned char>(program[behind]) : ' ';
    if (!std::isalnum(last) && last != '_' && last != '.' && std::isupper(next)) return true;
  }
  return false;
}

std::string with_go_imports(std::string_view before, std::string_view program) {
  std::string_view code = program;
  std::string imports;
  const auto add = [&](std::string_view name, std::string_view quoted) {
    if (before.find(quoted) == before.npos && imports.find(quoted) == imports.npos)
      imports += fmt::format("import {}{}\n", name, quoted);
  };
  for (const auto& [name, quoted] : take_imports(code))
    if (!name.empty() || uses(code, quoted.substr(1, quoted.size() - 2))) add(name, quoted);
  for (const std::string_view package : kHelpers)
    if (uses(code, package)) add("", fmt::format("\"{}\"", package));
  return imports.append(code);
}

}  // namespace assay::datasets
