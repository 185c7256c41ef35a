#include "harness/store/tally.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "harness/base/error.h"
#include "harness/store/generation.h"
#include "harness/store/statements.h"

namespace assay::store {

using nlohmann::json;

namespace {

/// Without the place in the program or in the tests: many programs say the same of different lines.
std::string without_line(const std::string& message) {
  if (const std::size_t told = message.find(" of the tests: "); told != message.npos) {
    const std::size_t line = message.rfind("line ", told);
    if (line != message.npos && line >= 2) return message.substr(0, line - 2);
  }
  return message.substr(0, message.rfind(" (line "));
}

std::string in_hex(const std::string& bytes) {
  std::string hex;
  for (const char c : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return hex;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

// ---- as it is kept: {"groups": [[samples, cut, {suite: what it says}]], "rules", "finishes", "said"}

json suites_of(const JudgedProgram& group) {
  json suites = json::object();
  for (const StoredVerdict& stored : group.verdicts) {
    const Verdict& verdict = stored.verdict;
    suites[stored.suite] = {
        name_of(verdict.status), verdict.forgeable, verdict.passed,
        verdict.judged,          stored.tests,      in_hex(stored.failing_stored)};
  }
  for (const std::string& suite : group.decided) suites[suite] = true;
  for (const std::string& suite : group.unjudged) suites[suite] = nullptr;
  return suites;
}

void read_suite(const Database& database, const std::string& suite, const json& says,
                JudgedProgram& group) {
  if (says.is_null()) return group.unjudged.push_back(suite);
  if (says.is_boolean()) return group.decided.push_back(suite);
  StoredVerdict& stored = group.verdicts.emplace_back();
  stored.suite = suite;
  stored.verdict.status = read_status(database, says.at(0).get<std::string>());
  stored.verdict.forgeable = says.at(1).get<bool>();
  stored.verdict.passed = says.at(2).get<std::int64_t>();
  stored.verdict.judged = says.at(3).get<std::int64_t>();
  stored.tests = says.at(4).get<std::int64_t>();
  stored.failing_stored = from_hex(says.at(5).get<std::string>());
}

std::string written(const Tally& tally) {
  json groups = json::array(), said = json::array();
  for (const Tally::Group& group : tally.groups)
    groups.push_back({group.samples, group.cut, suites_of(group)});
  for (const auto& [suite, all] : tally.said)
    for (const auto& [one, samples] : all)
      said.push_back({suite, name_of(one.status), one.message, samples});
  const json all = {
      {"groups", groups}, {"rules", tally.rules}, {"finishes", tally.finishes}, {"said", said}};
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

Tally read(const Database& database, const std::string& content) {
  Tally tally;
  try {
    const json all = json::parse(content);
    for (const json& row : all.at("groups")) {
      Tally::Group& group = tally.groups.emplace_back();
      group.samples = row.at(0).get<std::int64_t>();
      group.cut = row.at(1).get<std::int64_t>();
      for (const auto& [suite, says] : row.at(2).items()) read_suite(database, suite, says, group);
    }
    all.at("rules").get_to(tally.rules);
    all.at("finishes").get_to(tally.finishes);
    for (const json& row : all.at("said"))
      tally.said[row.at(0)][{read_status(database, row.at(1)), row.at(2)}] = row.at(3);
  } catch (const json::exception&) {
    refuse_damaged(database, "a tally is none; deleting the rows of table tally loses nothing");
  }
  return tally;
}

// ---- from the verdicts

/// The same for programs of which all suites say the same.
std::string key_of(const JudgedProgram& program) {
  std::string key;
  const auto add = [&key](const auto&... parts) {
    ((key.append(reinterpret_cast<const char*>(&parts), sizeof parts)), ...);
  };
  for (const StoredVerdict& stored : program.verdicts) {
    const Verdict& verdict = stored.verdict;
    key.append(stored.suite).push_back('\0');
    add(verdict.status, verdict.forgeable, verdict.passed, verdict.judged,
        stored.failing_stored.size());
    key += stored.failing_stored;
  }
  for (const std::string& suite : program.decided) key.append(suite).append("\0decided", 8);
  for (const std::string& suite : program.unjudged) key.append(suite).append("\0unjudged", 9);
  return key;
}

/// Puts programs of which all suites say the same into one group.
class Grouping {
 public:
  explicit Grouping(Tally& tally) : tally_(tally) {}

  void add(const JudgedProgram& program, std::int64_t cut) {
    if (program.samples == 0) return;
    const auto [at, is_new] = places_.try_emplace(key_of(program), tally_.groups.size());
    if (is_new) {
      Tally::Group& group = tally_.groups.emplace_back();
      static_cast<JudgedProgram&>(group) = program;
      group.samples = 0;
    }
    Tally::Group& group = tally_.groups[at->second];
    group.samples += program.samples;
    group.cut += cut;
  }

 private:
  Tally& tally_;
  std::unordered_map<std::string, std::size_t> places_;  ///< of groups, by what is said of them
};

void add_verdict(const Database& database, const Statement& row, JudgedProgram& program,
                 Tally& tally) {
  std::string suite = row.text("suite");
  const std::int64_t tests = row.integer("tests");
  if (!row.is_null("status")) {
    StoredVerdict& stored = program.verdicts.emplace_back();
    stored.suite = suite;
    stored.tests = tests;
    Verdict& verdict = stored.verdict;
    verdict.status = read_status(database, row.text("status"));
    verdict.passed = row.integer("passed");
    verdict.judged = row.integer("judged");
    verdict.forgeable = row.integer("forgeable") != 0;
    const std::string message = row.text("message");
    if (!message.empty())
      tally.said[suite][{verdict.status, without_line(message)}] += program.samples;
    stored.failing_stored = row.blob("failing");
    check_tests(database, stored);
  } else if (row.integer("decided") != 0) {
    program.decided.push_back(std::move(suite));
  } else if (!suite.empty()) {
    program.unjudged.push_back(std::move(suite));
  }
}

void group_programs(Database& database, const StoredModel& model, std::int64_t problem_id,
                    Tally& tally) {
  Grouping grouping(tally);
  JudgedProgram program;
  std::int64_t cut = 0;
  Statement rows = database.use(sql::kProgramsToTally);
  rows.bind(model.model_id)
      .bind(problem_id)
      .bind(model.comparison == "imported")
      .bind(model.condition_id)
      .bind(kCut);
  while (rows.step()) {
    if (const std::int64_t id = rows.integer("program_id"); id != program.program_id) {
      grouping.add(program, cut);
      program = {};
      program.program_id = id;
      program.samples = rows.integer("samples");
      cut = rows.integer("cut");
    }
    add_verdict(database, rows, program, tally);
  }
  grouping.add(program, cut);
}

Tally tallied(Database& database, const StoredModel& model, std::int64_t problem_id) {
  Tally tally;
  group_programs(database, model, problem_id, tally);
  Statement rules = database.use(sql::kRules);
  rules.bind(model.model_id).bind(problem_id);
  while (rules.step()) {
    std::string rule = rules.text("rules");
    tally.rules[std::move(rule)] = rules.integer("samples");
  }
  Statement finishes = database.use(sql::kFinishes);
  finishes.bind(model.model_id).bind(problem_id);
  while (finishes.step()) {
    std::string reason = finishes.text("finish_reason");
    tally.finishes[std::move(reason)] = finishes.integer("samples");
  }
  return tally;
}

/// Problems of which a model lacks its tally.
std::vector<std::int64_t> not_tallied(Database& database, const StoredModel& model) {
  std::vector<std::int64_t> problems;
  Statement rows = database.use(sql::kNotTallied);
  rows.bind(model.model_id).bind(model.condition_id).bind(model.dataset_id);
  while (rows.step()) problems.push_back(rows.integer("problem_id"));
  return problems;
}

}  // namespace

void for_each_tally(Database& database, const StoredModel& model,
                    const std::function<void(const std::string& task_id, const Tally&)>& take) {
  if (model.counts_only) return;
  Statement rows = database.use(sql::kTallies);
  rows.bind(model.model_id).bind(model.condition_id).bind(model.dataset_id);
  while (rows.step()) {
    const std::int64_t problem_id = rows.integer("problem_id");
    const std::string task_id = rows.text("task_id");
    if (!rows.is_null("content")) {
      take(task_id, read(database, rows.text("content")));
    } else if (rows.integer("held") != 0) {
      take(task_id, tallied(database, model, problem_id));
    }
  }
}

void keep_tallies(Database& database,
                  const std::function<void(std::int64_t done, std::int64_t total)>& progress) {
  static constexpr std::size_t kAtOnce = 64;  // others may write in between
  std::vector<std::pair<const StoredModel*, std::int64_t>> lacking;
  const std::vector<StoredModel> models = stored_models(database);
  for (const StoredModel& model : models) {
    if (model.counts_only) continue;
    for (const std::int64_t problem_id : not_tallied(database, model))
      lacking.emplace_back(&model, problem_id);
  }
  for (std::size_t i = 0; i < lacking.size();) {
    Transaction transaction(database);
    for (const std::size_t end = std::min(i + kAtOnce, lacking.size()); i < end; ++i) {
      const auto& [model, problem_id] = lacking[i];
      const std::string content = written(tallied(database, *model, problem_id));
      database.use(sql::kPutTally)
          .bind(problem_id)
          .bind(model->model_id)
          .bind(model->condition_id)
          .bind(content)
          .run();
    }
    transaction.commit();
    if (progress) progress(static_cast<std::int64_t>(i), static_cast<std::int64_t>(lacking.size()));
  }
}

}  // namespace assay::store
