#include "harness/store/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

#include "datasets/python_code.h"
#include "harness/base/error.h"
#include "harness/base/hash.h"
#include "harness/base/value/varint.h"
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

[[noreturn]] void refuse_tally(const Database& database) {
  refuse_damaged(database, "a tally is none; deleting the rows of table tally loses nothing");
}

std::string short_hash(const std::string& text) { return sha256(text).substr(0, 16); }

// ---- as it is kept: {"groups": [[samples, cut, {suite: what it says}]], "rules", "finishes", "said"}, and the
// members of the groups, in their order: how many, then id (from the one before), samples, code

json suites_of(const JudgedProgram& group) {
  json suites = json::object();
  for (const StoredVerdict& stored : group.verdicts) {
    const Verdict& verdict = stored.verdict;
    json says = {name_of(verdict.status), verdict.forgeable, verdict.passed,
                 verdict.judged,          stored.tests,      in_hex(stored.failing_stored)};
    if (verdict.witness) {
      says.push_back(verdict.witness->test);
      says.push_back(verdict.witness->actual);
    }
    suites[stored.suite] = std::move(says);
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
  if (says.size() > 6)
    stored.verdict.witness = Witness{says.at(6).get<std::int64_t>(), "", "", says.at(7)};
}

std::string packed_members(const Tally& tally) {
  std::string bytes;
  for (const Tally::Group& group : tally.groups) {
    put_varint(group.members.size(), bytes);
    std::int64_t before = 0;
    for (const Tally::Member& member : group.members) {
      put_varint(static_cast<std::uint64_t>(member.program_id - before), bytes);
      put_varint(static_cast<std::uint64_t>(member.samples), bytes);
      bytes.append(reinterpret_cast<const char*>(&member.code), sizeof member.code);
      before = member.program_id;
    }
  }
  return bytes;
}

/// False where the bytes are not those of these groups.
bool unpack_members(std::string_view bytes, Tally& tally) {
  for (Tally::Group& group : tally.groups) {
    std::uint64_t count = 0, ahead = 0, samples = 0;
    if (!take_varint(bytes, count) || count > bytes.size()) return false;
    std::int64_t id = 0;
    for (; count > 0; --count) {
      Tally::Member& member = group.members.emplace_back();
      if (!take_varint(bytes, ahead) || !take_varint(bytes, samples) ||
          bytes.size() < sizeof member.code)
        return false;
      member.program_id = id += static_cast<std::int64_t>(ahead);
      member.samples = static_cast<std::int64_t>(samples);
      std::memcpy(&member.code, bytes.data(), sizeof member.code);
      bytes.remove_prefix(sizeof member.code);
    }
  }
  return bytes.empty();
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
    refuse_tally(database);
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
    if (verdict.witness) add(verdict.witness->test), key += verdict.witness->actual;
  }
  for (const std::string& suite : program.decided) key.append(suite).append("\0decided", 8);
  for (const std::string& suite : program.unjudged) key.append(suite).append("\0unjudged", 9);
  return key;
}

/// Puts programs of which all suites say the same into one group.
class Grouping {
 public:
  explicit Grouping(Tally& tally) : tally_(tally) {}

  void add(const JudgedProgram& program, std::int64_t cut, std::uint64_t code) {
    if (program.samples == 0) return;
    const auto [at, is_new] = places_.try_emplace(key_of(program), tally_.groups.size());
    if (is_new) {
      Tally::Group& group = tally_.groups.emplace_back();
      static_cast<JudgedProgram&>(group) = program;
      group.program_id = group.samples = 0;
    }
    Tally::Group& group = tally_.groups[at->second];
    group.samples += program.samples;
    group.cut += cut;
    group.members.push_back({program.program_id, program.samples, code});
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
    if (!row.is_null("test"))
      verdict.witness = Witness{row.integer("test"), "", "", short_hash(row.text("actual"))};
    check_tests(database, stored);
  } else if (row.integer("decided") != 0) {
    program.decided.push_back(std::move(suite));
  } else if (!suite.empty()) {
    program.unjudged.push_back(std::move(suite));
  }
}

std::uint64_t code_of(Database& database, std::int64_t program_id) {
  return std::stoull(short_hash(datasets::code_of(program_text(database, program_id))), nullptr,
                     16);
}

