#include "harness/cli/foreign_results.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "harness/base/error.h"
#include "harness/base/text.h"
#include "harness/base/value/json_parts.h"
#include "harness/base/value/json_value.h"

namespace assay::cli {

using datasets::Row;
using store::Status;

/// Of what a harness says about a sample.
static constexpr std::size_t kMessageBytesMax = 1000;
static constexpr std::size_t kWitnessBytesMax = 64 << 10;

static std::string said(std::string_view text, std::size_t bytes_max = kMessageBytesMax) {
  return std::string(head(text, bytes_max));
}

static const Value* found(const Value& object, std::string_view key) {
  const Value* value = object.kind == Kind::dict ? member(object, key) : nullptr;
  return value && value->kind != Kind::none ? value : nullptr;
}

/// The text or whole number under `key`; empty for everything else.
static std::string text_in(const Value& object, std::string_view key) {
  const Value* value = found(object, key);
  if (!value) return "";
  if (value->kind == Kind::str) return value->text;
  return value->kind == Kind::integer ? std::to_string(value->integer) : "";
}

static const std::vector<Value>& list_in(const Row& row, const std::string& key) {
  const Value& value = row.value(key);
  if (value.kind != Kind::list) row.refuse(fmt::format("\"{}\" is not a list", key));
  return value.items;
}

static std::string task_of(const Row& row, const std::string& key) {
  std::string id = row.id_or_empty(key);
  if (id.empty()) row.refuse(fmt::format("the key \"{}\" is missing or empty", key));
  return id;
}

static void each_row(const std::string& file, std::string_view text, const datasets::Keys& keys,
                     const std::function<void(const Row&)>& take) {
  LineReader reader(file, text);
  datasets::for_each_row(
      reader, [&](Row&& row) { take(row); }, {}, keys);
}

/// The members `keys` of a file that is one object.
static Row whole(const std::string& file, std::string_view text, const datasets::Keys& keys) {
  return datasets::read_row(text, {file}, keys);
}

/// The parts of a text, as they are written. Throws Error that names `place`.
static std::vector<std::pair<std::string, std::string_view>> members_of(const std::string& place,
                                                                        std::string_view text) {
  std::vector<std::pair<std::string, std::string_view>> members;
  try {
    for_each_member(text, [&](const std::string& key, std::string_view value) {
      members.emplace_back(key, value);
    });
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", place, error.what()));
  }
  return members;
}

static std::vector<std::string_view> items_of(const std::string& place, std::string_view text) {
  std::vector<std::string_view> items;
  try {
    for_each_item(text, [&](std::string_view item) { items.push_back(item); });
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", place, error.what()));
  }
  return items;
}

/// The value of the last member of that name; empty where there is none.
static std::string_view part_of(const std::string& file, std::string_view text,
                                std::string_view name) {
  std::string_view part;
  for (const auto& [key, value] : members_of(file, text)) {
    if (key == name) part = value;
  }
  return part;
}

// ---- human-eval: {"task_id", "completion", "result": "passed" | "timed out" | "failed: ..", "passed"}

static Status status_of_human_eval(const Row& row) {
  const Value& passed = row.value("passed");
  if (passed.kind != Kind::boolean) row.refuse("\"passed\" is neither true nor false");
  if (passed.integer != 0) return Status::pass;
  return row.text_or_empty("result") == "timed out" ? Status::timeout : Status::fail;
}

static void read_human_eval(const std::string& file, std::string_view text, const TakeResult& take,
                            std::string&) {
  each_row(file, text, {"task_id", "sample_id", "completion", "solution", "result", "passed"},
           [&](const Row& row) {
             ForeignResult result;
             result.task_id = task_of(row, "task_id");
             result.sample_id = row.id_or_empty("sample_id");
             result.is_completion = !row.has("solution");
             result.text = row.text(result.is_completion ? "completion" : "solution");
             result.status = status_of_human_eval(row);
             if (result.status != Status::pass) result.message = said(row.text_or_empty("result"));
             take(std::move(result), row);
           });
}

// ---- lm-evaluation-harness, --log_samples: {"doc", "filtered_resps", "filter", "pass@1", ..}

static constexpr std::array kLmEvalMetrics = {"pass@1", "pass_at_1", "exact_match", "acc"};

/// Its programs: of some tasks a list of them, of others a list of one list.
static std::vector<std::string> lm_eval_programs(const Row& row) {
  const std::vector<Value>* items = &list_in(row, "filtered_resps");
  if (items->size() == 1 && items->front().kind == Kind::list) items = &items->front().items;
  std::vector<std::string> programs;
  for (const Value& item : *items) {
    if (item.kind != Kind::str) row.refuse("\"filtered_resps\" holds something that is no text");
    programs.push_back(item.text);
  }
  if (programs.empty()) row.refuse("\"filtered_resps\" holds no answer");
  return programs;
}

/// Which of the answers passed is only told where all or none did.
static Status status_of_lm_eval(const Row& row, std::size_t answers) {
  for (const char* metric : kLmEvalMetrics) {
    if (!row.has(metric)) continue;
    const double share = row.amount_or(metric, 0);
    if (share == 0) return Status::fail;
    if (share == 1) return Status::pass;
    row.refuse(fmt::format(
        "\"{}\" is {} of {} answers: which of them passed is not told, and problems that all or none "
        "solve alone would be a biased choice; judge the answers anew: assay run",
        metric, share, answers));
  }
  row.refuse(fmt::format("it has no verdict: none of {}", fmt::join(kLmEvalMetrics, ", ")));
}

/// MBPP's problems have bare numbers, which another benchmark would take for its own.
static std::string task_of_lm_eval(const Row& row, const Value& doc) {
  const std::string task_id = text_in(doc, "task_id");
  if (task_id.empty()) return task_of(row, "doc_id");
  const bool number = task_id.find_first_not_of("0123456789") == task_id.npos;
  return number && found(doc, "test_list") ? "Mbpp/" + task_id : task_id;
}

static void read_lm_eval(const std::string& file, std::string_view text, const TakeResult& take,
                         std::string&) {
  datasets::Keys keys = {"doc", "doc_id", "filtered_resps", "filter"};
  keys.insert(keys.end(), kLmEvalMetrics.begin(), kLmEvalMetrics.end());
  std::optional<std::string> filter;  // the rows come again for each filter: the first is taken
  each_row(file, text, keys, [&](const Row& row) {
    const std::string by = row.text_or_empty("filter");
    if (!filter) filter = by;
    if (by != *filter) return;
    const Value& doc = row.value("doc");
    const std::string task_id = task_of_lm_eval(row, doc);
    std::vector<std::string> programs = lm_eval_programs(row);
    const Status status = status_of_lm_eval(row, programs.size());
    for (std::string& program : programs) {
      ForeignResult result;
      result.task_id = task_id;
      result.text = std::move(program);
      result.prompt = text_in(doc, "prompt");
      result.status = status;
      take(std::move(result), row);
    }
  });
}

// ---- inspect log dump: {"status", "eval": {"model"}, "samples": [{"id", "epoch", "output", "scores"}]}

/// The one score of the sample: its names differ from task to task.
static const Value* inspect_score(const Row& row) {
  const Value* scores = found(row.object, "scores");
  if (!scores || scores->kind != Kind::dict || scores->items.empty()) return nullptr;
  if (scores->items.size() > 2)
    row.refuse(fmt::format("\"scores\" has more than one score, such as {} and {}",
                           scores->items[0].text, scores->items[2].text));
  return &scores->items[1];
}

static Status status_of_inspect(const Row& row, const Value& score) {
  const Value* value = found(score, "value");
  if (value && value->kind == Kind::str) {
    if (value->text == "C") return Status::pass;
    if (value->text == "I" || value->text == "N") return Status::fail;
  } else if (value && (value->kind == Kind::integer || value->kind == Kind::boolean ||
                       value->kind == Kind::real)) {
    const double number =
        value->kind == Kind::real ? value->real : static_cast<double>(value->integer);
    if (number == 1) return Status::pass;
    if (number == 0) return Status::fail;
  }
  row.refuse("the score's \"value\" is neither C, I, N, 1 nor 0, and so no verdict");
}

/// What the model wrote last.
static std::string inspect_answer(const Row& row) {
  const Value* output = found(row.object, "output");
  const Value* choices = output ? found(*output, "choices") : nullptr;
  if (!choices || choices->kind != Kind::list || choices->items.empty()) return "";
  const Value* message = found(choices->items.front(), "message");
  const Value* content = message ? found(*message, "content") : nullptr;
  if (!content) return "";
  if (content->kind == Kind::str) return content->text;
  std::string text;  // parts: [{"type": "text", "text": ..}, ..]
  for (const Value& part : content->items)
    if (text_in(part, "type") == "text") text += text_in(part, "text");
  return text;
}

static ForeignResult inspect_result(const Row& row) {
  ForeignResult result;
  result.task_id = task_of(row, "id");
  if (row.has("epoch")) {
    const std::int64_t epoch = row.count("epoch", 1'000'000'000);
    result.sample_id = std::to_string(epoch > 0 ? epoch - 1 : 0);
  }
  const Value* input = found(row.object, "input");
  if (input && input->kind == Kind::str) result.prompt = input->text;
  const Value* score = inspect_score(row);
  result.text = score ? text_in(*score, "answer") : "";
  if (result.text.empty()) result.text = inspect_answer(row);
  if (score && !found(row.object, "error")) result.status = status_of_inspect(row, *score);
  if (score && result.status != Status::pass) result.message = said(text_in(*score, "explanation"));
  return result;
}

static void read_inspect(const std::string& file, std::string_view text, const TakeResult& take,
                         std::string& model) {
  const Row head_of_log = whole(file, text, {"status", "eval"});
  const std::string status = head_of_log.text_or_empty("status");
  if (status != "success") {
    head_of_log.refuse(fmt::format(
        "the evaluation's \"status\" is \"{}\", not \"success\": it is not complete", status));
  }
  model = text_in(head_of_log.value("eval"), "model");
  const std::string_view samples = part_of(file, text, "samples");
  if (samples.empty() || samples == "null")
    head_of_log.refuse(
        "it has no \"samples\": this is the log's header alone (inspect log dump "
        "--header-only); dump the whole log");
  const std::string place = file + ": samples";
  std::size_t number = 0;
  for (const std::string_view sample : items_of(place, samples)) {
    const Row row = datasets::read_row(sample, {fmt::format("{}[{}]", place, number++)},
                                       {"id", "epoch", "input", "output", "scores", "error"});
    take(inspect_result(row), row);
  }
}

// ---- LiveCodeBench, _eval_all.json: [{"question_id", "code_list", "graded_list", "metadata"}]

/// Its codes: a failure of its own test runner is no verdict.
static std::optional<Status> status_of_live_code_bench(const Value& metadata) {
  const Value* code = found(metadata, "error_code");
  if (!code || code->kind != Kind::integer) return Status::fail;
  switch (code->integer) {
    case -3:
      return Status::timeout;
    case -4:
      return Status::error;
    case -5:
      return std::nullopt;
    default:
      return Status::fail;
  }
}

/// The sample's metadata, an object or JSON of one in a string; {} where there is none to read.
static Value live_code_bench_metadata(const Row& row, std::size_t index) {
  const Value* all = found(row.object, "metadata");
  const bool there = all && all->kind == Kind::list && index < all->items.size();
  if (there && all->items[index].kind == Kind::dict) return all->items[index];
  if (!there || all->items[index].kind != Kind::str) return Value::sequence(Kind::dict, {});
  try {
    return parse_json(all->items[index].text);
  } catch (const Error& error) {
    row.refuse(fmt::format("\"metadata\"[{}]: {}", index, error.what()));
  }
}

static void put_live_code_bench_evidence(ForeignResult& result, const Value& metadata) {
  const Value* seconds = found(metadata, "execution time");
  if (seconds && seconds->kind == Kind::real && seconds->real > 0)
    result.wall_ms = 1000 * seconds->real;
  if (!result.status || result.status == Status::pass) return;
  result.message = said(text_in(metadata, "error_message"));
  const std::string input = text_in(metadata, "inputs");
  if (input.empty()) return;
  result.witness = store::Witness{-1, said(input, kWitnessBytesMax),
                                  said(text_in(metadata, "expected"), kWitnessBytesMax),
                                  said(text_in(metadata, "output"), kWitnessBytesMax)};
}

static void read_live_code_bench(const std::string& file, std::string_view text,
                                 const TakeResult& take, std::string&) {
  each_row(
      file, text, {"question_id", "question_content", "code_list", "graded_list", "metadata"},
      [&](const Row& row) {
        const auto& codes = list_in(row, "code_list");
        const auto& graded = list_in(row, "graded_list");
        if (codes.size() != graded.size()) {
          row.refuse(fmt::format("\"code_list\" has {} programs and \"graded_list\" {} verdicts",
                                 codes.size(), graded.size()));
        }
        for (std::size_t i = 0; i < codes.size(); ++i) {
          ForeignResult result;
          result.task_id = task_of(row, "question_id");
          result.prompt = row.text_or_empty("question_content");
          if (codes[i].kind != Kind::str || graded[i].kind != Kind::boolean)
            row.refuse(fmt::format("sample {} is no program with true or false", i));
          result.text = codes[i].text;
          const Value metadata = live_code_bench_metadata(row, i);
          result.status = graded[i].integer != 0 ? std::optional(Status::pass)
                                                 : status_of_live_code_bench(metadata);
          put_live_code_bench_evidence(result, metadata);
          take(std::move(result), row);
        }
      });
}

// ---- MultiPL-E, NAME.results.json: {"name", "prompt", "tests", "results": [{"program", "status"}]}

static Status status_of_multipl_e(const Row& row, const std::string& status) {
  if (status == "OK") return Status::pass;
  if (status == "Timeout") return Status::timeout;
  if (status == "SyntaxError") return Status::syntax;
  if (status.empty()) row.refuse("a result has no \"status\"");
  return Status::error;  // "Exception", and a name for each language's own
}

/// "HumanEval_0_has_close_elements" is HumanEval/0, "mbpp_2_similar_elements" Mbpp/2.
static std::string multipl_e_task(const std::string& name) {
  for (const auto& [front, benchmark] :
       {std::pair{"HumanEval_", "HumanEval/"}, std::pair{"mbpp_", "Mbpp/"}}) {
    if (!name.starts_with(front)) continue;
    const std::size_t begin = std::string_view(front).size();
    const std::size_t end = name.find_first_not_of("0123456789", begin);
    if (end != begin && (end == name.npos || name[end] == '_'))
      return benchmark + name.substr(begin, end == name.npos ? end : end - begin);
  }
  return name;
}

static void read_multipl_e(const std::string& file, std::string_view text, const TakeResult& take,
                           std::string&) {
  const Row row = whole(file, text, {"name", "prompt", "tests", "results"});
  const std::string task_id = multipl_e_task(task_of(row, "name"));
  const std::string tests = row.text_or_empty("tests");
  for (const Value& one : list_in(row, "results")) {
    const Value* program = found(one, "program");
    if (!program || program->kind != Kind::str) row.refuse("a result has no \"program\"");
    ForeignResult result;
    result.task_id = task_id;
    result.prompt = row.text_or_empty("prompt");
    result.text = program->text;
    // It ran with its tests behind it.
    if (!tests.empty() && result.text.ends_with("\n" + tests))
      result.text.resize(result.text.size() - tests.size());
    result.status = status_of_multipl_e(row, text_in(one, "status"));
    if (result.status != Status::pass) result.message = said(text_in(one, "stderr"));
    take(std::move(result), row);
  }
}

// ---- BigCodeBench, _eval_results.json: {"eval": {task_id: [{"solution", "status", "details"}]}}

static Status status_of_big_code_bench(const Row& row) {
  const std::string status = row.text("status");
  if (status == "pass") return Status::pass;
  if (status == "fail") return Status::fail;
  if (status == "timeout") return Status::timeout;
  row.refuse(
      fmt::format("\"status\" is \"{}\"; pass, fail and timeout are known", head(status, 40)));
}

/// The first test that failed, and what it said: details are {test: trace}.
static std::string big_code_bench_message(const Row& row) {
  const Value* details = found(row.object, "details");
  if (!details || details->kind != Kind::dict || details->items.empty()) return "";
  const std::string& test = details->items[0].text;
  return said(test + ": " + text_in(*details, test));
}

static void read_big_code_bench(const std::string& file, std::string_view text,
                                const TakeResult& take, std::string&) {
  for (const auto& [task_id, rows] : members_of(file + ": eval", part_of(file, text, "eval"))) {
    const std::string place = fmt::format("{}: eval[\"{}\"]", file, head(task_id, 100));
    std::size_t number = 0;
    for (const std::string_view item : items_of(place, rows)) {
      const Row row = datasets::read_row(item, {fmt::format("{}[{}]", place, number++)},
                                         {"solution", "status", "details", "base_status"});
      if (row.has("base_status"))
        row.refuse("is EvalPlus's result, which has two suites: assay import evalplus takes it in");
      ForeignResult result;
      result.task_id = task_id;
      result.text = row.text("solution");
      result.status = status_of_big_code_bench(row);
      if (result.status != Status::pass) result.message = big_code_bench_message(row);
      take(std::move(result), row);
    }
  }
}

const std::vector<ForeignForm>& foreign_forms() {
  using Has = std::function<bool(const char*)>;
  static const std::vector<ForeignForm> forms = {
      {"inspect", "what `inspect log dump` prints",
       [](const Has& has) { return has("eval") && (has("samples") || has("status")); },
       read_inspect},
      {"bigcodebench", "BigCodeBench's _eval_results.json",
       [](const Has& has) { return has("eval"); }, read_big_code_bench},
      {"lm-eval", "lm-evaluation-harness's logged samples",
       [](const Has& has) { return has("doc") && has("filtered_resps"); }, read_lm_eval},
      {"livecodebench", "LiveCodeBench's _eval_all.json",
       [](const Has& has) { return has("question_id") && has("graded_list"); },
       read_live_code_bench},
      {"multipl-e", "MultiPL-E's NAME.results.json",
       [](const Has& has) { return has("name") && has("results"); }, read_multipl_e},
      {"human-eval", "human-eval's _results.jsonl",
       [](const Has& has) { return has("task_id") && has("passed"); }, read_human_eval},
  };
  return forms;
}

std::vector<std::string> first_keys(std::string_view text) {
  static constexpr std::size_t kKeysMax = 1000;
  std::vector<std::string> keys;

  const std::size_t begin = text.find('{');
  if (begin == text.npos || begin != text.find_first_not_of(" \t\r\n[")) return keys;
  try {
    for_each_member(text.substr(begin), [&](const std::string& key, std::string_view) {
      if (keys.size() < kKeysMax) keys.push_back(key);
    });
  } catch (const Error&) {  // what comes behind it is not looked at
  }
  return keys;
}

}  // namespace assay::cli
