// New argument tuples for a problem, made by changing those that its suites have, each value as its
// type and place allow (type-aware mutation: Liu et al., EvalPlus, NeurIPS 2023). A place is an
// argument, the items of a list there, the values of a dict: what is put there is of a type that was
// seen there, and a tuple or list that always had the same length keeps it. Values at the borders
// (empty, zero, one, beyond the largest seen) come first. Sizes are bounded. The same inputs, seed
// and name give the same tuples. One thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/random.h"
#include "harness/base/value/value.h"

namespace assay::probe {

/// No tuple that is made is longer than this when encoded, and none that is longer is changed.
inline constexpr std::size_t kInputBytesMax = 4096;

struct Place;  ///< what was seen somewhere

class Mutator {
 public:
  /// `inputs`: encoded argument tuples of the suites.
  Mutator(const std::vector<std::string>& inputs, std::uint64_t seed, std::string_view name);
  ~Mutator();

  /// Up to `count` encoded tuples that are none of the suites' and were not given before; fewer where
  /// changes come to nothing new.
  std::vector<std::string> more(std::size_t count);
  /// One of those that were given may be changed in its turn.
  void admit(const std::string& encoded);

 private:
  struct Seed {
    Value arguments;
    std::size_t bytes = 0;
  };
  void queue_borders();
  const Seed& chosen_seed();
  Value changed_tuple();
  /// Whether it is new; `encoded` is set then.
  bool is_new(Value tuple, std::string& encoded);

  std::unique_ptr<Place> arguments_;
  std::vector<Seed> seeds_;
  std::set<std::string> known_;  ///< hashes
  std::deque<Value> borders_;    ///< still to be given
  RandomStream random_;
};

}  // namespace assay::probe
