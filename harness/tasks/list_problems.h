// Problems of the list language: a hidden program, and lists with what it makes of them. Pure;
// thread-safe.
//
// Which programs are for training, for calibration and for tests is decided by what they do on a
// fixed set of probes, the same for every seed: two programs that do the same there are on the same
// side, so that no seed of one side ever meets the target of another.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/tasks/list_language.h"

namespace assay::tasks::lists {

enum class Side { training, calibration, tests };

/// What a program does on the probes; equal for programs that do the same there.
std::uint64_t behaviour(const Program& program);
Side side_of(std::uint64_t behaviour);

/// A list and what the target makes of it.
struct Test {
  List input, output;
};

struct Target {
  Program program;
  std::uint64_t behaviour = 0;
  std::vector<Test> hidden;   ///< kHidden
  std::vector<Test> visible;  ///< kVisibleMax, of which a task shows the first
};
inline constexpr std::size_t kHidden = 32, kVisibleMax = 4;
/// Numbers of inputs and outputs lie between -kNumberMax and kNumberMax.
inline constexpr std::int32_t kNumberMax = 99;

/// A random target of a side, of two calls (one in five), three or four. On its tests it does not
/// always answer the same, and no program of fewer calls does what it does, so it is neither the
/// identity nor padded.
Target random_target(Side side, RandomStream& stream);

/// `count` of them, no two of one behaviour, in no order: any beginning is as hard as the whole.
/// REQUIRES: count <= kTargetsMax, for which there are enough short ones.
std::vector<Target> targets(Side side, std::size_t count, std::uint64_t seed);
/// For tests there are 254 behaviours of two calls, for calibration 67.
inline constexpr std::size_t kTargetsMax = 1000, kCalibrationTargetsMax = 250;

/// What a search is shown: the first `visible` tests, each a line `in` and a line `out`, and the line
/// `program`.
std::string prompt_of(const Target& target, std::size_t visible);
/// Of which prompts and answers consist.
std::vector<std::string> pieces();

}  // namespace assay::tasks::lists
