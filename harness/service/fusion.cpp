#include "harness/service/fusion.h"

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/base/value/json_value.h"
#include "harness/verify/outcome_text.h"

namespace assay::service {

using datasets::Row;
using nlohmann::json;
using sandbox::End;

namespace {

constexpr double kTimeoutMaxS = 300;
/// Of the time that a request names, which is a wall clock's there: CPU time decides here, and a busy
/// machine is given twice that.
constexpr double kWallFactor = 2;
constexpr std::int64_t kMemoryMaxMib = 1 << 20;

double seconds(const Row& row, const char* key, double otherwise) {
  const Value* found = member(row.object, key);
  if (!found || found->kind == Kind::none) return otherwise;
  const double value = row.amount_or(key, otherwise);
  if (value <= 0 || value > kTimeoutMaxS)
    row.refuse(fmt::format("\"{}\" is {:g}, where seconds above 0 and up to {:g} are expected", key,
                           value, kTimeoutMaxS));
  return value;
}

/// Whether something stands under a key that is a list or an object.
bool filled(const Row& row, const char* key) {
  const Value* found = member(row.object, key);
  return found && !found->items.empty();
}

std::string refusal_of_extras(const Row& row) {
  if (filled(row, "files"))
    return "\"files\": a program gets no files here; it reads standard input";
  if (filled(row, "fetch_files"))
    return "\"fetch_files\": a program leaves no files here; it writes to standard output";
  if (filled(row, "args")) return "\"args\": a program gets no arguments here";
  return "";
}

/// What a shell would have said.
struct Ended {
  const char* status = "Finished";
  json return_code = nullptr;
  std::string said;  ///< on standard error
};

Ended ended(const sandbox::Outcome& outcome) {
  switch (outcome.end) {
    case End::completed:
      return {"Finished", 0, ""};
    case End::timeout_cpu:
    case End::timeout_wall:
      return {"TimeLimitExceeded", nullptr, ""};
    case End::crash:
      return {"Finished", -outcome.signal, verify::describe(outcome)};
    case End::memory:
    case End::output:
    case End::tampered:
      return {"Finished", -9, verify::describe(outcome)};
    case End::raised:
    case End::syntax:
      return {"Finished", 1,
              "Traceback (most recent call last):\n" +
                  (outcome.line > 0 ? fmt::format("  line {}\n", outcome.line) : std::string()) +
                  verify::exception_text(outcome.exception_type, outcome.message) + "\n"};
    default:
      return {"Finished", 1, verify::describe(outcome)};
  }
}

json execution(const sandbox::Outcome& outcome, const std::string& output) {
  const Ended how = ended(outcome);
  return {{"status", how.status},
          {"execution_time", outcome.wall_s},
          {"return_code", how.return_code},
          {"stdout", output},
          {"stderr", how.said}};
}

json response(const char* status, const std::string& message, json run_result,
              json compile_result = nullptr) {
  return {{"status", status},
          {"message", message},
          {"compile_result", std::move(compile_result)},
          {"run_result", std::move(run_result)},
          {"executor_pod_name", nullptr},
          {"files", json::object()}};
}

}  // namespace

FusionRun read_run_code(const Row& row, const sandbox::Limits& limits) {
  FusionRun run;
  sandbox::ScriptJob& job = run.question.script;
  job.program = row.text("code");
  job.program.erase(0, byte_order_mark(job.program));
  job.input = row.text_or_empty("stdin");
  job.limits = limits;
  const double run_s = seconds(row, "run_timeout", 10);
  seconds(row, "compile_timeout", 10);
  job.limits.test_cpu_s = run_s;
  job.limits.wall_factor = kWallFactor;
  job.limits.wall_s_min = run_s;
  const Value* memory = member(row.object, "memory_limit_MB");
  if (memory && memory->kind != Kind::none &&
      !(memory->kind == Kind::integer && memory->integer < 0)) {
    const std::int64_t mib = row.count("memory_limit_MB", kMemoryMaxMib);
    if (mib > 0) job.limits.memory_mib = static_cast<std::uint64_t>(mib);
  }
  job.language = row.text("language");
  run.refused = settle_language(job.language);
  if (run.refused.empty()) run.refused = refusal_of_extras(row);
  return run;
}

json run_code_refusal(const std::string& why) { return response("SandboxError", why, nullptr); }

json run_code_answer(const Answer& answer, const std::string& language) {
  if (answer.cancelled) return run_code_refusal("cancelled before it was run");
  if (answer.outcome.end == End::missing)
    return run_code_refusal("the sandbox failed: " + answer.outcome.message);
  const bool compiled = language != "python" && language != "javascript";
  if (compiled && answer.outcome.end == End::syntax) {
    json compile_result = execution(answer.outcome, "");
    compile_result["stderr"] = verify::describe(answer.outcome);
    return response("Failed", "", nullptr, std::move(compile_result));
  }
  const bool good = answer.outcome.end == End::completed;
  return response(good ? "Success" : "Failed", "", execution(answer.outcome, answer.output));
}

FusionSubmission read_submit(const Row& row, Catalog& catalog, const Defaults& defaults) {
  FusionSubmission submission;
  const std::string id = row.id_or_empty("id");
  const Value& given = row.value("id");
  submission.id = given.kind == Kind::integer ? json(given.integer) : json(id);
  if (const Value* config = member(row.object, "config"); config && config->kind == Kind::dict) {
    const Row inner{Value(*config), row.place};
    if (const std::string language = inner.text_or_empty("language");
        !language.empty() && language != "python")
      row.refuse(fmt::format("\"config\": problems in \"{}\" are not served", language));
    if (filled(inner, "provided_data") || filled(inner, "extra"))
      row.refuse(
          "\"config\": problems are those of the served datasets; what \"provided_data\" and "
          "\"extra\" bring is not read (POST /judge takes a problem of its own)");
  }
  std::string dataset = row.text("dataset");
  if (dataset == "humaneval_python") dataset = "humaneval";
  Question& question = submission.question;
  try {
    question.target = catalog.find(dataset, id);
    refuse_language(*question.target);
    question.suites = chosen_suites(*question.target, defaults.suites);
  } catch (const Error& error) {
    row.refuse(error.what());
  }
  question.text = row.text("completion");
  question.reading = samples::Reading::chat;
  return submission;
}

json submit_answer(const json& id, const Answer& answer) {
  json tests = json::array();
  for (const SuiteAnswer& suite : answer.suites) {
    const store::Verdict& verdict = suite.verdict;
    const bool passed = verdict.status == store::Status::pass;
    const bool late = verdict.status == store::Status::timeout;
    json result = {{"status", late ? "TimeLimitExceeded" : "Finished"},
                   {"execution_time", verdict.wall_ms / 1e3},
                   {"return_code", late ? json(nullptr) : json(passed ? 0 : 1)},
                   {"stdout", ""},
                   {"stderr", verdict.message}};
    tests.push_back({{"passed", passed},
                     {"exec_info", response(passed ? "Success" : "Failed", "", std::move(result))},
                     {"test_info", {{"suite", suite.name}, {"status", name_of(verdict.status)}}}});
  }
  json extra = record_of(answer);
  return {{"id", id},
          {"accepted", answer.reward() == 1},
          {"extracted_code", answer.program},
          {"full_code", answer.program},
          {"test_code", nullptr},
          {"tests", std::move(tests)},
          {"extracted_type", nullptr},
          {"extra", std::move(extra)}};
}

}  // namespace assay::service
