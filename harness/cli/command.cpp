#include "harness/cli/command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>
#include <sstream>

#include "harness/base/error.h"
#include "harness/cli/output.h"
#include "harness/cli/plan.h"
#include "harness/cli/roc.h"
#include "harness/cli/tests.h"

namespace assay::cli {

// clang-format off
const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      // name, help, --db, what adds its options
      {"generate", "Draws samples of a benchmark's problems from an OpenAI-compatible server, into a file that `run` reads; "
                   "killed, it asks for nothing twice", true, add_generate},
      {"run", "Judges samples by a benchmark's suites, stores every verdict and prints the rates; run again, it "
              "judges nothing twice", true, add_run},
      {"judge", "Judges programs as they are asked about: questions as JSON lines in, verdicts as JSON lines out; stores "
                "nothing", false, add_judge},
      {"serve", "Judges programs as they are asked about over HTTP, also in SandboxFusion's forms, with metrics; for this machine "
                "unless a token is set", false, add_serve},
      {"merge", "Lays databases together, such as those of shards: samples and verdicts, and says which shards lack", false,
       add_merge},
      {"submit", "Runs shards on a cluster and merges them: Slurm, or a manifest for Kubernetes and a container file", true,
       add_submit},
      {"rates", "Accuracy, acceptance, false positives and ceilings per model, with intervals", true, add_rates},
      {"limits", "What resampling can reach: curves in K, the best K, whether one model can match another",
       true, add_limits},
      {"roc", "How far verifiers with a score can be trusted: AUC, false positives by threshold, calibration, the best "
              "threshold", true, add_roc},
      {"plan", "How many problems and samples an interval of a wanted width takes, from what is judged so far", true,
       add_plan},
      {"fit", "Fits how acceptance and precision vary, so that limits can see beyond n", true, add_fit},
      {"simulate", "What rules for stopping are worth, beside the best fixed number of samples", true, add_simulate},
      {"search", "What each way of spending test-time compute reaches under a verifier that errs", true, add_search},
      {"train", "Trains a small model for a task of search: as a policy, or as a verifier", true, add_train},
      {"report", "One self-contained page: the rates, the limits, and the false positives themselves",
       true, add_report},
      {"show", "Source, verdicts and witnesses of the samples of a problem", true, add_show},
      {"suite", "Which problems have weak tests, and which tests catch the false positives", true, add_suite},
      {"tests", "Runs tests that a model wrote against stored samples, and makes verifiers with a score of them", true,
       add_tests},
      {"probe", "What gold misses: accepted programs that answer otherwise than the reference on new inputs", true,
       add_probe},
      {"import", "Imports results that were made elsewhere", true, add_import},
      {"export", "Writes verdicts for other tools", true, add_export},
      {"datasets", "The known benchmarks: where their files are and whether the checksums hold; fetch downloads them",
       false, add_datasets},
      {"doctor", "Which isolation this machine grants, which Python runs the programs, and whether offenders "
                 "are really stopped: some 60 hostile and honest programs are judged", false, add_doctor},
      {"demo", "Runs everything end to end on the built-in benchmark, in under a minute, and writes a report",
       true, add_demo},
      {"manual", "This help as man pages and Markdown, and completion for bash, zsh and fish", false, add_manual},
  };
  return table;
}
// clang-format on

std::string shell_word(const std::string& word) {
  const char* plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./=,:+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// Names and paths come back in JSON, on the page and in the database, which hold UTF-8 only.
static void refuse_malformed(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (is_utf8(argv[i])) continue;
    throw Error(
        fmt::format("`{}` on the command line is not UTF-8; names and paths must be: rename "
                    "the file, or give it through a link",
                    visible_line(argv[i])),
        ExitCode::usage);
  }
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
  throw Error(fmt::format("there is no command `{0} {1}`; there is {2} (`{0} --help` says more)",
                          before, word, names),
              ExitCode::usage);
}

