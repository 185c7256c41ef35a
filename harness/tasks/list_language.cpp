#include "harness/tasks/list_language.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <numeric>

namespace assay::tasks::lists {

namespace {

template <auto number>
void mapped(List& xs) {
  for (std::int32_t& x : xs) x = number(x);
}

template <auto wanted>
void filtered(List& xs) {
  xs.erase(std::remove_if(xs.begin(), xs.end(), [](std::int32_t x) { return !wanted(x); }),
           xs.end());
}

template <auto joined>
void scanned(List& xs) {
  std::partial_sum(xs.begin(), xs.end(), xs.begin(), joined);
}

/// Each number with the one as far from the other end.
template <auto joined>
void zipped(List& xs) {
  const List before = xs;
  for (std::size_t i = 0; i < xs.size(); ++i) xs[i] = joined(before[i], before[xs.size() - 1 - i]);
}

void keep(List& xs, std::size_t begin, std::size_t end) {
  end = std::min(end, xs.size());
  begin = std::min(begin, end);
  xs.erase(xs.begin() + static_cast<std::ptrdiff_t>(end), xs.end());
  xs.erase(xs.begin(), xs.begin() + static_cast<std::ptrdiff_t>(begin));
}

void deduped(List& xs) {
  auto end = xs.begin();
  for (const std::int32_t x : List(xs))
    if (std::find(xs.begin(), end, x) == end) *end++ = x;
  xs.erase(end, xs.end());
}

void every_second(List& xs) {
  for (std::size_t i = 0; 2 * i < xs.size(); ++i) xs[i] = xs[2 * i];
  keep(xs, 0, (xs.size() + 1) / 2);
}

void differences(List& xs) {
  for (std::size_t i = 0; i + 1 < xs.size(); ++i) xs[i] = xs[i + 1] - xs[i];
  if (!xs.empty()) xs.pop_back();
}

template <auto less>
void extreme(List& xs) {
  if (!xs.empty()) xs = {*std::max_element(xs.begin(), xs.end(), less)};
}

constexpr auto least = [](std::int32_t a, std::int32_t b) { return std::min(a, b); };
constexpr auto most = [](std::int32_t a, std::int32_t b) { return std::max(a, b); };

using N = std::int32_t;
constexpr Call kCalls[] = {
    {"map +1", "[x + 1 for x in xs]", mapped<[](N x) { return x + 1; }>},
    {"map -1", "[x - 1 for x in xs]", mapped<[](N x) { return x - 1; }>},
    {"map *2", "[x * 2 for x in xs]", mapped<[](N x) { return x * 2; }>},
    {"map *3", "[x * 3 for x in xs]", mapped<[](N x) { return x * 3; }>},
    {"map *-1", "[-x for x in xs]", mapped<[](N x) { return -x; }>},
    // Python rounds down, C++ towards 0.
    {"map //2", "[x // 2 for x in xs]", mapped<[](N x) { return (x - (x & 1)) / 2; }>},
    {"map abs", "[abs(x) for x in xs]", mapped<[](N x) { return std::abs(x); }>},
    {"filter >0", "[x for x in xs if x > 0]", filtered<[](N x) { return 0 < x; }>},
    {"filter <0", "[x for x in xs if x < 0]", filtered<[](N x) { return x < 0; }>},
    {"filter even", "[x for x in xs if x % 2 == 0]", filtered<[](N x) { return x % 2 == 0; }>},
    {"filter odd", "[x for x in xs if x % 2 == 1]", filtered<[](N x) { return x % 2 != 0; }>},
    {"take 2", "xs[:2]", [](List& xs) { keep(xs, 0, 2); }},
    {"take 3", "xs[:3]", [](List& xs) { keep(xs, 0, 3); }},
    {"drop 1", "xs[1:]", [](List& xs) { keep(xs, 1, xs.size()); }},
    {"drop 2", "xs[2:]", [](List& xs) { keep(xs, 2, xs.size()); }},
    {"reverse", "xs[::-1]", [](List& xs) { std::reverse(xs.begin(), xs.end()); }},
    {"sort", "sorted(xs)", [](List& xs) { std::sort(xs.begin(), xs.end()); }},
    {"dedupe", "list(dict.fromkeys(xs))", deduped},
    {"rotate", "xs[1:] + xs[:1]",
     [](List& xs) {
       if (!xs.empty()) std::rotate(xs.begin(), xs.begin() + 1, xs.end());
     }},
    {"every 2", "xs[::2]", every_second},
    {"scan +", "list(accumulate(xs))", scanned<std::plus<N>{}>},
    {"scan max", "list(accumulate(xs, max))", scanned<most>},
    {"scan min", "list(accumulate(xs, min))", scanned<least>},
    {"zip +", "[a + b for a, b in zip(xs, reversed(xs))]", zipped<std::plus<N>{}>},
    {"zip -", "[a - b for a, b in zip(xs, reversed(xs))]", zipped<std::minus<N>{}>},
    {"zip max", "[max(a, b) for a, b in zip(xs, reversed(xs))]", zipped<most>},
    {"diff", "[b - a for a, b in zip(xs, xs[1:])]", differences},
    {"sum", "[sum(xs)]", [](List& xs) { xs = {std::accumulate(xs.begin(), xs.end(), N{0})}; }},
    {"max", "sorted(xs)[-1:]", extreme<std::less<N>{}>},
    {"min", "sorted(xs)[:1]", extreme<std::greater<N>{}>},
    {"count", "[len(xs)]", [](List& xs) { xs = {static_cast<N>(xs.size())}; }},
};

}  // namespace

std::span<const Call> calls() { return kCalls; }

std::optional<Program> parse(std::string_view text) {
  Program program;
  for (;;) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const bool last = end == text.npos || end + 1 == text.size();
    if (line == kEnd && last) return program;
    const auto call = std::find_if(std::begin(kCalls), std::end(kCalls),
                                   [&](const Call& one) { return line == one.text; });
    if (call == std::end(kCalls) || last || program.size() == kCallsMax) return std::nullopt;
    program.push_back(static_cast<std::size_t>(call - kCalls));
    text.remove_prefix(end + 1);
  }
}

std::string written(const Program& program) {
  std::string text;
  for (const std::size_t call : program) text += fmt::format("{}\n", kCalls[call].text);
  return text + fmt::format("{}\n", kEnd);
}

std::string python_of(const Program& program) {
  std::string body;
  for (const std::size_t call : program) body += fmt::format("    xs = {}\n", kCalls[call].python);
  const bool accumulates = body.find("accumulate") != body.npos;
  return fmt::format("{}def f(xs):\n{}    return xs\n",
                     accumulates ? "from itertools import accumulate\n\n" : "", body);
}

List run(const Program& program, List list) {
  for (const std::size_t call : program) kCalls[call].apply(list);
  return list;
}

}  // namespace assay::tasks::lists
