#include "reports/programs.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/stats/cover.h"
#include "harness/stats/parallel.h"
#include "reports/text.h"

namespace assay::reports {

namespace {

constexpr std::size_t kValueBytesMax = 2000;  // of a witness on the page; --all shows it whole
constexpr std::size_t kSourceBytesMax = 20000;
constexpr std::size_t kTestBytesMax = 4000;  // longer values make a test nobody reads

enum class Judged { accepted_right, accepted_wrong, other };

// As store::counts sorts samples; `caught_by` is the first gold verdict that is not a pass.
Judged judge(const store::JudgedProgram& program, const std::vector<std::string>& proxy,
             const std::vector<std::string>& gold, const store::StoredVerdict*& caught_by) {
  const std::optional<bool> accepted = program.passes(proxy), right = program.passes(gold);
  if (!accepted.value_or(false) || !right) return Judged::other;
  if (*right) return Judged::accepted_right;
  for (const std::string& suite : gold) {
    caught_by = program.verdict(suite);
    if (caught_by && rejects(caught_by->verdict.status)) break;
  }
  return Judged::accepted_wrong;
}

std::string value_text(const std::string& text, bool whole) {
  return whole ? text : cut(text, kValueBytesMax);
}

// "f([1, 2], 3)" of "([1, 2], 3)".
std::string call_text(const std::string& entry_point, const std::string& arguments) {
  std::string_view inner = arguments;
  if (!inner.starts_with('(') || !inner.ends_with(')')) return entry_point + "(*" + arguments + ")";
  inner = inner.substr(1, inner.size() - 2);
  if (inner.ends_with(',')) inner.remove_suffix(1);
  return fmt::format("{}({})", entry_point, inner);
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("+-0123456789.e") == std::string::npos;
}

}  // namespace

void Programs::add(const store::Database& database, const store::StoredModel& model,
                   const store::JudgedProgram& program, const std::vector<std::string>& proxy,
                   const std::vector<std::string>& gold) {
  const store::StoredVerdict* caught_by = nullptr;
  const Judged judged = judge(program, proxy, gold, caught_by);
  if (judged == Judged::other) return;
  const auto [at, is_new] = problems_.try_emplace({model.dataset, program.task_id});
  if (is_new) order_[model.dataset].push_back(program.task_id);
  Problem& problem = at->second;
  const auto copies = program.samples;
  problem.entry_point = program.entry_point;
  problem.accepted += copies;
  accepted_.push_back({model.dataset, model.model, program.task_id, program.program_id, copies,
                       judged == Judged::accepted_right});
  if (judged == Judged::accepted_right) {
    problem.correct.insert(program.text);
    return;
  }
  Wrong& wrong = problem.wrong[program.program_id];
  wrong.facts.copies.push_back({model.model, copies});
  if (wrong.facts.copies.size() > 1) return;
  FalsePositive& facts = wrong.facts;
  const store::Verdict& verdict = caught_by->verdict;
  facts.dataset = model.dataset;
  facts.task_id = program.task_id;
  facts.source = program.text;
  facts.kind = name_of(verdict.status);
  facts.suite = caught_by->suite;
  wrong.suite_hash = caught_by->suite_hash;
  facts.message = verdict.message;
  facts.tests_failed = verdict.judged - verdict.passed;
  facts.tests_judged = verdict.judged;
  facts.all_judged = verdict.judged == caught_by->tests;
  if (verdict.witness) {
    if (verdict.witness->test >= 0) facts.test = verdict.witness->test;
    facts.input = verdict.witness->input;
    facts.expected = verdict.witness->expected;
    facts.actual = verdict.witness->actual;
  }
  wrong.failing = store::unpack_failing(database, caught_by->failing_stored);
}

std::vector<FalsePositive> Programs::false_positives(bool whole_values) const {
  std::vector<const Problem*> problems;
  for (const auto& [dataset, task_ids] : order_)
    for (const std::string& task_id : task_ids)
      problems.push_back(&problems_.at({dataset, task_id}));
  std::vector<std::vector<FalsePositive>> found(problems.size());
  stats::parallel_for(problems.size(), 0, [&](std::size_t i) {
    const Problem& problem = *problems[i];
    std::vector<FalsePositive>& here = found[i];
    for (const auto& [program_id, wrong] : problem.wrong) {
      FalsePositive fp = wrong.facts;
      fp.nearest_correct = nearest(fp.source, problem.correct);
      if (!whole_values) {
        fp.source = cut(fp.source, kSourceBytesMax);
        fp.nearest_correct = cut(fp.nearest_correct, kSourceBytesMax);
      }
      fp.input = value_text(fp.input, whole_values);
      fp.expected = value_text(fp.expected, whole_values);
      fp.actual = value_text(fp.actual, whole_values);
      here.push_back(std::move(fp));
    }
    const auto copies = [](const FalsePositive& fp) {
      std::int64_t n = 0;
      for (const Copies& c : fp.copies) n += c.count;
      return n;
    };
    std::stable_sort(here.begin(), here.end(),
                     [&](const auto& a, const auto& b) { return copies(a) > copies(b); });
  });
  std::vector<FalsePositive> out;
  for (std::vector<FalsePositive>& here : found)
    std::move(here.begin(), here.end(), std::back_inserter(out));
  return out;
}

std::string check_function(const std::vector<std::pair<std::string, std::string>>& tests) {
  std::string out;
  for (const auto& [arguments, expected] : tests) {
    if (arguments.size() > kTestBytesMax || expected.size() > kTestBytesMax || arguments.empty() ||
        arguments.find("\u2026") != std::string::npos || expected.empty())
      continue;
    const bool real = is_number(expected) && expected.find_first_of(".e") != std::string::npos;
    const std::string call = call_text("candidate", arguments);
    out += real ? fmt::format("    assert abs({} - ({})) <= 1e-6\n", call, expected)
                : fmt::format("    assert {} == {}\n", call, expected);
  }
  return out.empty() ? out : "def check(candidate):\n" + out;
}

std::vector<SuiteAdvice> Programs::advice(const TestTexts& test_texts) const {
  std::vector<SuiteAdvice> out;
  for (const auto& [key, problem] : problems_) {
    if (problem.wrong.empty()) continue;
    SuiteAdvice advice;
    advice.dataset = key.first;
    advice.task_id = key.second;
    advice.entry_point = problem.entry_point;
    advice.accepted = problem.accepted;
    std::string suite_hash;
    std::vector<stats::Wrong> programs;
    std::map<std::int64_t, TestText> known;  // witnesses are tests in words
    for (const auto& [program_id, wrong] : problem.wrong) {
      std::int64_t samples = 0;
      for (const Copies& c : wrong.facts.copies) samples += c.count;
      advice.suite = wrong.facts.suite;
      suite_hash = wrong.suite_hash;
      advice.false_positives += samples;
      if (wrong.failing.empty()) advice.uncaught += samples;
      programs.push_back({samples, wrong.failing});
      if (wrong.facts.test) known[*wrong.facts.test] = {wrong.facts.input, wrong.facts.expected};
    }
    std::vector<std::pair<std::string, std::string>> texts;
    for (const stats::CoverStep& step : stats::greedy_cover(programs)) {
      std::optional<TestText> text;
      if (test_texts) text = test_texts(key.first, key.second, advice.suite, suite_hash, step.test);
      if (!text && known.contains(step.test)) text = known.at(step.test);
      advice.tests.push_back({step.test, step.catches, "", ""});
      if (!text) continue;
      advice.tests.back().call = call_text(problem.entry_point, text->arguments);
      advice.tests.back().expected = text->expected;
      texts.emplace_back(text->arguments, text->expected);
    }
    advice.code = check_function(texts);
    out.push_back(std::move(advice));
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return a.false_positives > b.false_positives;
  });
  return out;
}

}  // namespace assay::reports
