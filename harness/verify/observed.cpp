#include "harness/verify/observed.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/base/value/encoded.h"
#include "harness/base/value/names.h"
#include "harness/verify/outcome_text.h"

extern "C" const char assay_observe_py_begin[], assay_observe_py_end[];

namespace assay::verify {

static constexpr std::size_t kMessageMax = 4096;

static const char* python(bool said) { return said ? "True" : "False"; }

/// The program behind what its platform imports. Nothing may stand in front of what it has from
/// __future__.
static Callee behind_prelude(const datasets::Problem& problem, const std::string& program) {
  const bool bare =
      problem.prelude.empty() || program.find("from __future__ ") != std::string::npos;
  if (bare) return {program, problem.entry_point};
  return {problem.prelude + "\n" + program, problem.entry_point, 1};
}

Callee callee_of(const datasets::Problem& problem, const datasets::DifferentialSuite& calls,
                 const std::string& program) {
  Callee callee = behind_prelude(problem, program);
  if (datasets::is_plain(problem, calls)) return callee;
  const std::string owner(datasets::defined_name(problem));
  const std::string method =
      owner.size() < problem.entry_point.size() ? problem.entry_point.substr(owner.size() + 1) : "";
  const datasets::Calling& calling = problem.calling;
  // A blank line ends a line that the program leaves open by a backslash. A method that is missing is
  // a missing entry point.
  callee.program = fmt::format(
      R"({0}

{1}
if _assay_builtins.callable(_assay_builtins.globals().get("{2}")):
    if _assay_builtins.hasattr({2}, "{3}" or "__call__"):
        _assay_observed = _assay_observer({2}, "{3}", {4}, {5}, {6})
)",
      callee.program, std::string_view(assay_observe_py_begin, assay_observe_py_end), owner, method,
      python(calling.printed), python(calling.arguments), python(calling.operations));
  callee.entry_point = "_assay_observed";
  return callee;
}

void count_lines(const Callee& callee, sandbox::Outcome& outcome) {
  if (outcome.line == 0 || callee.lines_before == 0) return;
  const std::string told = fmt::format("(<solution>, line {})", outcome.line);
  outcome.line = std::max(1, outcome.line - callee.lines_before);
  // What Python says of a text that does not compile names the line, too.
  if (outcome.message.ends_with(told))
    outcome.message.replace(outcome.message.size() - told.size(), told.size(),
                            fmt::format("(<solution>, line {})", outcome.line));
}

// ---- what it tells

/// The next whole value of `bytes`.
static bool take(std::string_view& bytes, std::string_view& value) {
  const std::string_view from = bytes;
  if (!skip_value(bytes)) return false;
  value = from.substr(0, from.size() - bytes.size());
  return true;
}

static bool take_str(std::string_view& bytes, std::string_view& text) {
  Head head;
  if (!take_head(bytes, head) || head.kind != Kind::str) return false;
  text = head.text;
  return true;
}

std::optional<Observed> read_observed(std::string_view answer) {
  Head tuple;
  if (!take_head(answer, tuple) || tuple.kind != Kind::tuple || tuple.items != 5) return {};
  Observed observed;
  std::string_view how, message;
  if (!take_str(answer, how) || !take(answer, observed.value) || !take_str(answer, message) ||
      !take(answer, observed.printed) || !take(answer, observed.left) || !answer.empty()) {
    return {};
  }
  observed.raised = how == "raised";
  observed.message = well_formed(head(message, kMessageMax));
  if (!observed.raised && how != "returned") return {};
  return observed;
}

std::string observed_answer(std::string_view value) {
  Value returned;
  if (!decode_whole(value, returned)) throw Error("an expected answer is no encoding");
  return encode(Value::sequence(
      Kind::tuple, {Value::of_str("returned"), std::move(returned), Value::of_str(""), {}, {}}));
}

/// Calls `take(name)` for the exception's type and what it descends from, until that returns true.
template <typename Take>
static bool any_type(const Observed& observed, const Take& take) {
  std::string_view bytes = observed.value;
  Head list;
  if (!observed.raised || !take_head(bytes, list) || list.kind != Kind::list) return false;
  for (std::uint64_t i = 0; i < list.items; ++i) {
    std::string_view name;
    if (!take_str(bytes, name)) return false;
    if (take(name)) return true;
  }
  return false;
}

std::string Observed::exception() const {
  std::string_view type = "?";
  any_type(*this, [&](std::string_view name) {
    if (is_type_name(name.data(), name.size())) type = name;
    return true;
  });
  return exception_text(type, message);
}

bool Observed::raises(std::string_view type) const {
  return any_type(*this, [type](std::string_view name) {
    return name == type || (name.ends_with(type) && name[name.size() - type.size() - 1] == '.');
  });
}

std::string text_of(const Observed& observed, const datasets::Calling& calling,
                    std::size_t length_max) {
  if (observed.raised) return "raising " + observed.exception();
  std::string text;
  const auto add = [&](const char* how, std::string_view encoded) {
    if (!text.empty()) text += ", ";
    text += how + repr_encoded(encoded, length_max);
  };
  if (calling.result) add("", observed.value);
  if (calling.printed) add("printing ", observed.printed);
  if (calling.arguments) add("leaving ", observed.left);
  return text;
}

}  // namespace assay::verify
