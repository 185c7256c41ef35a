#include "datasets/forms/readers.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "datasets/forms/rows.h"
#include "datasets/rules/mbpp_types.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/value/json_value.h"

namespace assay::datasets {

namespace {

enum class Form { humaneval, humaneval_plus, mbpp, mbpp_sanitized, mbpp_plus, assay };

struct FormRow {
  Form form;
  const char* name;
  std::vector<const char*> keys;  // the form has all of these
};

/// The first row of the file decides; the more particular form stands first.
const std::vector<FormRow>& forms() {
  static const std::vector<FormRow> rows = {
      {Form::humaneval_plus,
       "HumanEval+",
       {"canonical_solution", "base_input", "plus_input", "test"}},
      {Form::mbpp_plus, "MBPP+", {"canonical_solution", "base_input", "plus_input", "assertion"}},
      {Form::humaneval, "HumanEval", {"prompt", "entry_point", "canonical_solution", "test"}},
      {Form::mbpp, "MBPP", {"text", "code", "test_list", "test_setup_code"}},
      {Form::mbpp_sanitized, "sanitized MBPP", {"prompt", "code", "test_list", "test_imports"}},
      {Form::assay, "assay's own", {"entry_point", "reference"}},
  };
  return rows;
}

Form form_of(const Row& row) {
  if (row.has("dataset")) return Form::assay;  // its optional first row
  for (const FormRow& form : forms()) {
    if (std::all_of(form.keys.begin(), form.keys.end(),
                    [&](const char* key) { return row.has(key); })) {
      return form.form;
    }
  }
  row.refuse(
      "the keys of this row are those of no known form (HumanEval, HumanEval+, MBPP, MBPP+, "
      "assay's "
      "own; see datasets/README.md)");
}

/// Line ends as Python sees them; MBPP's code has CRLF.
std::string with_plain_line_ends(std::string text) {
  std::erase(text, '\r');
  return text;
}

std::string joined(const Row& row, const std::string& key) {
  std::string text;
  const Value& lines = row.value(key);
  if (lines.kind != Kind::list) row.refuse(fmt::format("\"{}\" is not an array of strings", key));
  for (const Value& line : lines.items) {
    if (line.kind != Kind::str) row.refuse(fmt::format("\"{}\" is not an array of strings", key));
    text += line.text;
    text += '\n';
  }
  return with_plain_line_ends(text);
}

/// The suite under `key`: a list of argument lists. MBPP+ says "none" by {} once (Mbpp/793).
DifferentialSuite suite_of(const Row& row, const std::string& key, const Value& inputs,
                           const std::string& task_id) {
  DifferentialSuite suite;
  if (inputs.kind == Kind::dict && inputs.items.empty()) return suite;
  if (inputs.kind != Kind::list) row.refuse(fmt::format("\"{}\" is not an array of inputs", key));
  suite.inputs.reserve(inputs.items.size());
  for (Value arguments : inputs.items) {
    try {
      restore_types(task_id, arguments);
    } catch (const Error& error) {
      row.refuse(fmt::format("\"{}\", input {}: {}", key, suite.inputs.size(), error.what()));
    }
    suite.inputs.push_back(encode(arguments));
  }
  return suite;
}

DifferentialSuite suite_of(const Row& row, const std::string& key, const std::string& task_id) {
  return suite_of(row, key, row.value(key), task_id);
}

/// Names that need no quoting in `--proxy a,b`, `--gold a|b` or `NAME>=x`.
bool is_suite_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
         });
}

/// HumanEval's test text only defines check(candidate): without the call it would pass everything.
std::string with_call(const std::string& tests) {
  const bool defines_check =
      tests.starts_with("def check(") || tests.find("\ndef check(") != std::string::npos;
  return defines_check ? tests + "\ncheck(candidate)\n" : tests;
}

Problem humaneval_problem(const Row& row) {
  Problem problem;
  problem.task_id = row.text("task_id");
  problem.prompt = row.text("prompt");
  problem.entry_point = row.text("entry_point");
  problem.reference = problem.prompt + row.text("canonical_solution");
  problem.official_reference = problem.reference;
  put_suite(problem,
            {"official", CheckerSuite{problem.official_reference, with_call(row.text("test"))}});
  return problem;
}

void add_plus(const Row& row, Problem& problem) {
  problem.atol = row.number_or("atol", 0);
  problem.rule = rule_of(problem.task_id);
  put_suite(problem, {"base", suite_of(row, "base_input", problem.task_id)});
  put_suite(problem, {"plus", suite_of(row, "plus_input", problem.task_id)});
}

Problem humaneval_plus_problem(const Row& row) {
  Problem problem = humaneval_problem(row);
  add_plus(row, problem);
  return problem;
}

Problem mbpp_plus_problem(const Row& row) {
  Problem problem;
  problem.task_id = row.text("task_id");
  problem.prompt = row.text("prompt");
  problem.entry_point = row.text("entry_point");
  problem.reference = problem.prompt + row.text("canonical_solution");
  add_plus(row, problem);
  return problem;
}

