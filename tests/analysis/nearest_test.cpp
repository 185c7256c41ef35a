#include "harness/analysis/nearest.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace assay::analysis;

namespace {

/// What nearest_to minimises, by the plain table of a longest common subsequence.
std::size_t slow_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (const char x : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = x == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return a.size() + b.size() - 2 * row.back();
}

/// Every letter a line.
std::string lines_of(const std::string& letters) {
  std::string out;
  for (const char c : letters) out += std::string(1, c) + "\n";
  return out;
}

std::string comments(const std::string& mark, std::int64_t count) {
  std::string out;
  for (std::int64_t i = 0; i < count; ++i)
    out += "#" + mark + std::to_string(i * 7919 % count) + "\n";
  return out;
}

}  // namespace

TEST_CASE("the nearest correct program is the one with the shortest difference") {
  const std::string wrong = "def f(a, b):\n    c = a + b\n    return -c\n";
  const std::set<std::string> correct = {"def f(a, b):\n    return sum([a, b])\n",
                                         "def f(a, b):\n    c = a + b\n    return c\n",
                                         "def f(a, b):\n    c = b + a\n    return +c\n"};
  const auto found = Candidates(correct).nearest_to(wrong);
  REQUIRE(found.text);
  CHECK(*found.text == "def f(a, b):\n    c = a + b\n    return c\n");
  CHECK_FALSE(found.capped);
  CHECK_FALSE(Candidates({}).nearest_to(wrong).text);
}

TEST_CASE("the difference is that of a longest common subsequence") {
  std::mt19937 random(3);
  const auto letters = [&] {
    std::string out(random() % 14, ' ');
    for (char& c : out) c = static_cast<char>('a' + random() % 4);
    return out;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::string wrong = letters();
    std::set<std::string> texts;
    std::size_t least = SIZE_MAX;
    for (int i = 0; i < 6; ++i) {  // fewer than are ranked: all are compared line by line
      const std::string right = letters();
      texts.insert(lines_of(right));
      least = std::min(least, slow_distance(wrong, right));
    }
    const auto found = Candidates(texts).nearest_to(lines_of(wrong));
    REQUIRE(found.text);
    std::string text = *found.text;
    text.erase(std::remove(text.begin(), text.end(), '\n'), text.end());
    CHECK(slow_distance(wrong, text) == least);
  }
}

TEST_CASE("programs of very many lines do not hold a report up") {
  // Lines were compared all with all, for twelve candidates: 40,000 took 2.3 s and two million did
  // not end. Neither shares a line with the other here, which is the worst case of the new way.
  const std::string wrong = comments("wrong", 300'000);
  std::set<std::string> correct;
  for (int i = 0; i < 12; ++i) correct.insert(comments("right" + std::to_string(i), 300'000));
  const auto began = std::chrono::steady_clock::now();
  const auto found = Candidates(correct).nearest_to(wrong);
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(20));  // hours, before
  CHECK(found.text);
  CHECK(found.capped);
}

TEST_CASE("a nearest program that was chosen among a part says so") {
  std::set<std::string> correct = {"def f():\n    return 1\n"};
  CHECK_FALSE(Candidates(correct).nearest_to("def f():\n    return 2\n").capped);
  CHECK(Candidates(correct).nearest_to(comments("w", 5000)).capped);
  correct.insert(std::string(kComparedBytesMax + 1, 'x'));
  CHECK(Candidates(correct).nearest_to("def f():\n    return 2\n").capped);
  for (int i = 0; i < 200; ++i) correct.insert(comments("many " + std::to_string(i), 4000));
  CHECK(Candidates(correct).nearest_to("def f():\n    return 2\n").capped);
}
