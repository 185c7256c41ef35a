// A checklist: the command line, the one place where errors become sentences.
#include <cstdio>
#include <exception>

#include "harness/base/error.h"
#include "harness/cli/command.h"
#include "harness/cli/terminal.h"

using namespace assay;

static std::string quoted(const std::string& word) {
  const char* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./=,:+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// A word in a command's place that names none.
static void refuse_unknown(const CLI::App& app, const char* word, const std::string& before) {
  if (word[0] == '-') return;
  std::string names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->check_name(word)) return;
    names += (names.empty() ? "" : ", ") + command->get_name();
  }
  if (names.empty()) return;
  throw Error("there is no command `" + before + " " + word + "`; there is " + names + " (`" +
                  before + " --help` says more)",
              ExitCode::usage);
}

static int run_command_line(int argc, char** argv) {
  CLI::App app(
      "assay measures how far unit tests can be trusted as verifiers of programs, and what "
      "that trust allows.\nStart with: assay demo",
      "assay");
  app.footer(
      "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some samples could not be "
      "judged; 130 interrupted.\n`assay COMMAND --help` shows a command's options and an "
      "example.");
  app.set_version_flag("--version", "assay " ASSAY_VERSION);
  app.require_subcommand(1);
  cli::Common common;
  if (argc > 0) common.program = quoted(argv[0]);
  for (int i = 0; i < argc; ++i) common.command_line += (i ? " " : "") + quoted(argv[i]);
  std::vector<cli::Act> acts(cli::commands().size());
  std::vector<CLI::App*> added;
  for (std::size_t i = 0; i < acts.size(); ++i) {
    cli::commands()[i].add(app, common, acts[i]);
    CLI::App* command = app.get_subcommand(cli::commands()[i].name);
    command->add_option("--db", common.db, "The database")->capture_default_str();
    command->add_flag("--json", common.json, "One JSON record on standard output");
    command->add_flag("--quiet", common.quiet, "No progress and no remarks on standard error");
    added.push_back(command);
  }
  if (argc > 1) refuse_unknown(app, argv[1], "assay");
  for (const CLI::App* command : added) {
    if (argc > 2 && command->check_name(argv[1]))
      refuse_unknown(*command, argv[2], "assay " + command->get_name());
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  for (std::size_t i = 0; i < acts.size(); ++i) {
    if (added[i]->parsed()) return acts[i]();
  }
  return static_cast<int>(ExitCode::usage);
}

int main(int argc, char** argv) {
  try {
    return run_command_line(argc, argv);
  } catch (const Error& error) {
    std::fprintf(stderr, "assay: %s\n", assay::cli::printable(error.what(), true).c_str());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "assay: unexpected: %s\n",
                 assay::cli::printable(error.what(), true).c_str());
    return static_cast<int>(ExitCode::failed);
  }
}
