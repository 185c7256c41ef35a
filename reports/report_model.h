// Everything a report says, as plain data: gather.h fills it from a database, page.h and markdown.h
// turn it into text. Rates and limits are those of harness/stats as they are. Whatever is empty or
// absent is left out of the report, or the report says which command would fill it. Names are those
// of `assay rates --json` and `assay limits --json`. Undefined is nullopt, never 0 or NaN. No
// invariants, no behaviour, no ownership to care about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/simulator/simulate.h"
#include "harness/stats/limits.h"
#include "harness/stats/rates.h"

namespace assay::reports {

using stats::Estimate;
using stats::Interval;
using stats::LimitsRow;
using stats::ModelCounts;
using stats::RatesRow;
using stats::Regression;

/// All models of one dataset together: what the headline speaks of.
struct PooledRow {
  std::string dataset, proxy, gold;
  std::int64_t models = 0, problems = 0, accepted = 0, fp = 0;
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

/// A property of the text among accepted correct programs and among false positives. With the unit
/// "share" it is how many keep to a rule; with "part" another number from 0 to 1; else a mean.
struct StyleRow {
  std::string dataset, model, property, explanation, unit;  ///< model may be "all models"
  Estimate correct, false_positive;
  Estimate paired;  ///< mean difference within problem and model, false positive minus correct
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
  std::vector<Regression> regressions;
  std::vector<LimitsRow> limits;
  std::vector<simulator::Simulation> simulations;  ///< of stopping rules; worth at lambda 1
  std::vector<ModelCounts> counts;                 ///< per model its verdicts by problem
  std::string suite_size_missing;  ///< why no LimitsRow::suite_size, and the command that gives it
  std::string fitted_missing;      ///< likewise for LimitsRow::fitted
  std::vector<SuiteAdvice> advice;
  std::vector<FalsePositive> false_positives;
  std::int64_t false_positives_left_out = 0;  ///< distinct programs not embedded
  std::vector<StyleRow> style;
  std::vector<std::string> style_notes;  ///< what of it was not measured, and why
  std::vector<Fact> facts;
  std::int64_t replicates = 0;  ///< of the bootstrap; 0: no intervals were made
  std::uint64_t seed = 0;
};

}  // namespace assay::reports