void group_programs(Database& database, const StoredModel& model, std::int64_t problem_id,
                    Members members, Tally& tally) {
  Grouping grouping(tally);
  JudgedProgram program;
  std::int64_t cut = 0;
  std::uint64_t code = 0;
  Statement rows = database.use(sql::kProgramsToTally);
  rows.bind(model.model_id)
      .bind(problem_id)
      .bind(model.comparison == "imported")
      .bind(model.condition_id)
      .bind(kCut)
      .bind(members == Members::wanted);
  while (rows.step()) {
    if (const std::int64_t id = rows.integer("program_id"); id != program.program_id) {
      grouping.add(program, cut, code);
      program = {};
      program.program_id = id;
      program.samples = rows.integer("samples");
      cut = rows.integer("cut");
      if (members == Members::wanted) code = code_of(database, id);
    }
    add_verdict(database, rows, program, tally);
  }
  grouping.add(program, cut, code);
}

Tally tallied(Database& database, const StoredModel& model, std::int64_t problem_id,
              Members members) {
  Tally tally;
  group_programs(database, model, problem_id, members, tally);
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

/// By problem and name.
using SuiteHashes = std::map<std::pair<std::int64_t, std::string>, std::string>;

SuiteHashes suite_hashes(Database& database, const StoredModel& model) {
  SuiteHashes hashes;
  Statement rows = database.use(sql::kSuiteHashes);
  rows.bind(model.dataset_id).bind(model.comparison == "imported");
  while (rows.step()) {
    const std::int64_t problem_id = rows.integer("problem_id");
    std::string suite = rows.text("suite");
    hashes[{problem_id, std::move(suite)}] = rows.text("hash");
  }
  return hashes;
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
                    const std::function<void(const std::string& task_id, const Tally&)>& take,
                    Members members) {
  if (model.counts_only) return;
  const SuiteHashes hashes = suite_hashes(database, model);
  Statement rows = database.use(sql::kTallies);
  rows.bind(model.model_id)
      .bind(model.condition_id)
      .bind(model.dataset_id)
      .bind(members == Members::wanted);
  while (rows.step()) {
    const std::int64_t problem_id = rows.integer("problem_id");
    const std::string task_id = rows.text("task_id"), entry_point = rows.text("entry_point");
    Tally tally;
    if (!rows.is_null("content")) {
      tally = read(database, rows.text("content"));
      if (members == Members::wanted && !unpack_members(rows.blob("members"), tally))
        refuse_tally(database);
    } else if (rows.integer("held") != 0) {
      tally = tallied(database, model, problem_id, members);
    } else {
      continue;
    }
    for (Tally::Group& group : tally.groups) {
      group.problem_id = problem_id;
      group.task_id = task_id, group.entry_point = entry_point;
      for (StoredVerdict& stored : group.verdicts)
        stored.suite_hash = hashes.at({problem_id, stored.suite});
    }
    take(task_id, tally);
  }
}

void for_each_group(Database& database, const StoredModel& model,
                    const std::function<void(const Tally::Group&)>& take) {
  for_each_tally(
      database, model,
      [&](const std::string&, const Tally& tally) {
        for (const Tally::Group& group : tally.groups) take(group);
      },
      Members::wanted);
}

ShownProgram shown_program(Database& database, const StoredModel& model, std::int64_t problem_id,
                           std::int64_t program_id, const std::string& suite) {
  Statement row = database.use(sql::kShownProgram);
  row.bind(problem_id)
      .bind(program_id)
      .bind(model.comparison == "imported")
      .bind(model.condition_id)
      .bind(suite);
  if (!row.step()) refuse_tally(database);
  std::string text = row.text("text");
  return {std::move(text), read_verdict(database, row)};
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
      const Tally tally = tallied(database, *model, problem_id, Members::wanted);
      database.use(sql::kPutTally)
          .bind(problem_id)
          .bind(model->model_id)
          .bind(model->condition_id)
          .bind(written(tally))
          .bind_blob(packed_members(tally))
          .run();
    }
    transaction.commit();
    if (progress) progress(static_cast<std::int64_t>(i), static_cast<std::int64_t>(lacking.size()));
  }
}

}  // namespace assay::store
