#include "harness/verify/outcome_text.h"

#include <fmt/format.h>

#include "datasets/python_text.h"
#include "harness/base/text.h"

namespace assay::verify {

store::Status status_of(sandbox::End end) {
  using sandbox::End;
  using store::Status;
  switch (end) {
    case End::completed:
      return Status::pass;
    case End::stopped:
    case End::assertion:
      return Status::fail;
    case End::raised:
    case End::exited:
      return Status::error;
    case End::timeout_cpu:
    case End::timeout_wall:
      return Status::timeout;
    case End::memory:
      return Status::memory;
    case End::output:
      return Status::output;
    case End::crash:
      return Status::crash;
    case End::syntax:
      return Status::syntax;
    case End::no_entry_point:
      return Status::no_entry_point;
    case End::tampered:
      return Status::tampered;
    case End::missing:
      return Status::missing;
  }
  return Status::missing;
}

std::string exception_text(std::string_view type, std::string_view message) {
  if (type.empty() || message.empty()) return std::string(type.empty() ? message : type);
  return fmt::format("{}: {}", type, message);
}

std::string describe(const sandbox::Outcome& outcome) {
  using sandbox::End;
  switch (outcome.end) {
    case End::completed:
    case End::stopped:
      return "";
    case End::assertion:
    case End::raised:
    case End::syntax:
    case End::memory: {
      std::string text = exception_text(outcome.exception_type, outcome.message);
      if (text.empty()) text = "out of memory";
      if (outcome.line > 0) text += fmt::format(" (line {})", outcome.line);
      return text;
    }
    case End::exited:
      // With a status, and its last words where it is a script.
      if (outcome.message.starts_with("the process ended itself") &&
          !outcome.message.ends_with("with status 0"))
        return outcome.message;
      return "the process ended itself before it had answered";
    case End::timeout_cpu:
      return "CPU time over the limit";
    case End::timeout_wall:
      return "no answer in time (sleeping or blocked)";
    case End::output:
      return "an answer over the size or depth limit";
    case End::crash:
      return fmt::format("killed by signal {}", outcome.signal);
    case End::no_entry_point:
      return "the entry point is missing or not callable";
    case End::tampered:
      return "it interfered with its own judging";
    case End::missing:
      return outcome.message;
  }
  return "";
}

/// The language that a text is written in where it is plainly not Python; empty where it may be.
static std::string foreign_language(std::string_view text) {
  const auto has = [&](std::string_view mark) { return text.find(mark) != text.npos; };
  if (has("#include <") || has("#include \"") || has("std::")) return "C++";
  if (has("public static ") || has("public class ") || has("import java.")) return "Java";
  if (has("package main") || has("func ")) return "Go";
  if (has("fn ") && has("let ") && has("->")) return "Rust";
  if (has("function ") || has("=> {") || has("console.log") || has("module.exports"))
    return "JavaScript";
  return "";
}

void explain(store::Verdict& verdict, std::string_view program, std::string_view entry_point) {
  using store::Status;
  if (verdict.status == Status::syntax) {
    const std::string language = foreign_language(program);
    if (!language.empty()) verdict.message += fmt::format("; it looks like {}", language);
    return;
  }
  if (verdict.status != Status::no_entry_point) return;
  if (program.find_first_not_of(" \t\r\n\f") == program.npos) {
    verdict.status = Status::no_program;
    verdict.message = "the answer holds no program";
    return;
  }
  static constexpr std::size_t kNamesMax = 5;
  std::string names;
  std::size_t count = 0;
  for (const std::string& name : datasets::functions_at_margin(program)) {
    if (++count <= kNamesMax) names += (names.empty() ? "" : ", ") + name;
  }
  if (count > kNamesMax) names += fmt::format(" and {} more", count - kNamesMax);
  verdict.message = names.empty()
                        ? fmt::format("the entry point {} is missing or not callable", entry_point)
                        : fmt::format(
                              "the entry point {} is missing or not callable; the program "
                              "defines {}",
                              entry_point, names);
  verdict.message = head(verdict.message, 4096);
}

}  // namespace assay::verify
