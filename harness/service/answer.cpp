#include "harness/service/answer.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "harness/base/text.h"
#include "harness/verify/outcome_text.h"

namespace assay::service {

using nlohmann::json;
using store::Status;

const SuiteAnswer* Answer::decisive() const {
  const SuiteAnswer* found = nullptr;
  for (const SuiteAnswer& suite : suites) {
    if (rejects(suite.verdict.status)) return &suite;
    if (!found && suite.verdict.status != Status::pass) found = &suite;
  }
  return found ? found : suites.empty() ? nullptr : &suites.back();
}

std::optional<int> Answer::reward() const {
  const SuiteAnswer* suite = decisive();
  if (!suite || suite->verdict.status == Status::missing) return std::nullopt;
  if (rejects(suite->verdict.status)) return 0;
  return cancelled ? std::nullopt : std::optional(1);
}

std::string Answer::status() const {
  if (cancelled && !reward()) return "cancelled";
  if (ran) return store::name_of(verify::status_of(outcome.end));
  const SuiteAnswer* suite = decisive();
  return store::name_of(suite ? suite->verdict.status : Status::missing);
}

/// Microseconds are enough.
static double rounded(double ms) { return std::round(ms * 1e3) / 1e3; }

static json witness_of(const store::Witness& witness) {
  return {{"test", witness.test},
          {"input", cut(witness.input, kShownBytesMax)},
          {"expected", cut(witness.expected, kShownBytesMax)},
          {"actual", cut(witness.actual, kShownBytesMax)}};
}

static void add_verdict(json& out, const store::Verdict& verdict) {
  if (!verdict.message.empty()) out["message"] = verdict.message;
  if (verdict.witness) out["witness"] = witness_of(*verdict.witness);
  if (verdict.marginal) out["marginal"] = true;
  if (verdict.forgeable) out["forgeable"] = true;
}

static json suite_json(const SuiteAnswer& suite) {
  json out = {{"status", name_of(suite.verdict.status)},
              {"passed", suite.verdict.passed},
              {"judged", suite.verdict.judged},
              {"tests", suite.tests}};
  add_verdict(out, suite.verdict);
  return out;
}

static void add_run(json& out, const Answer& answer) {
  out["stdout"] = cut(answer.output, kShownBytesMax);
  if (const std::string message = verify::describe(answer.outcome); !message.empty())
    out["message"] = message;
  if (answer.outcome.marginal) out["marginal"] = true;
  out["cpu_ms"] = rounded(answer.outcome.cpu_s * 1e3);
  out["wall_ms"] = rounded(answer.outcome.wall_s * 1e3);
  out["memory_kib"] = answer.outcome.memory_kib_peak;
}

json record_of(const Answer& answer) {
  const auto reward = answer.reward();
  json out = {{"status", answer.status()},
              {"reward", reward ? json(*reward) : json(nullptr)},
              {"passed", 0},
              {"judged", 0}};
  if (answer.ran) {
    add_run(out, answer);
    return out;
  }
  std::int64_t passed = 0, judged = 0, tests = 0, memory_kib = 0;
  double cpu_ms = 0, wall_ms = 0;
  json suites = json::object();
  for (const SuiteAnswer& suite : answer.suites) {
    passed += suite.verdict.passed, judged += suite.verdict.judged, tests += suite.tests;
    cpu_ms += suite.verdict.cpu_ms, wall_ms += suite.verdict.wall_ms;
    memory_kib = std::max(memory_kib, suite.verdict.memory_kib);
    suites[suite.name] = suite_json(suite);
  }
  out["passed"] = passed, out["judged"] = judged, out["tests"] = tests;
  out["cpu_ms"] = rounded(cpu_ms), out["wall_ms"] = rounded(wall_ms),
  out["memory_kib"] = memory_kib;
  if (const SuiteAnswer* decisive = answer.decisive()) {
    out["suite"] = decisive->name;
    add_verdict(out, decisive->verdict);
  }
  if (answer.suites.size() > 1) out["suites"] = std::move(suites);
  if (!answer.rules.empty()) out["rules"] = answer.rules;
  return out;
}

std::string line_of(const json& record) {
  return record.dump(-1, ' ', true, json::error_handler_t::replace);
}

}  // namespace assay::service
