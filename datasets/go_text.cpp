#include "datasets/go_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace assay::datasets {

static constexpr std::array kPackages = {
    "bytes", "crypto/md5", "encoding/hex", "errors",    "fmt",     "io",
    "math",  "math/big",   "math/bits",    "math/rand", "reflect", "regexp",
    "sort",  "strconv",    "strings",      "time",      "unicode", "unicode/utf8"};

static std::string_view without_imports(std::string_view program) {
  for (;;) {
    const std::size_t begin = std::min(program.find_first_not_of(" \t\r\n"), program.size());
    const std::string_view rest = program.substr(begin);
    if (!rest.starts_with("import")) return program;
    const std::size_t open = std::min(rest.find_first_not_of(" \t", 6), rest.size());
    const bool several = open < rest.size() && rest[open] == '(';
    const std::size_t end = rest.find(several ? ')' : '\n', open);
    if (end == rest.npos) return program;
    program.remove_prefix(begin + end + 1);
  }
}

static bool uses(std::string_view program, std::string_view package) {
  const std::string head = fmt::format("{}.", package.substr(package.rfind('/') + 1));
  for (std::size_t at = program.find(head); at != program.npos; at = program.find(head, at + 1)) {
    const unsigned char last = at == 0 ? ' ' : static_cast<unsigned char>(program[at - 1]);
    if (!std::isalnum(last) && last != '_' && last != '.') return true;
  }
  return false;
}

std::string with_go_imports(std::string_view before, std::string_view program) {
  const std::string_view code = without_imports(program);
  std::string imports;
  for (const std::string_view package : kPackages) {
    const std::string quoted = fmt::format("\"{}\"", package);
    if (before.find(quoted) == before.npos && uses(code, package))
      imports += fmt::format("import {}\n", quoted);
  }
  return imports.append(code);
}

}  // namespace assay::datasets