/// The version, and how this program was built.
static std::string version() {
#ifdef ASSAY_WITH_TORCH
  constexpr const char* kTorch = "with libtorch";
#else
  constexpr const char* kTorch = "without libtorch";
#endif
  return fmt::format("assay {}\nbuilt {}, {}", ASSAY_VERSION, ASSAY_BUILD, kTorch);
}

static void describe(CLI::App& app) {
  app.footer(
      "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done, but some samples could not be "
      "judged; 4 done, but a figure is as --fail-if says; 130 interrupted.\n`assay COMMAND --help` shows a command's options and an "
      "example.");
  app.set_version_flag("--version", version());
  app.require_subcommand(1);
}

static void add_common(CLI::App& command, Common& common, bool has_database) {
  CLI::Option* db = command.add_option("--db", common.db, "The database")->capture_default_str();
  if (!has_database) db->group("");  // accepted as everywhere, but it means nothing there
  command.add_flag("--json", common.json, "One JSON record on standard output");
  command.add_flag("--quiet", common.quiet, "No progress and no remarks on standard error");
}

/// NaN lies in every range, as far as comparisons tell, and is none of the numbers that an option takes.
static void refuse_nan(CLI::App& command) {
  const CLI::Validator number(
      [](std::string& text) {
        return std::isnan(std::strtod(text.c_str(), nullptr)) ? text + " is no number"
                                                              : std::string();
      },
      "");
  for (CLI::Option* option : command.get_options())
    if (option->get_type_name().starts_with("FLOAT")) option->check(number);
}

static int parse_failed(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream help, trouble;
  const int code = app.exit(error, help, trouble);
  print_text(help.str());
  messages().write(trouble.str());
  return static_cast<int>(code == 0 ? ExitCode::done : ExitCode::usage);
}

int run_command_line(int argc, char** argv) {
  refuse_malformed(argc, argv);
  CLI::App app(
      "assay measures how far unit tests can be trusted as verifiers of programs, and what "
      "that trust allows.\nStart with: assay demo",
      "assay");
  describe(app);
  Common common;
  if (argc > 0) common.program = shell_word(argv[0]);
  for (int i = 0; i < argc; ++i) common.command_line += (i ? " " : "") + shell_word(argv[i]);
  std::vector<std::pair<const CLI::App*, Act>> added;
  for (const Command& row : commands()) {
    CLI::App* command = app.add_subcommand(row.name, row.help);
    Act act = row.add(*command, common);
    add_common(*command, common, row.has_database);
    refuse_nan(*command);
    added.emplace_back(command, std::move(act));
  }
  if (argc == 1) {  // what there is
    print_text(app.help());
    return static_cast<int>(ExitCode::usage);
  }
  refuse_unknown(app, argv[1], "assay");
  for (const auto& [command, act] : added) {
    if (!command->check_name(argv[1])) continue;
    if (argc > 2) refuse_unknown(*command, argv[2], "assay " + command->get_name());
    if (argc == 2 && command->get_require_subcommand_min() > 0) {
      print_text(command->help("assay"));
      return static_cast<int>(ExitCode::usage);
    }
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return parse_failed(app, error);
  }
  for (const auto& [command, act] : added) {
    if (command->parsed()) return act();
  }
  return static_cast<int>(ExitCode::usage);
}

void add_selection(CLI::App& command, analysis::Selection& selection) {
  command.add_option("--dataset", selection.dataset, "Only this dataset");
  command.add_option("--model", selection.models, "Only this model; again for more")
      ->allow_extra_args(false);
  command
      .add_option(
          "--proxy", selection.proxy,
          "Suites that accept: the verifier under study (default: base); in rates, limits, plan and fit also "
          "scores: NAME>=x, base+NAME>=x (both accept), base|NAME>=x (either)")
      ->delimiter(',');
  command.add_option("--gold", selection.gold, "Suites that decide the truth (default: base,plus)")
      ->delimiter(',');
}

}  // namespace assay::cli
