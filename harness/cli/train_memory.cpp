#include "harness/cli/train_memory.h"

#include <fmt/format.h>

#include "harness/cli/search_memory.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"

namespace assay::cli {

using nlohmann::json;

namespace {

/// All that the weights follow from, as the record has it, and the files that it began with.
json options_of(const CLI::App& command, const json& record) {
  json out = record.value("options", json::object());
  for (const char* apart : {"threads", "fpr", "fnr"}) out.erase(apart);
  for (const char* file : {"from", "policy", "judge"})
    if (const CLI::Option* option = command.get_option_no_throw(fmt::format("--{}", file));
        option && option->count() > 0)
      out[file] = option->results()[0];
  return out;
}

}  // namespace

void keep_training(const std::string& path, const CLI::App& command, const json& record,
                   std::vector<store::TrainingAnswer> answers) {
  const json options = options_of(command, record);
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
