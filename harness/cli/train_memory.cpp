#include "harness/cli/train_memory.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "harness/cli/search_memory.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

namespace {

/// As texts, given or by default; those that have neither are left out.
json options_of(const CLI::App& command) {
  // What stands elsewhere in the row, and what says where things go and by how many threads.
  static const std::set<std::string> apart = {"method",  "task", "seed",    "output",
                                              "answers", "jobs", "db",      "quiet",
                                              "json",    "help", "help-all"};
  json out = json::object();
  for (const CLI::Option* option : command.get_options()) {
    const std::string name = option->get_single_name();
    if (apart.contains(name)) continue;
    const std::string value = option->count() > 0
                                  ? fmt::format("{}", fmt::join(option->results(), ","))
                                  : option->get_default_str();
    if (!value.empty()) out[name] = value;
  }
  return out;
}

}  // namespace

void keep_training(const std::string& path, const CLI::App& command, const json& record,
                   std::vector<store::TrainingAnswer> answers) {
  const json options = options_of(command);
  store::Training row;
  row.method = record.at("method"), row.task = record.at("task");
  row.seed = static_cast<std::int64_t>(record.at("seed").get<std::uint64_t>());
  row.options = json_text(options);
  row.record = json_text(record);
  row.answers = std::move(answers);
  row.identity = identity_of(fmt::format("{} {} {}", row.method, row.seed, row.options),
                             {row.task, options.value("from", ""), options.value("policy", "")});
  const auto database = store::open(path, true);
  store::Transaction transaction(*database);
  store::put_training(*database, row);
  transaction.commit();
}

}  // namespace assay::cli
