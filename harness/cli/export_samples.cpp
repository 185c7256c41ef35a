#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>

#include "harness/base/error.h"
#include "harness/cli/foreign.h"
#include "harness/cli/output_path.h"
#include "harness/cli/samples_output.h"
#include "harness/cli/terminal.h"
#include "harness/store/facts.h"

namespace assay::cli {

namespace {
/// Standard output ("-"), or a file.
class Lines {
 public:
  Lines(const std::string& path, const std::string& database) : path_(path) {
    if (path == "-") return;
    refuse_database("-o", path, database);
    file_.open(path, std::ios::binary);
    check();
  }
  void write(const std::string& line) { path_ == "-" ? print_text(line) : void(file_ << line); }
  void close() {
    if (path_ == "-") return;
    file_.close();
    check();
  }

 private:
  void check() const {
    if (!file_) throw Error("cannot write " + path_);
  }
  const std::string path_;
  std::ofstream file_;
};
}  // namespace

/// The suites that judged some of the models, in the order in which they are met.
static std::vector<std::string> suites_of_all(store::Database& database,
                                              const analysis::Selection& selection) {
  std::vector<std::string> all;
  for (const store::StoredModel& model :
       store::stored_models(database, selection.dataset, selection.models)) {
    for (std::string& suite : store::suites_of(database, model)) {
      if (std::find(all.begin(), all.end(), suite) == all.end()) all.push_back(std::move(suite));
    }
  }
  return all;
}

/// By its ending, large or small.
static bool is_csv(const std::string& file) {
  static constexpr std::string_view kEnd = ".csv";
  return file.size() >= kEnd.size() &&
         std::equal(kEnd.rbegin(), kEnd.rend(), file.rbegin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

int export_samples(const Common& common, const ExportSamples& options) {
  const bool csv = options.format.empty() ? is_csv(options.output) : options.format == "csv";
  if (csv && options.programs) {
    throw Error(
        "--programs: programs have many lines, which CSV has no room for; take --format jsonl",
        ExitCode::usage);
  }
  if (common.json && options.output == "-") {
    throw Error("--json prints one record, where the rows already go; name a file: -o FILE",
                ExitCode::usage);
  }
  const auto database = store::open_to_read(common.db);
  const store::Snapshot snapshot(*database);
  const std::vector<std::string> suites = suites_of_all(*database, options.selection);
  const store::Wanted wanted{.texts = options.programs, .witnesses = true};
  Lines lines(options.output, common.db);
  if (csv) lines.write(samples_csv_header(suites));
  std::int64_t samples = 0;
  for_each_judged(*database, options.selection, wanted, [&](const JudgedSample& sample) {
    lines.write(csv ? sample_csv(sample, suites) : json_text(sample_json(sample, wanted)) + "\n");
    ++samples;
  });
  lines.close();
  if (common.json) {
    print_json({{"samples", samples}, {"file", options.output}});
  } else {
    const bool counts = analysis::any_counts_only(
        store::stored_models(*database, options.selection.dataset, options.selection.models));
    remark(common.quiet,
           fmt::format("{} samples written{}{}", samples,
                       options.output == "-" ? "" : " to " + options.output,
                       counts ? "; imported counts have no samples, and are not among them" : ""));
  }
  return 0;
}

}  // namespace assay::cli
