// What is asked for: a program, and what it is to be judged by. Read from one JSON object, whose keys
// docs/service.md lists; a request of HTTP, a line of `assay judge` and SandboxFusion's forms all become
// this.
//
// Errors: assay::Error (datasets::RowError, of which `what_is_wrong` is the sentence) for what is no
// question. Thread-safe.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "datasets/forms/rows.h"
#include "harness/samples/intake.h"
#include "harness/service/catalog.h"
#include "sandbox/sandbox.h"

namespace assay::service {

struct Question {
  /// Judged by these suites of it; null: a program that is only run.
  std::shared_ptr<const Target> target;
  std::vector<std::size_t> suites;
  verify::Scope scope = verify::Scope::first_failure;
  bool all_suites = false;  ///< also those after one that rejects
  std::string text;         ///< what the model wrote
  bool is_completion = false;
  samples::Reading reading = samples::Reading::repaired;

  sandbox::ScriptJob script;  ///< without a target: what to run
};

/// What holds for every question where it says nothing else.
struct Defaults {
  std::vector<std::string> suites;
  samples::Reading reading = samples::Reading::repaired;
  sandbox::Limits limits;
  bool with_error = false;
};

/// A question with what its answer repeats.
struct Asked {
  nlohmann::json id;  ///< a text or a whole number; null: none
  bool with_error = false;
  Question question;
};

Asked read_question(const datasets::Row& row, Catalog& catalog, const Defaults& defaults);

/// The id that a row has, if it has one that can be repeated: for the answer to a bad row.
nlohmann::json id_in(const datasets::Row& row);

/// Makes any name of a language ("nodejs") ours ("javascript"). Why its programs cannot be run here; empty
/// where they can.
std::string settle_language(std::string& language);
/// Throws Error where the target's programs cannot be run here.
void refuse_language(const Target& target);

}  // namespace assay::service
