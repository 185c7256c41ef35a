// Everything a report says, as plain data: gather.h fills it from a database, page.h and markdown.h
// turn it into text. Whatever is empty or absent is left out of the report, or the report says
// which command would fill it. Names are those of `assay rates --json` and `assay limits --json`.
// Undefined is nullopt, never 0 or NaN. No invariants, no behaviour, no ownership to care about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/stats/rates.h"

namespace assay::reports {

using stats::Estimate;
using stats::Interval;
using stats::PairedDifference;
using stats::RatesRow;

/// All models of one dataset together: what the headline speaks of.
struct PooledRow {
  std::string dataset, proxy, gold;
  std::int64_t models = 0, problems = 0, accepted = 0, fp = 0;
  Estimate fdr;
};

/// y = slope x + intercept over the models of one dataset: ceiling_macro against accuracy.
struct Regression {
  std::string dataset;
  std::int64_t models = 0;
  Estimate slope, intercept, r, r2;
};

/// One value per K; lo and hi are empty or as long as value.
struct Curve {
  std::vector<std::optional<double>> value, lo, hi;
};

struct Utility {
  double lambda = 0, kappa = 0;
  std::optional<std::int64_t> k_opt;
  std::optional<double> utility_opt;
  bool censored = false;  ///< the optimum is "at least k_opt": the curve ends there
  bool infinite = false;
  std::optional<std::pair<std::int64_t, std::int64_t>> band;  ///< K within .01 of the best
};

struct Match {
  std::string strong;
  std::optional<std::int64_t> k;
  bool infinite = false;
  std::optional<double> probability;
};

/// Curves beyond n from the fitted joint density.
struct Fitted {
  std::vector<std::int64_t> k;
  Curve tp, fp, draws;
  std::string note;
};

struct LimitsRow {
  std::string dataset, model;
  std::int64_t n_min = 0;
  std::vector<std::int64_t> k;  ///< 0, 1, ... : index of every curve below
  Curve accepted, tp, fp, draws;
  Curve fdr_by_attempt;  ///< entry i belongs to attempt k[i]; undefined at 0
  std::vector<Utility> utility;
  std::vector<Match> k_match;
  std::optional<Fitted> fitted;
};

/// One model's verdicts on one problem.
struct ProblemCounts {
  std::string dataset, model, task_id;
  std::int64_t tp = 0, fp = 0, fn = 0, tn = 0;
};

/// False discoveries left when only `size` tests, drawn at random, decide acceptance.
struct SuiteSizePoint {
  std::string dataset, model;
  std::int64_t size = 0;
  Estimate fdr;
};

/// Tests of a problem that would have caught its observed false positives, best first.
struct AdvisedTest {
  std::int64_t test = 0;       ///< index in the suite
  std::int64_t catches = 0;    ///< false positives (samples) it catches that no test before it did
  std::string call, expected;  ///< as Python prints them; empty where not known
};

struct SuiteAdvice {
  std::string dataset, task_id, suite, entry_point;
  std::int64_t accepted = 0, false_positives = 0;  ///< samples over all models
  std::int64_t uncaught = 0;                       ///< false positives that no single test catches
  std::vector<AdvisedTest> tests;
  std::string code;  ///< the tests in the benchmark's own format; empty where it cannot be written
};

struct Copies {
  std::string model;
  std::int64_t count = 0;
};

/// A distinct wrong program that the proxy accepted.
struct FalsePositive {
  std::string dataset, task_id, source;
  std::vector<Copies> copies;  ///< samples with exactly this text, per model
  std::string kind;            ///< the gold verdict's status: fail, error, timeout, tampered, ...
  std::string suite;           ///< the suite that caught it
  std::string message;         ///< exception or signal; may be empty
  std::optional<std::int64_t> test;  ///< the witness's index in that suite
  std::string input, expected, actual;
  std::int64_t tests_failed = 0, tests_judged = 0;  ///< of the suite that caught it
  bool all_judged =
      false;  ///< every test of that suite was run, so tests_failed is the whole count
  std::string nearest_correct;  ///< source of the nearest correct program; empty: there is none
};

/// Share of programs with a property among correct ones and among false positives.
struct StyleRow {
  std::string dataset, model, property, explanation, unit;
  Estimate correct, false_positive;
  Estimate paired;  ///< mean within-problem difference, false positive minus correct
  std::int64_t paired_problems = 0;
};

/// A line of the table "How this was made".
struct Fact {
  std::string name, value, explanation;
};

struct ReportModel {
  std::string title;  ///< datasets in words, "HumanEval"; empty: an empty database
  std::string assay_version;
  std::vector<std::string> notes;  ///< what must be said wherever the results are shown
  std::vector<PooledRow> pooled;
  std::vector<RatesRow> rates;
  std::vector<PairedDifference> paired;
  std::vector<Regression> regressions;
  std::vector<LimitsRow> limits;
  std::vector<ProblemCounts> problems;
  std::vector<SuiteSizePoint> suite_size;
  std::string suite_size_missing;  ///< why there is no suite_size, and the command that gives it
  std::string fitted_missing;      ///< likewise for LimitsRow::fitted
  std::vector<SuiteAdvice> advice;
  std::vector<FalsePositive> false_positives;
  std::int64_t false_positives_left_out = 0;  ///< distinct programs not embedded
  std::vector<StyleRow> style;
  std::vector<Fact> facts;
  std::int64_t replicates = 0;  ///< of the bootstrap; 0: no intervals were made
  std::uint64_t seed = 0;
};

}  // namespace assay::reports
