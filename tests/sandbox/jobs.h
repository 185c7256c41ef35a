// Short ways to run a program in a sandbox test.
#pragma once

#include <string>
#include <vector>

#include "harness/base/value/value.h"
#include "sandbox/sandbox.h"

namespace assay::sandbox {

struct Ran {
  Outcome outcome;
  std::vector<std::string> replies;  ///< repr of a value, or "Type: message" of an exception
};

inline std::string one_argument(const Value& value) {
  return encode(Value::sequence(Kind::tuple, {value}));
}

inline Job job_of(std::string program, const std::vector<std::string>& arguments) {
  Job job;
  job.program = std::move(program);
  job.entry_point = "f";
  job.inputs = Inputs::make(arguments);
  return job;
}

/// Calls f(0), f(1), ... f(count - 1).
inline Job counting_job(std::string program, int count) {
  std::vector<std::string> arguments;
  for (int i = 0; i < count; ++i) arguments.push_back(one_argument(Value::of_int(i)));
  return job_of(std::move(program), arguments);
}

inline Ran run(Worker& worker, const Job& job) {
  Ran ran;
  ran.outcome = worker.run(job, [&ran](const Reply& reply) {
    Value value;
    if (reply.raised) {
      ran.replies.push_back(std::string(reply.exception_type) + ": " +
                            std::string(reply.exception_message));
    } else {
      ran.replies.push_back(decode_whole(reply.value, value) ? repr(value, 200) : "malformed");
    }
    return Next::go_on;
  });
  return ran;
}

inline Ran run(Worker& worker, std::string program, int count = 1) {
  return run(worker, counting_job(std::move(program), count));
}

/// One worker for all tests of a file: starting costs more than a program.
inline Worker& shared_worker() {
  static Worker worker{Config{}};
  return worker;
}

}  // namespace assay::sandbox