Problem mbpp_problem(const Row& row, const char* text_key) {
  Problem problem;
  const Value& number = row.value("task_id");
  if (number.kind != Kind::integer) row.refuse("\"task_id\" is not a number");
  problem.task_id = fmt::format("Mbpp/{}", number.integer);
  problem.reference = with_plain_line_ends(row.text("code")) + "\n";
  problem.official_reference = problem.reference;
  const std::string tests = joined(row, "test_list");
  problem.entry_point = entry_point_of(problem.reference, tests);
  if (problem.entry_point.empty())
    row.refuse("\"code\" defines no function that \"test_list\" calls");
  // The prompt of MBPP+, whose style EvalPlus and its samples use: the text and the first test.
  problem.prompt = fmt::format("\"\"\"\n{}\n{}\n\"\"\"\n", row.text(text_key),
                               tests.substr(0, tests.find('\n')));
  CheckerSuite suite;
  suite.setup = problem.reference;
  if (row.has("test_setup_code")) {
    suite.setup += with_plain_line_ends(row.text("test_setup_code")) + "\n";
  }
  if (row.has("test_imports")) suite.checker = joined(row, "test_imports");
  suite.checker += tests;
  put_suite(problem, {"official", std::move(suite)});
  return problem;
}

/// "suites": {name: a list of argument lists, or a test text}.
void add_named_suites(const Row& row, Problem& problem) {
  const Value& suites = row.value("suites");
  if (suites.kind != Kind::dict) row.refuse("\"suites\" is not an object of suites by name");
  for (std::size_t i = 0; i < suites.items.size(); i += 2) {
    const std::string& name = suites.items[i].text;
    if (!is_suite_name(name)) {
      row.refuse(fmt::format(
          "\"suites\": \"{}\" is no name for a suite: letters, digits, '_', '-' and '.' "
          "make one, a letter first",
          name));
    }
    if (find_suite(problem, name)) row.refuse(fmt::format("suite \"{}\" is given twice", name));
    const Value& tests = suites.items[i + 1];
    if (tests.kind == Kind::str) {
      put_suite(problem, {name, CheckerSuite{problem.official_reference, with_call(tests.text)}});
    } else {
      put_suite(problem, {name, suite_of(row, "suites", tests, "")});
    }
  }
}

Problem assay_problem(const Row& row) {
  static const std::set<std::string> known = {
      "task_id",    "prompt", "entry_point", "reference", "official_reference",
      "base",       "plus",   "setup",       "tests",     "suites",
      "comparison", "atol",   "comment"};
  for (std::size_t i = 0; i < row.object.items.size(); i += 2) {
    const std::string& key = row.object.items[i].text;
    if (!known.contains(key)) row.refuse(fmt::format("unknown key \"{}\"", key));
  }
  Problem problem;
  problem.task_id = row.text("task_id");
  problem.prompt = row.text_or_empty("prompt");
  problem.entry_point = row.text("entry_point");
  problem.reference = row.text("reference");
  problem.official_reference = row.text_or_empty("official_reference");
  if (problem.official_reference.empty()) problem.official_reference = problem.reference;
  problem.atol = row.number_or("atol", 0);
  if (const std::string name = row.text_or_empty("comparison"); !name.empty()) {
    const auto rule = rule_named(name);
    if (!rule) row.refuse(fmt::format("unknown \"comparison\" \"{}\"", name));
    problem.rule = *rule;
  }
  for (const char* name : {"base", "plus"}) {
    if (row.has(name)) put_suite(problem, {name, suite_of(row, name, "")});
  }
  if (row.has("tests")) {
    const std::string setup = row.text_or_empty("setup");
    put_suite(problem, {"official", CheckerSuite{setup.empty() ? problem.official_reference : setup,
                                                 with_call(row.text("tests"))}});
  }
  if (row.has("suites")) add_named_suites(row, problem);
  if (problem.suites.empty()) {
    row.refuse("the problem has no suite (\"base\", \"plus\", \"tests\" or \"suites\")");
  }
  return problem;
}

Problem problem_of(const Row& row, Form form) {
  switch (form) {
    case Form::humaneval:
      return humaneval_problem(row);
    case Form::humaneval_plus:
      return humaneval_plus_problem(row);
    case Form::mbpp:
      return mbpp_problem(row, "text");
    case Form::mbpp_sanitized:
      return mbpp_problem(row, "prompt");
    case Form::mbpp_plus:
      return mbpp_plus_problem(row);
    case Form::assay:
      return assay_problem(row);
  }
  row.refuse("unknown form");
}

struct File {
  Form form = Form::assay;
  Dataset dataset;
};

