#include "harness/tasks/list_problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "harness/base/error.h"
#include "harness/base/hash.h"

namespace assay::tasks::lists {

namespace {

constexpr std::size_t kLengthMin = 3, kProbes = 64;
constexpr std::int32_t kInputMax = 9;
/// Of ten behaviours, so many are for tests and for calibration; the rest is for training.
constexpr std::uint64_t kTestTenths = 4, kCalibrationTenths = 1;

List random_input(RandomStream& stream) {
  List list(kLengthMin + stream.below(kLengthMax - kLengthMin + 1));
  for (std::int32_t& x : list)
    x = static_cast<std::int32_t>(stream.below(2 * kInputMax + 1)) - kInputMax;
  return list;
}

const std::vector<List>& probes() {
  static const std::vector<List> all = [] {
    RandomStream stream(0, "list probes");
    std::vector<List> lists;
    for (std::size_t i = 0; i < kProbes; ++i) lists.push_back(random_input(stream));
    return lists;
  }();
  return all;
}

/// Whether a program of at most `calls` calls makes of `list`, which `begun` made of the first input,
/// what the target does, and of all other inputs too.
bool done_in(std::size_t calls, const std::vector<Test>& tests, const List& list, Program& begun) {
  if (list == tests[0].output && std::all_of(tests.begin() + 1, tests.end(), [&](const Test& test) {
        return run(begun, test.input) == test.output;
      }))
    return true;
  if (calls == 0) return false;
  for (std::size_t call = 0; call < lists::calls().size(); ++call) {
    List next = list;
    lists::calls()[call].apply(next);
    begun.push_back(call);
    if (done_in(calls - 1, tests, next, begun)) return true;
    begun.pop_back();
  }
  return false;
}

bool good(const Program& program, const std::vector<Test>& tests) {
  bool varies = false;
  for (const Test& test : tests) {
    varies |= test.output != tests[0].output;
    for (const std::int32_t x : test.output)
      if (x < -kNumberMax || x > kNumberMax) return false;
  }
  Program begun;
  return varies && !done_in(program.size() - 1, tests, tests[0].input, begun);
}

std::size_t random_length(RandomStream& stream) {
  constexpr std::size_t kLengths[] = {2, 3, 3, 4, 4};
  return kLengths[stream.below(std::size(kLengths))];
}

Target target_of(Side side, std::size_t length, RandomStream& stream) {
  for (;;) {
    Target target;
    target.program.resize(length);
    for (std::size_t& call : target.program)
      call = stream.below(static_cast<std::uint32_t>(calls().size()));
    target.behaviour = behaviour(target.program);
    if (side_of(target.behaviour) != side) continue;
    std::vector<Test> tests(kHidden + kVisibleMax);
    for (Test& test : tests) {
      test.input = random_input(stream);
      test.output = run(target.program, test.input);
    }
    if (!good(target.program, tests)) continue;
    target.hidden.assign(tests.begin(), tests.begin() + kHidden);
    target.visible.assign(tests.begin() + kHidden, tests.end());
    return target;
  }
}

std::string numbers(const List& list) {
  std::string text;
  for (const std::int32_t x : list) text += fmt::format(" {}", x);
  return text;
}

}  // namespace

std::uint64_t behaviour(const Program& program) {
  std::string all;
  for (const List& probe : probes()) all += numbers(run(program, probe)) + '\n';
  return std::stoull(sha256(all).substr(0, 16), nullptr, 16);
}

Side side_of(std::uint64_t behaviour) {
  const std::uint64_t tenth = behaviour % 10;
  if (tenth < kTestTenths) return Side::tests;
  return tenth < kTestTenths + kCalibrationTenths ? Side::calibration : Side::training;
}

Target random_target(Side side, RandomStream& stream) {
  return target_of(side, random_length(stream), stream);
}

std::vector<Target> targets(Side side, std::size_t count, std::uint64_t seed) {
  ASSAY_INVARIANT(count <= (side == Side::calibration ? kCalibrationTargetsMax : kTargetsMax));
  RandomStream stream(seed, fmt::format("list targets {}", static_cast<int>(side)));
  std::vector<Target> out;
  std::set<std::uint64_t> seen;
  while (out.size() < count) {
    // Another one of the same length: short ones, which are soon met again, keep their share.
    const std::size_t length = random_length(stream);
    Target target;
    do {
      target = target_of(side, length, stream);
    } while (!seen.insert(target.behaviour).second);
    out.push_back(std::move(target));
  }
  return out;
}

std::string prompt_of(const Target& target, std::size_t visible) {
  std::string text;
  for (std::size_t i = 0; i < visible; ++i)
    text += fmt::format("in{}\nout{}\n", numbers(target.visible[i].input),
                        numbers(target.visible[i].output));
  return text + "program\n";
}

std::vector<std::string> pieces() {
  std::vector<std::string> all = {"in", "out", "\n", "program\n", fmt::format("{}\n", kEnd)};
  for (std::int32_t x = -kNumberMax; x <= kNumberMax; ++x) all.push_back(fmt::format(" {}", x));
  for (const Call& call : calls()) all.push_back(fmt::format("{}\n", call.text));
  return all;
}

}  // namespace assay::tasks::lists
