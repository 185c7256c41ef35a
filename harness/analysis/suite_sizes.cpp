#include "harness/analysis/suite_sizes.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "harness/stats/curves.h"
#include "harness/stats/parallel.h"
#include "harness/store/acceptance.h"
#include "harness/store/tally.h"

namespace assay::analysis {
namespace {

// Tests that a time limit kept from being judged count as failed, but only so many samples may
// rest on that.
constexpr double kUnjudgedMax = 0.01;

/// Which tests of the proxy suites a program failed.
struct Failures {
  bool known = false;    ///< every proxy suite has a verdict of the program
  bool complete = true;  ///< every test was judged
  std::uint32_t tests = 0;
  std::vector<std::uint32_t> failed;
};

Failures failures_of(const store::Database& database, const store::JudgedProgram& program,
                     const std::vector<std::string>& proxy) {
  Failures out;
  for (const std::string& suite : proxy) {
    const store::StoredVerdict* stored = program.verdict(suite);
    if (!stored || stored->verdict.status == store::Status::missing) return out;
    const bool passed = stored->verdict.status == store::Status::pass;
    out.complete &= passed || stored->verdict.judged == stored->tests;
    for (const std::uint32_t test : failed_tests(database, *stored))
      out.failed.push_back(out.tests + test);
    out.tests += static_cast<std::uint32_t>(stored->tests);
  }
  out.known = true;
  return out;
}

}  // namespace

std::vector<std::uint32_t> failed_tests(const store::Database& database,
                                        const store::StoredVerdict& stored) {
  const store::Verdict& verdict = stored.verdict;
  if (verdict.status == store::Status::pass) return {};
  const auto judged = static_cast<std::uint32_t>(verdict.judged);
  std::vector<std::uint32_t> failing = store::unpack_failing(database, stored.failing_stored);
  // It could not be called at all; or no more, after it had passed all that was judged.
  if (failing.empty() && verdict.passed < verdict.judged) {
    failing.resize(judged);
    std::iota(failing.begin(), failing.end(), 0u);
  }
  for (auto test = judged; test < static_cast<std::uint32_t>(stored.tests); ++test)
    failing.push_back(test);
  return failing;
}

std::vector<int> sizes_up_to(std::uint32_t largest) {
  std::vector<int> out;
  for (int size : stats::SuiteSizeOptions{}.tests)
    if (size < static_cast<int>(largest)) out.push_back(size);
  out.push_back(static_cast<int>(largest));
  return out;
}

void TestResults::add(const store::Database& database, const store::JudgedProgram& program) {
  const std::optional<bool> right = program.is_correct(suites_.gold);
  Failures failures = failures_of(database, program, suites_.proxy);
  if (!right || !failures.known || failures.tests == 0) return;
  if (problems_.empty() || problems_.back().task_id != program.task_id)
    problems_.push_back({program.task_id, failures.tests, {}});
  samples_ += program.samples;
  incomplete_ += failures.complete ? 0 : program.samples;
  tests_max_ = std::max(tests_max_, failures.tests);
  problems_.back().samples.push_back({std::move(failures.failed), *right, 0, program.samples});
}

SuiteSizes TestResults::sizes(const store::StoredModel& model,
                              const stats::BootstrapOptions& bootstrap) const {
  SuiteSizes out;
  if (std::any_of(suites_.proxy.begin(), suites_.proxy.end(), store::speaks_of_score)) {
    out.missing = fmt::format("{} speaks of a score, which has no tests to count", counts_.proxy);
    return out;
  }
  if (model.counts_only || model.comparison == "imported") {
    out.missing = fmt::format("imported {} carry no result of a single test",
                              model.counts_only ? "counts" : "verdicts");
    return out;
  }
  if (problems_.empty()) {
    out.missing = "no sample has verdicts of all suites";
  } else if (tests_max_ < 2) {
    out.missing =
        fmt::format("the suite {} counts as one test; --proxy base has several", counts_.proxy);
  } else if (static_cast<double>(incomplete_) > kUnjudgedMax * static_cast<double>(samples_)) {
    out.missing = fmt::format(
        "{} of {} samples were not judged by every test of {}; `assay run --full` on the same "
        "samples does so",
        incomplete_, samples_, counts_.proxy);
  } else {
    stats::SuiteSizeOptions options;
    options.tests = sizes_up_to(tests_max_);
    options.k = static_cast<int>(std::min<std::int64_t>(options.k, stats::smallest_n(counts_)));
    out.sizes = stats::suite_size(problems_, options, bootstrap);
    if (incomplete_ > 0)
      out.note = fmt::format(
          "suite size: {} of {} samples ended before every test of {} was judged; the rest of "
          "their tests count as failed",
          incomplete_, samples_, counts_.proxy);
  }
  return out;
}

std::vector<SuiteSizes> sizes_of(const std::vector<TestResults>& results, const Selected& selected,
                                 const stats::BootstrapOptions& bootstrap) {
  std::vector<SuiteSizes> out(results.size());
  stats::parallel_for(results.size(), bootstrap.threads, [&](std::size_t i) {
    out[i] = results[i].sizes(selected.models[i], bootstrap);
  });
  return out;
}

std::vector<SuiteSizes> suite_sizes(store::Database& database, const Selected& selected,
                                    const stats::BootstrapOptions& bootstrap) {
  std::vector<TestResults> results;
  for (std::size_t i = 0; i < selected.models.size(); ++i) {
    TestResults& of_model = results.emplace_back(selected.counts[i], selected.suites[i]);
    store::for_each_tally(database, selected.models[i],
                          [&](const std::string&, const store::Tally& tally) {
                            for (const store::Tally::Group& group : tally.groups)
                              of_model.add(database, group);
                          });
  }
  return sizes_of(results, selected, bootstrap);
}

}  // namespace assay::analysis
