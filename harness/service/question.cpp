#include "harness/service/question.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "datasets/forms/form.h"
#include "datasets/forms/reader.h"
#include "datasets/languages.h"
#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/base/value/json_value.h"

namespace assay::service {

using datasets::Row;

namespace {

/// The keys of a question itself.
const std::set<std::string> kEnvelope = {
    "id",   "dataset",  "task_id", "solution", "completion", "code",      "suite",
    "full", "language", "stdin",   "extract",  "problem",    "with_error"};
/// Those of a problem of its own that stand beside them: assay's forms of a benchmark's row.
const std::set<std::string> kOfProblem = {
    "prompt",     "entry_point", "reference",  "official_reference",
    "base",       "plus",        "setup",      "tests",
    "suites",     "atol",        "comparison", "compared",
    "operations", "checker",     "compare",    "tolerance",
    "unordered"};

const Value* given(const Row& row, const std::string& key) {
  const Value* found = member(row.object, key);
  return found && found->kind != Kind::none ? found : nullptr;
}

bool flag(const Row& row, const char* key, bool otherwise) {
  const Value* found = given(row, key);
  if (!found) return otherwise;
  if (found->kind != Kind::boolean)
    row.refuse(fmt::format("\"{}\" is neither true nor false", key));
  return found->integer != 0;
}

void refuse_unknown_keys(const Row& row) {
  for (std::size_t i = 0; i < row.object.items.size(); i += 2) {
    const std::string& key = row.object.items[i].text;
    if (!kEnvelope.contains(key) && !kOfProblem.contains(key))
      row.refuse(
          fmt::format("unknown key \"{}\"; the keys of a question are {}, and those of a "
                      "problem of its own {}",
                      key, fmt::join(kEnvelope, ", "), fmt::join(kOfProblem, ", ")));
  }
}

/// One of three keys.
void take_text(const Row& row, Question& question) {
  const char* found = nullptr;
  for (const char* key : {"solution", "completion", "code"}) {
    if (!given(row, key)) continue;
    if (found) row.refuse(fmt::format("\"{}\" and \"{}\": a question has one program", found, key));
    found = key;
  }
  if (!found) row.refuse("there is no program: one of \"solution\", \"completion\" and \"code\"");
  question.text = row.text(found);
  question.is_completion = std::string_view(found) == "completion";
  if (!question.is_completion) question.text.erase(0, byte_order_mark(question.text));
}

std::vector<std::string> suites_asked(const Row& row, const Defaults& defaults) {
  const Value* suite = given(row, "suite");
  if (!suite) return defaults.suites;
  if (suite->kind == Kind::str) return {suite->text};
  std::vector<std::string> names;
  const bool list = suite->kind == Kind::list && !suite->items.empty();
  for (const Value& name : suite->items) {
    if (!list || name.kind != Kind::str) break;
    names.push_back(name.text);
  }
  if (!list || names.size() != suite->items.size())
    row.refuse("\"suite\" is neither a suite's name nor a list of names");
  return names;
}

void put(Value& object, const char* key, Value value) {
  object.items.push_back(Value::of_str(key));
  object.items.push_back(std::move(value));
}

/// The keys of a problem that stand in the question itself, as a row of a benchmark of assay's own form.
Row row_beside(const Row& row) {
  Row own{Value::sequence(Kind::dict, {}), row.place};
  const Value* tests = given(row, "tests");
  const bool by_output = tests && tests->kind == Kind::list;
  for (std::size_t i = 0; i < row.object.items.size(); i += 2) {
    const std::string& key = row.object.items[i].text;
    if (!kOfProblem.contains(key) || !given(row, key) || (key == "tests" && by_output)) continue;
    put(own.object, key.c_str(), Value(row.object.items[i + 1]));
  }
  if (by_output) {
    if (own.has("suites"))
      row.refuse("\"tests\" and \"suites\": a script's tests stand in one of them");
    Value suites = Value::sequence(Kind::dict, {});
    put(suites, "tests", Value(*tests));
    put(own.object, "suites", std::move(suites));
  }
  return own;
}

datasets::Problem problem_of(Row own, const std::string& language) {
  if (!own.has("task_id")) put(own.object, "task_id", Value::of_str("the question's problem"));
  const bool calls = own.has("entry_point");
  const bool without = calls && !own.has("reference");
  if (without) put(own.object, "reference", Value::of_str(""));
  datasets::Problem problem = datasets::form_of(own).read(own);
  problem.place = own.place;
  if (!language.empty()) problem.language = language;
  for (const datasets::Suite& suite : problem.suites) {
    if (problem.reference.empty() &&
        std::holds_alternative<datasets::DifferentialSuite>(suite.tests))
      own.refuse(
          fmt::format("suite \"{}\" holds inputs alone, and their answers come from "
                      "\"reference\", which is missing",
                      suite.name));
  }
  return problem;
}

std::shared_ptr<const Target> own_target(const Row& row, Catalog& catalog,
                                         const std::string& language) {
  Row own;
  if (const Value* problem = given(row, "problem")) {
    if (problem->kind != Kind::dict) row.refuse("\"problem\" is not an object");
    own = Row{Value(*problem), row.place};
  } else {
    own = row_beside(row);
  }
  const std::string hash = Hasher().add(language).add(to_json(own.object)).hex();
  if (auto known = catalog.known(hash)) return known;
  return catalog.own(hash, problem_of(std::move(own), language));
}

std::vector<std::size_t> all_suites(const Target& target) {
  std::vector<std::size_t> all(target.suites.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

bool brings_problem(const Row& row) {
  return given(row, "problem") ||
         std::any_of(kOfProblem.begin(), kOfProblem.end(),
                     [&](const auto& key) { return key != "prompt" && given(row, key); });
}

}  // namespace

std::string settle_language(std::string& language) {
  const datasets::Language* known = datasets::language_named(language);
  if (known) language = known->name;
  static const std::vector<std::string> run = sandbox::languages();
  if (language == "python" || std::find(run.begin(), run.end(), language) != run.end()) return "";
  return fmt::format("\"language\": programs in \"{}\" cannot be run here; python, {} can",
                     language, fmt::join(run, ", "));
}

void refuse_language(const Target& target) {
  std::string language = target.problem->language;
  if (const std::string refused = settle_language(language); !refused.empty())
    throw Error(fmt::format("{}: {}", target.problem->task_id, refused));
}

nlohmann::json id_in(const Row& row) {
  const Value* id = row.object.kind == Kind::dict ? given(row, "id") : nullptr;
  if (id && id->kind == Kind::str) return well_formed(id->text);
  if (id && id->kind == Kind::integer) return id->integer;
  return nullptr;
}

Asked read_question(const Row& row, Catalog& catalog, const Defaults& defaults) {
  refuse_unknown_keys(row);
  Asked asked;
  asked.id = id_in(row);
  if (asked.id.is_null() && given(row, "id"))
    row.refuse("\"id\" is neither a text nor a whole number of 64 bits");
  asked.with_error = flag(row, "with_error", defaults.with_error);
  Question& question = asked.question;
  take_text(row, question);
  std::string language = row.text_or_empty("language");
  if (!language.empty())
    if (const std::string refused = settle_language(language); !refused.empty())
      row.refuse(refused);
  const bool own = brings_problem(row);
  if (!own && !given(row, "task_id")) {
    if (question.is_completion)
      row.refuse("a \"completion\" continues the prompt of a problem, and there is none");
    question.script.program = std::move(question.text);
    question.script.input = row.text_or_empty("stdin");
    question.script.limits = defaults.limits;
    if (!language.empty()) question.script.language = language;
    return asked;
  }
  if (given(row, "stdin"))
    row.refuse("\"stdin\" is for a program that is only run: tests bring their own input");
  question.reading = flag(row, "extract", defaults.reading == samples::Reading::chat)
                         ? samples::Reading::chat
                     : defaults.reading == samples::Reading::chat ? samples::Reading::repaired
                                                                  : defaults.reading;
  question.all_suites = flag(row, "full", false);
  question.scope = question.all_suites ? verify::Scope::full : verify::Scope::first_failure;
  try {
    question.target = own ? own_target(row, catalog, language)
                          : catalog.find(row.text_or_empty("dataset"), row.id_or_empty("task_id"));
    refuse_language(*question.target);
    question.suites = own && !given(row, "suite")
                          ? all_suites(*question.target)
                          : chosen_suites(*question.target, suites_asked(row, defaults));
  } catch (const datasets::RowError&) {
    throw;
  } catch (const Error& error) {
    row.refuse(error.what());
  }
  return asked;
}

}  // namespace assay::service
