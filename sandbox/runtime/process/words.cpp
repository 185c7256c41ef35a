// What compilers and programs said, read for what it tells of an end.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "sandbox/runtime/process/language.h"

namespace assay::sandbox {

namespace {

constexpr std::size_t kMessageMax = 4096;

std::string_view line_at(std::string_view text, std::size_t at) {
  return text.substr(at, text.find('\n', at) - at);
}

/// What stands behind `mark` in its line; a null view where the mark is not there. `last`: at its last place.
std::string_view behind(std::string_view text, std::string_view mark, bool last = false) {
  const std::size_t at = last ? text.rfind(mark) : text.find(mark);
  return at == std::string_view::npos ? std::string_view{} : line_at(text, at + mark.size());
}

int number_at(std::string_view text) {
  int number = 0;
  for (const char c : text.substr(0, 7)) {
    if (c < '0' || c > '9') break;
    number = number * 10 + (c - '0');
  }
  return number;
}

int line_behind(std::string_view text, std::string_view file) {
  return number_at(behind(text, std::string(file) + ":"));
}

void set(Outcome& outcome, End end, std::string_view type, std::string_view message) {
  outcome.end = end;
  outcome.exception_type = type.substr(0, 256);
  outcome.message = message.substr(0, kMessageMax);
  outcome.signal = 0;
}

/// "Type: message", where the type is a name.
bool split_exception(std::string_view text, std::string_view& type, std::string_view& message) {
  const std::size_t colon = std::min(text.find(": "), text.size());
  type = text.substr(0, colon);
  message = colon < text.size() ? text.substr(colon + 2) : std::string_view{};
  type = type.substr(0, type.find(" ["));  // Node.js: "TypeError [ERR_X]"
  return !type.empty() && std::all_of(type.begin(), type.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '$';
  });
}

// ---- by language

void read_native(std::string_view errors, Outcome& outcome) {
  const std::string_view thrown =
      behind(errors, "terminate called after throwing an instance of '", true);
  if (!thrown.empty()) {
    const std::string_view type = thrown.substr(0, thrown.rfind('\''));
    const bool memory = type == "std::bad_alloc" || type == "std::bad_array_new_length";
    set(outcome, memory ? End::memory : End::raised, type, behind(errors, "  what():  ", true));
  } else if (const std::string_view failed = behind(errors, ": Assertion `", true);
             !failed.empty()) {
    const std::size_t end = errors.rfind(": Assertion `"), begin = errors.rfind('\n', end) + 1;
    const std::string_view where = errors.substr(begin, end - begin);
    const std::size_t file = where.find("solution.c");
    set(outcome, End::raised, "assert", failed.substr(0, failed.rfind('\'')));
    if (file != std::string_view::npos)
      outcome.line = number_at(where.substr(std::min(where.find(':', file) + 1, where.size())));
  }
}

void read_go(std::string_view errors, Outcome& outcome) {
  const std::string_view fatal = behind(errors, "fatal error: ");
  std::string_view message = behind(errors, "panic: ");
  if (fatal.find("out of memory") != std::string_view::npos ||
      fatal.find("cannot allocate memory") != std::string_view::npos)
    return set(outcome, End::memory, "", fatal);
  if (message.empty()) message = fatal;
  if (message.empty()) return;
  const bool runtime = message.starts_with("runtime error: ");
  set(outcome, End::raised,
      runtime         ? "runtime error"
      : fatal.empty() ? "panic"
                      : "fatal error",
      runtime ? message.substr(15) : message);
  outcome.line = line_behind(errors, "/solution.go");
}

void read_rust(std::string_view errors, Outcome& outcome) {
  if (const std::string_view lacking = behind(errors, "memory allocation of "); !lacking.empty())
    return set(outcome, End::memory, "", fmt::format("memory allocation of {}", lacking));
  const std::size_t at = errors.rfind("' panicked at '");
  if (at == std::string_view::npos) return;
  const std::string_view told = errors.substr(at + 15);
  const std::size_t end = std::min(told.find("', solution.rs:"), told.size());
  set(outcome, End::raised, "panic", told.substr(0, end));
  outcome.line = line_behind(told.substr(end), "solution.rs");
}

void read_java(std::string_view errors, Outcome& outcome) {
  const std::string_view thrown = behind(errors, "Exception in thread \"main\" ");
  std::string_view type, message;
  if (thrown.empty() || !split_exception(thrown, type, message)) return;
  set(outcome, type == "java.lang.OutOfMemoryError" ? End::memory : End::raised, type, message);
  const std::size_t stack = errors.find("\n\tat ");
  for (std::size_t at = stack; at < errors.size(); at = errors.find("\n\tat ", at + 1)) {
    const std::string_view frame = line_at(errors, at + 1);
    if (frame.find("java.base/") != std::string_view::npos) continue;
    outcome.line = line_behind(frame, ".java");
    return;
  }
}

void read_javascript(std::string_view errors, Outcome& outcome) {
  constexpr std::string_view kRefused = "assay: does not compile\n";
  if (errors.starts_with(kRefused)) {
    const std::string_view rest = errors.substr(kRefused.size());
    set(outcome, End::syntax, "SyntaxError", behind(rest, "\n"));
    outcome.line = number_at(rest);
    return;
  }
  if (errors.find("JavaScript heap out of memory") != std::string_view::npos) {
    set(outcome, End::memory, "", "JavaScript heap out of memory");
    return;
  }
  // Where it stands, the source, a mark below it; then the exception and its stack.
  const std::size_t end = errors.rfind("\nNode.js v");
  if (end == std::string_view::npos) return;
  const std::size_t stack = errors.rfind("\n    at ", end);
  std::string_view head = errors.substr(0, stack == std::string_view::npos ? end : stack);
  for (std::size_t at = 0; at < head.size();
       at = std::min(head.find('\n', at), head.size() - 1) + 1) {
    const std::string_view line = line_at(head, at);
    std::string_view type, message;
    if (line.find("Error") == std::string_view::npos || !split_exception(line, type, message) ||
        type.find("Error") == std::string_view::npos)
      continue;
    const bool memory = message.starts_with("Array buffer allocation failed") ||
                        message.starts_with("WebAssembly.Memory(): could not allocate");
    set(outcome, memory ? End::memory : End::raised, type, message);
    outcome.line = line_behind(errors, "/solution.js");
    return;
  }
}

}  // namespace

