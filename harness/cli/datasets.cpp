#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "datasets/registry.h"
#include "harness/base/error.h"
#include "harness/cli/check_dataset.h"
#include "harness/cli/command.h"
#include "harness/cli/fetch.h"
#include "harness/cli/run_options.h"
#include "harness/cli/terminal.h"

namespace assay::cli {

using nlohmann::json;

static const char* name_of(datasets::FileState::State state) {
  using State = datasets::FileState::State;
  switch (state) {
    case State::good:
      return "good";
    case State::changed:
      return "changed";
    case State::unreadable:
      return "unreadable";
    case State::missing:
      return "missing";
  }
  return "";
}

static int list(const Common& common) {
  json rows = json::array();
  Table table({"name", "suites", "what"});
  table.left_align(1);
  table.left_align(2);
  for (const datasets::KnownDataset& dataset : datasets::known_datasets()) {
    rows.push_back({{"name", dataset.name}, {"suites", dataset.suites}, {"what", dataset.what}});
    table.add({dataset.name, dataset.suites, dataset.what});
  }
  if (common.json) {
    print_json({{"datasets", rows}, {"folders", datasets::search_folders()}});
  } else {
    print_text(table.text());
    say("\nLooked for in: {}\nA path to a file in any known form works in place of a name.\n",
        fmt::format("{}", fmt::join(datasets::search_folders(), ", ")));
  }
  return 0;
}

static int show(const Common& common, const std::string& name) {
  const datasets::Dataset dataset = datasets::load(name);
  std::size_t inputs = 0;
  std::map<std::string, std::size_t> with_suite;  // problems
  for (const datasets::Problem& problem : dataset.problems) {
    for (const datasets::Suite& suite : problem.suites) {
      ++with_suite[suite.name];
      if (const auto* calls = std::get_if<datasets::DifferentialSuite>(&suite.tests)) {
        inputs += calls->inputs.size();
      }
    }
  }
  if (common.json) {
    print_json({{"name", dataset.name},
                {"version", dataset.version},
                {"note", dataset.note},
                {"problems", dataset.problems.size()},
                {"official", with_suite["official"]},
                {"base", with_suite["base"]},
                {"plus", with_suite["plus"]},
                {"suites", with_suite},
                {"inputs", inputs}});
    return 0;
  }
  std::vector<std::string> parts;
  for (const std::string& suite : datasets::suite_names(dataset)) {
    parts.push_back(fmt::format("{} with suite {}", with_suite[suite], suite));
  }
  say("{}: {} problems, of which {}; {} inputs in all\nversion: {}\n", dataset.name,
      dataset.problems.size(), fmt::format("{}", fmt::join(parts, ", ")), inputs, dataset.version);
  if (!dataset.note.empty()) say("{}\n", dataset.note);
  if (const datasets::KnownDataset* known = datasets::known_dataset(dataset.name)) {
    for (const datasets::KnownFile& file : known->files) {
      say("file: {}, from {} ({})\n", file.names.front(), file.origin, file.licence);
    }
  }
  return 0;
}

static int check_files(const Common& common, const std::vector<std::string>& names) {
  json rows = json::array();
  Table table({"dataset", "file", "state", "where"});
  for (const std::size_t column : {1, 2, 3}) table.left_align(column);
  bool all_good = true;
  for (const std::string& name : names) {
    const datasets::KnownDataset* known = datasets::known_dataset(name);
    for (const datasets::FileState& state : datasets::check(*known)) {
      all_good &= state.state == datasets::FileState::State::good;
      rows.push_back({{"dataset", name},
                      {"file", state.file->names.front()},
                      {"state", name_of(state.state)},
                      {"path", state.path},
                      {"detail", state.detail}});
      table.add({name, state.file->names.front(), name_of(state.state),
                 state.detail.empty() ? state.path : state.detail});
    }
  }
  if (common.json) {
    print_json({{"files", rows}, {"good", all_good}});
  } else {
    print_text(table.text());
  }
  return static_cast<int>(all_good ? ExitCode::done : ExitCode::failed);
}

/// Names of known datasets, or the paths of own ones. What is in `own` is read and judged.
static int check(const Common& common, const std::vector<std::string>& names,
                 const CheckCommand& options) {
  std::vector<std::string> known, own;
  for (const std::string& name : names) {
    std::error_code ignored;
    if (datasets::known_dataset(name) && options.verifiers) {
      own.push_back(name);
    } else if (datasets::known_dataset(name)) {
      known.push_back(name);
    } else if (std::filesystem::exists(name, ignored)) {
      own.push_back(name);
    } else {
      throw Error(fmt::format("datasets check {0}: there is no file {0}, and known by name are "
                              "builtin, humaneval and mbpp",
                              name),
                  ExitCode::usage);
    }
  }
  if (common.json && own.size() + !known.empty() > 1)
    throw Error("datasets check --json: one file at a time", ExitCode::usage);
  int code = known.empty() ? 0 : check_files(common, known);
  for (const std::string& path : own) code = std::max(code, check_dataset(common, path, options));
  return code;
}

Act add_datasets(CLI::App& command, const Common& common) {
  command.require_subcommand(1);
  command.footer("Example: assay datasets check humaneval");
  CLI::App* list_command = command.add_subcommand("list", "The datasets known by name");
  list_command->footer("Example: assay datasets list");
  auto shown = std::make_shared<std::string>();
  CLI::App* show_command = command.add_subcommand(
      "show", "One dataset: its suites, where it comes from; runs nothing (check does)");
  show_command->add_option("name", *shown, "A name or a file")->required();
  show_command->footer("Example: assay datasets show humaneval");
  auto checked = std::make_shared<std::vector<std::string>>();
  CLI::App* check_command = command.add_subcommand(
      "check",
      "Checksums of known files; of an own file every row, and whether its suites can be trusted: "
      "the reference passes them, each time, and wrong programs do not");
  check_command->add_option("names", *checked, "Names or files (default: humaneval mbpp)");
  auto check_options = std::make_shared<CheckCommand>();
  check_command
      ->add_option("--seconds", check_options->seconds,
                   "CPU time that a reference may take for one call (a run allows 30)")
      ->check(CLI::Range(0.1, 1e5))
      ->capture_default_str();
  check_command->add_flag("--verifiers", check_options->verifiers,
                          "Judge the suites of a benchmark known by name too (minutes)");
  add_interpreter(*check_command, check_options->sandbox);
  add_tmp(*check_command, check_options->sandbox);
  check_command->footer("Example: assay datasets check mine.jsonl");
  auto fetched = std::make_shared<FetchCommand>();
  fetched->names = {"humaneval", "mbpp"};
  fetched->folder = datasets::home_folder();
  CLI::App* fetch_command = command.add_subcommand(
      "fetch", "Downloads the files that are not here, each with its pinned SHA-256");
  fetch_command->add_option("names", fetched->names, "Which")->capture_default_str();
  fetch_command->add_option("--to", fetched->folder,
                            "The folder they go to (default: ~/.local/share/assay)");
  fetch_command->add_option("--mirror", fetched->mirror,
                            "A URL that has the files by name, in place of where they come from");
  fetch_command->footer("Example: assay datasets fetch humaneval");
  for (CLI::App* leaf : {list_command, show_command, check_command, fetch_command}) {
    leaf->fallthrough();
  }
  return
      [&common, shown, checked, check_options, fetched, list_command, show_command, fetch_command] {
        if (list_command->parsed()) return list(common);
        if (show_command->parsed()) return show(common, *shown);
        if (fetch_command->parsed()) return fetch(common, *fetched);
        return check(common,
                     checked->empty() ? std::vector<std::string>{"humaneval", "mbpp"} : *checked,
                     *check_options);
      };
}

}  // namespace assay::cli
