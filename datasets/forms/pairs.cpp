// Forms whose tests are a list of inputs and one of outputs: APPS's as its hub has them, the records that
// verl's reward functions are given, and CodeContests's.
#include <fmt/format.h>

#include "datasets/forms/answered.h"
#include "datasets/forms/form.h"
#include "harness/base/value/json_value.h"

namespace assay::datasets {

// ---- APPS

static Problem read_apps_hub(const Row& row) {
  Problem problem;
  problem.task_id = "APPS/" + row.id_or_empty("problem_id");
  problem.prompt = row.text("question");
  // Some problems have no tests.
  const Value& tests = row.value("input_output");
  if (tests.kind == Kind::none || (tests.kind == Kind::str && tests.text.empty())) return problem;
  const std::string where = "\"input_output\"";
  put_pairs(row, where, json_in(row, where, tests), row.text_or_empty("starter_code"), "official",
            problem);
  return problem;
}

const Form& apps_hub_form() {
  static const Form form{
      "APPS's, of its hub", {"problem_id", "question", "input_output"}, read_apps_hub};
  return form;
}

// ---- verl

/// What the model is asked: the text, or what the messages say.
static std::string prompt_of(const Row& row) {
  if (!row.has("prompt")) return "";
  const Value& prompt = row.value("prompt");
  if (prompt.kind == Kind::str) return prompt.text;
  std::string text;
  for (const Value& message : prompt.items) {
    const Value* content = message.kind == Kind::dict ? member(message, "content") : nullptr;
    if (content && content->kind == Kind::str) text += (text.empty() ? "" : "\n\n") + content->text;
  }
  return text;
}

/// "codecontests/7": where it comes from, and its number there.
static std::string record_id(const Row& row) {
  if (const std::string id = row.name_or_empty("task_id"); !id.empty()) return id;
  const Value* extra = member(row.object, "extra_info");
  const Value* index = extra && extra->kind == Kind::dict ? member(*extra, "index") : nullptr;
  const bool number = index && index->kind == Kind::integer;
  if (!number && (!index || index->kind != Kind::str || index->text.empty()))
    row.refuse("neither \"task_id\" nor \"extra_info\": {\"index\": ..} names the problem");
  return fmt::format("{}/{}", row.name("data_source"),
                     number ? std::to_string(index->integer) : index->text);
}

static Problem read_verl(const Row& row) {
  Problem problem;
  problem.task_id = record_id(row);
  problem.prompt = prompt_of(row);
  const std::string where = "\"reward_model\": \"ground_truth\"";
  const Value& model = row.value("reward_model");
  const Value* truth = model.kind == Kind::dict ? member(model, "ground_truth") : nullptr;
  if (!truth) row.refuse(where + " is missing");
  const Value tests = json_in(row, where, *truth);
  if (const Value* asserts = tests.kind == Kind::dict ? member(tests, "assert_case") : nullptr;
      asserts && asserts->kind == Kind::list && !asserts->items.empty())
    row.refuse(where +
               " has tests as texts (\"assert_case\"), which are not read: write them as "
               "\"tests\" of assay's own form");
  put_pairs(row, where, tests, problem.prompt, "official", problem);
  return problem;
}

const Form& verl_form() {
  static const Form form{"verl's records", {"data_source", "reward_model"}, read_verl};
  return form;
}

// ---- CodeContests

static void put_tests(const Row& row, const std::string& key, const char* name, Problem& problem) {
  const Value& tests = row.value(key);
  const Value* input = tests.kind == Kind::dict ? member(tests, "input") : nullptr;
  const Value* output = tests.kind == Kind::dict ? member(tests, "output") : nullptr;
  if (!input || !output || input->kind != Kind::list || output->kind != Kind::list ||
      input->items.size() != output->items.size())
    row.refuse(fmt::format(
        "\"{}\" is not {{\"input\": [..], \"output\": [..]}} with as many of one as of the other",
        key));
  StdioSuite suite;
  for (std::size_t i = 0; i < input->items.size(); ++i)
    suite.tests.push_back(script_test(row, fmt::format("\"{}\", test {}", key, i), input->items[i],
                                      output->items[i]));
  if (!suite.tests.empty()) put_suite(problem, {name, std::move(suite)});
}

static Problem read_code_contests(const Row& row) {
  Problem problem;
  problem.task_id = row.name("name");
  problem.prompt = row.text_or_empty("description");
  for (const char* key : {"input_file", "output_file"}) {
    if (const std::string file = row.text_or_empty(key); !file.empty())
      row.refuse(fmt::format(
          "\"{}\" is {}: programs read standard input and write standard output here; leave the "
          "problem out",
          key, repr(Value::of_str(file), 80)));
  }
  put_tests(row, "public_tests", "public", problem);
  put_tests(row, "private_tests", "private", problem);
  put_tests(row, "generated_tests", "generated", problem);
  if (problem.suites.empty()) row.refuse("none of its lists of tests holds one");
  return problem;
}

const Form& code_contests_form() {
  static const Form form{"CodeContests's",
                         {"name", "public_tests", "private_tests", "generated_tests"},
                         read_code_contests};
  return form;
}

}  // namespace assay::datasets
