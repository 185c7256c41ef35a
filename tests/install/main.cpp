// Runs a script in isolation, and one that would not end: what a library's user writes to have that.
#include <iostream>

#include "harness/base/error.h"
#include "sandbox/sandbox.h"

using namespace assay::sandbox;

int main() {
  try {
    Worker worker{Config{}};
    ScriptJob job;
    job.program = "print(sum(map(int, input().split())))";
    job.input = "1 2 39\n";
    std::string output;
    const Outcome sum = worker.script(job, output);
    std::cout << name_of(sum.end) << ": " << output;

    job.program = "while True: pass";
    job.limits.test_cpu_s = .2;
    std::cout << name_of(worker.script(job, output).end) << "\n";

    job.program = "open('/etc/passwd')";
    const Outcome outside = worker.script(job, output);
    std::cout << name_of(outside.end) << ": " << outside.exception_type << "\n";
  } catch (const assay::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
