// Who scores prefixes and finished answers. What a score is worth is measured (fidelity), never
// declared.
#pragma once

#include <span>
#include <vector>

#include "harness/search/prefix.h"

namespace assay::search {

enum class Stage {
  prefixes,  ///< after every step
  answers,   ///< finished answers only; a prefix is "not judged"
};

struct Score {
  double value = 0;     ///< in [0, 1]; the higher, the better
  bool judged = false;  ///< false: nothing is known, which is not 0
  bool lost = false;    ///< not judged by a failure of ours, which another time may not have
};

class PrefixVerifier {
 public:
  virtual ~PrefixVerifier() = default;
  virtual Stage stage() const = 0;
  /// The score of each prefix as it stands, in order: one call is one batch.
  virtual std::vector<Score> score(const Problem& problem, std::span<const Prefix> prefixes) = 0;
};

}  // namespace assay::search