void read_last_words(std::string_view errors, const std::string& language, Outcome& outcome) {
  if (outcome.end != End::exited && outcome.end != End::crash) return;
  if (language == "cpp" || language == "c") read_native(errors, outcome);
  if (language == "java") read_java(errors, outcome);
  if (language == "go") read_go(errors, outcome);
  if (language == "rust") read_rust(errors, outcome);
  if (language == "javascript") read_javascript(errors, outcome);
  if (outcome.end != End::exited && outcome.end != End::crash) return;
  const std::size_t end = errors.find_last_not_of(" \n\r\t");
  if (end == std::string_view::npos) return;
  const std::string_view last = errors.substr(0, end + 1);
  outcome.message += ": " + std::string(line_at(last, last.rfind('\n') + 1).substr(0, kMessageMax));
}

FirstError first_error(std::string_view said, std::string_view source_name) {
  std::size_t found = said.size();
  // The linker's own come before the compiler's word that the linker failed.
  for (const char* mark : {"error", "undefined reference", "multiple definition"})
    found = std::min(found, said.find(mark));
  if (found == said.size()) found = std::min(said.find(source_name), said.size());
  if (found == said.size()) found = 0;
  FirstError first;
  const std::size_t begin = found == 0 ? 0 : said.rfind('\n', found - 1) + 1;
  const std::string_view line = line_at(said, begin);
  first.line = line_behind(said.substr(begin), source_name);
  const std::string_view error = behind(line, "error: ");
  first.message = error.empty() ? line : error;
  first.message.resize(std::min(first.message.size(), kMessageMax));
  return first;
}

}  // namespace assay::sandbox