File read_file(LineReader reader, const std::string& name) {
  File file;
  file.dataset.name = name;
  std::set<std::string> seen;
  bool first = true;
  for_each_row(reader, [&](Row&& row) {
    if (first) file.form = form_of(row);
    const bool heads = first && row.has("dataset");
    first = false;
    if (heads) {
      file.dataset.name = row.text("dataset");
      file.dataset.note = row.text_or_empty("note");
      file.dataset.version = row.text_or_empty("version");
      return;
    }
    Problem problem = problem_of(row, file.form);
    if (!seen.insert(problem.task_id).second) {
      row.refuse(fmt::format("the task_id \"{}\" occurs twice", problem.task_id));
    }
    file.dataset.problems.push_back(std::move(problem));
  });
  if (file.dataset.problems.empty())
    throw Error(fmt::format("{}: holds no problems", reader.name()));
  return file;
}

std::string stem_of(const std::string& path) {
  std::string stem = std::filesystem::path(path).filename().string();
  return stem.substr(0, stem.find('.', 1));
}

File read_file(const std::string& path, Form wanted) {
  File file = read_file(LineReader(path), stem_of(path));
  if (file.form != wanted) {
    const auto name = [](Form form) {
      return std::find_if(forms().begin(), forms().end(),
                          [form](const FormRow& row) { return row.form == form; })
          ->name;
    };
    throw Error(
        fmt::format("{}: holds {}, where {} is expected", path, name(file.form), name(wanted)));
  }
  return file;
}

/// One identity for the files that make a dataset.
std::string version_of(const std::vector<std::string>& paths) {
  Hasher hasher;
  for (const std::string& path : paths) hasher.add(read_file_bytes(path));
  return "sha256:" + hasher.hex().substr(0, 16);
}

}  // namespace

static bool is_name_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

/// Whether `name(` stands in `text`, as a whole word.
static bool calls(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const std::size_t after = text.find_first_not_of(" \t", at + name.size());
    const bool whole = at == 0 || !is_name_char(text[at - 1]);
    if (whole && after != text.npos && text[after] == '(') return true;
  }
  return false;
}

std::string entry_point_of(const std::string& code, const std::string& tests) {
  std::string found;
  for (std::size_t line = 0; line < code.size();) {
    for (const std::string_view keyword : {"def ", "class ", "async def "}) {
      if (code.compare(line, keyword.size(), keyword) != 0) continue;
      const std::size_t begin = code.find_first_not_of(" \t", line + keyword.size());
      std::size_t end = std::min(begin, code.size());
      while (end < code.size() && is_name_char(code[end])) ++end;
      if (begin >= code.size()) continue;
      const std::string name = code.substr(begin, end - begin);
      if (!name.empty() && calls(tests, name)) found = name;
    }
    const std::size_t newline = code.find('\n', line);
    line = newline == code.npos ? code.size() : newline + 1;
  }
  return found;
}

Dataset read_dataset(LineReader reader, const std::string& name) {
  return read_file(std::move(reader), name).dataset;
}

Dataset read_dataset(const std::string& path) {
  Dataset dataset = read_file(LineReader(path), stem_of(path)).dataset;
  if (dataset.version.empty()) dataset.version = version_of({path});
  return dataset;
}

Dataset join_humaneval(const std::string& humaneval, const std::string& plus) {
  Dataset official = read_file(humaneval, Form::humaneval).dataset;
  Dataset dataset = read_file(plus, Form::humaneval_plus).dataset;
  dataset.name = "humaneval";
  dataset.version = version_of({humaneval, plus});
  const ProblemIndex index(official);
  for (Problem& problem : dataset.problems) {
    const Problem* own = index.find(problem.task_id);
    if (!own) {
      throw Error(
          fmt::format("{}: has no problem {}, which {} has", humaneval, problem.task_id, plus));
    }
    put_suite(problem, *find_suite(*own, "official"));
    problem.official_reference = own->official_reference;
  }
  return dataset;
}

/// Of a problem read in MBPP's form, which has one.
static CheckerSuite& official_of(Problem& problem) {
  return std::get<CheckerSuite>(problem.suites.front().tests);
}

Dataset join_mbpp(const std::string& full, const std::string& sanitized, const std::string& plus) {
  Dataset dataset = read_file(full, Form::mbpp).dataset;
  const Dataset checked = read_file(sanitized, Form::mbpp_sanitized).dataset;
  Dataset extended = read_file(plus, Form::mbpp_plus).dataset;
  dataset.name = "mbpp";
  dataset.version = version_of({full, sanitized, plus});
  const ProblemIndex checked_index(checked), extended_index(extended);
  for (Problem& problem : dataset.problems) {
    if (const Problem* better = checked_index.find(problem.task_id)) {
      const std::string setup_code = official_of(problem).setup.substr(problem.reference.size());
      problem = *better;
      official_of(problem).setup += setup_code;
    }
    if (const Problem* more = extended_index.find(problem.task_id)) {
      CheckerSuite official = std::move(official_of(problem));
      std::string official_reference = std::move(problem.official_reference);
      problem = *more;
      put_suite(problem, {"official", std::move(official)});
      problem.official_reference = std::move(official_reference);
    }
  }
  return dataset;
}

}  // namespace assay::datasets
