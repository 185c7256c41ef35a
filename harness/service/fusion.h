// SandboxFusion's requests and answers (bytedance/SandboxFusion, sandbox/server/sandbox_api.py), so that
// its clients, verl's among them, ask here by another URL alone. A failure of ours is "SandboxError", and
// never a verdict.
//
// Errors: assay::Error for a request that is none. Pure; thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "datasets/forms/rows.h"
#include "harness/service/answer.h"
#include "harness/service/question.h"

namespace assay::service {

/// POST /run_code. `refused`: why this cannot be run, which is answered as a SandboxError.
struct FusionRun {
  Question question;
  std::string refused;
};
FusionRun read_run_code(const datasets::Row& row, const sandbox::Limits& limits);
/// What a compiler refused has a compile_result, and was not run.
nlohmann::json run_code_answer(const Answer& answer, const std::string& language);
nlohmann::json run_code_refusal(const std::string& why);

/// POST /submit: an answer to a problem of a served dataset, judged as chat text.
struct FusionSubmission {
  nlohmann::json id;
  Question question;
};
FusionSubmission read_submit(const datasets::Row& row, Catalog& catalog, const Defaults& defaults);
/// REQUIRES: the answer has a reward; what has none is no `accepted: false`.
nlohmann::json submit_answer(const nlohmann::json& id, const Answer& answer);

}  // namespace assay::service
