#include "harness/base/error.h"

#include <cstdio>
#include <cstdlib>

namespace assay {

void invariant_broken(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "assay: broken invariant `%s` at %s:%d; please report it\n", condition, file,
               line);
  std::abort();
}

}  // namespace assay
