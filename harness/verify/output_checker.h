// A benchmark's own checker of outputs, after testlib's conventions: it is given input, output and answer
// and says by its exit status whether the output is right. It runs in a process of its own, in the jail
// where checkers of test code run; no program under test is in it, or sees what it is given.
#pragma once

#include <string>
#include <string_view>

#include "datasets/problem.h"
#include "sandbox/sandbox.h"

namespace assay::verify {

struct Checked {
  enum class Says {
    right,  ///< 0
    wrong,  ///< 1, 2, 4, 7 or 8: testlib's wrong answer, presentation error, dirt, points, early end
    nothing,  ///< any other, 3 above all: it failed itself
  };
  Says says = Says::nothing;
  std::string message;  ///< what it wrote, or how it failed
};

/// REQUIRES: a source in Python.
Checked check_output(sandbox::Executor& executor, const datasets::OutputChecker& checker,
                     std::string_view input, std::string_view output, std::string_view answer);

}  // namespace assay::verify
