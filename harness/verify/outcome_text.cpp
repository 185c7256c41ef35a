#include "harness/verify/outcome_text.h"

#include <fmt/format.h>

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
  return message.empty() ? std::string(type) : fmt::format("{}: {}", type, message);
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

}  // namespace assay::verify
