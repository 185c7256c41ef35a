// What a search has spent, and its caps. One currency for all strategies.
#pragma once

#include <cstdint>
#include <limits>

namespace assay::search {

struct Caps {
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();
  std::int64_t generations = kNone, tokens = kNone, calls = kNone;
};

/// Thrown by what would spend more than is left; a strategy then gives what it holds.
struct Spent {};

class Ledger {
 public:
  explicit Ledger(Caps caps = {}) : caps_(caps) {}

  /// Answers begun: first steps asked for. A strategy of n particles, beams or samples begins n.
  std::int64_t generations() const { return generations_; }
  std::int64_t tokens() const { return tokens_; }            ///< made by the policy
  std::int64_t tokens_read() const { return tokens_read_; }  ///< had every prefix to be read anew
  /// A proposal's, which the policy has read to tell how likely it would have made them.
  std::int64_t tokens_scored() const { return tokens_scored_; }
  std::int64_t calls() const { return calls_; }  ///< prefixes or answers that were scored

  std::int64_t generations_left() const { return caps_.generations - generations_; }
  bool caps_tokens() const { return caps_.tokens != Caps::kNone; }
  std::int64_t calls_left() const { return caps_.calls - calls_; }

  void begin(std::int64_t generations) {
    if (generations > caps_.generations - generations_) throw Spent();
    generations_ += generations;
  }
  /// Whether a further step may be asked for. A token that was scored costs what one made does.
  void check_tokens() const {
    if (tokens_ + tokens_scored_ >= caps_.tokens) throw Spent();
  }
  void made(std::int64_t tokens, std::int64_t read, std::int64_t scored) {
    tokens_ += tokens;
    tokens_read_ += read;
    tokens_scored_ += scored;
  }
  void call(std::int64_t scores) {
    if (scores > caps_.calls - calls_) throw Spent();
    calls_ += scores;
  }

 private:
  Caps caps_;
  std::int64_t generations_ = 0, tokens_ = 0, tokens_read_ = 0, tokens_scored_ = 0, calls_ = 0;
};

}  // namespace assay::search
