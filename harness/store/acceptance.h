// What accepts a sample: suites that it passes, verifiers' scores that reach a threshold, or both. The
// words that --proxy takes. Pure; thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/store/queries.h"

namespace assay::store {

/// A verifier, and the least score that it accepts: "judge>=4".
struct Threshold {
  std::string verifier;
  double least = 0;
};

/// Whether a word of --proxy speaks of a score; else it is a suite's name.
bool speaks_of_score(const std::string& word);

/// Why `name` can be no verifier's: it would be read as several words. Nothing where it can.
std::optional<std::string> trouble_of_verifier(const std::string& name);

/// Words of --proxy, all of which must accept. Each is a suite, NAME>=x, or several of these: joined by
/// "+" all of them must accept, joined by "|" one is enough.
class Acceptance {
 public:
  /// Throws Error (usage) for a word that cannot be read.
  explicit Acceptance(const std::vector<std::string>& words);

  /// Each once, in the order of the words.
  const std::vector<std::string>& suites() const { return suites_; }
  const std::vector<std::string>& verifiers() const { return verifiers_; }

  /// Whether a sample with these verdicts, and these scores of verifiers() one by one, is accepted.
  /// Nothing where a suite or a verifier has not judged it, even if another rejects it: as
  /// store::passes says of suites.
  std::optional<bool> accepts(const std::vector<SuiteStatus>& verdicts,
                              std::span<const std::optional<double>> scores) const;

 private:
  struct Word {
    std::vector<std::string> suites;
    std::vector<Threshold> scores;
    bool any = false;  ///< one of them is enough
  };
  static Word read(const std::string& text);
  std::optional<double> score_of(const std::string& verifier,
                                 std::span<const std::optional<double>> scores) const;

  std::vector<Word> words_;
  std::vector<std::string> suites_, verifiers_, needed_;  ///< needed_: suites that must all pass
};

}  // namespace assay::store
