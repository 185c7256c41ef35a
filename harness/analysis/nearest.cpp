#include "harness/analysis/nearest.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <span>
#include <string_view>
#include <utility>

namespace assay::analysis {

namespace {

constexpr std::size_t kRanked = 12;          // candidates whose lines are compared
constexpr std::size_t kDifferenceMax = 400;  // lines; beyond it two texts are merely different

using Hashes = std::vector<std::uint64_t>;

std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>{}(text); }

Hashes lines_of(std::string_view text, bool& cut) {
  Hashes lines;
  while (!text.empty() && lines.size() < kComparedLinesMax) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(hash_of(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  cut |= !text.empty();
  return lines;
}

/// Lines of either that a longest common subsequence leaves out, or `limit` where there are at
/// least so many. Myers, "An O(ND) difference algorithm" (1986): the furthest places that d
/// differences reach, for growing d; so the cost grows with the difference, not with the texts.
std::size_t line_distance(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b,
                          std::size_t limit) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) a = a.subspan(1), b = b.subspan(1);
  while (!a.empty() && !b.empty() && a.back() == b.back())
    a = a.first(a.size() - 1), b = b.first(b.size() - 1);
  if (a.empty() || b.empty()) return std::min(a.size() + b.size(), limit);
  const auto a_size = static_cast<std::ptrdiff_t>(a.size());
  const auto b_size = static_cast<std::ptrdiff_t>(b.size());
  const auto middle = static_cast<std::ptrdiff_t>(limit) + 1;
  // furthest[middle + k]: how far into `a` the diagonal k (place in a minus place in b) is reached.
  std::vector<std::ptrdiff_t> furthest(2 * static_cast<std::size_t>(middle) + 1, 0);
  const auto at = [&](std::ptrdiff_t k) -> std::ptrdiff_t& {
    return furthest[static_cast<std::size_t>(middle + k)];
  };
  for (std::ptrdiff_t d = 0; d < static_cast<std::ptrdiff_t>(limit); ++d) {
    for (std::ptrdiff_t k = -d; k <= d; k += 2) {
      const bool down = k == -d || (k != d && at(k - 1) < at(k + 1));
      std::ptrdiff_t x = down ? at(k + 1) : at(k - 1) + 1;
      while (x < a_size && x - k < b_size && x - k >= 0 &&
             a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)])
        ++x;
      at(k) = x;
      if (x >= a_size && x - k >= b_size) return static_cast<std::size_t>(d);
    }
  }
  return limit;
}

}  // namespace

// Names and numbers whole, other characters one by one; sorted, each with how often it occurs.
Candidates::Words Candidates::words_of(std::string_view text) {
  Hashes words;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (is_word(text[i]))
      while (end < text.size() && is_word(text[end])) ++end;
    if (!std::isspace(static_cast<unsigned char>(text[i])))
      words.push_back(hash_of(text.substr(i, end - i)));
    i = end;
  }
  std::sort(words.begin(), words.end());
  Words out;
  out.all = words.size();
  for (const std::uint64_t word : words) {
    if (out.each.empty() || out.each.back().hash != word) out.each.push_back({word, 0});
    ++out.each.back().times;
  }
  return out;
}

// Words in one and not in the other.
std::size_t Candidates::word_distance(const Words& a, const Words& b) {
  std::size_t i = 0, j = 0, shared = 0;
  while (i < a.each.size() && j < b.each.size()) {
    const Words::Word &one = a.each[i], &other = b.each[j];
    shared += one.hash == other.hash ? std::min(one.times, other.times) : 0;
    i += one.hash <= other.hash;
    j += other.hash <= one.hash;
  }
  return a.all + b.all - 2 * shared;
}

Candidates::Text Candidates::prepared(const std::string& text) {
  Text out;
  out.whole = &text;
  out.cut = text.size() > kComparedBytesMax;
  const std::string_view compared = std::string_view(text).substr(0, kComparedBytesMax);
  out.words = words_of(compared);
  out.lines = lines_of(compared, out.cut);
  return out;
}

Candidates::Candidates(const std::set<std::string>& texts) {
  std::size_t words = 0;
  for (const std::string& text : texts) {
    if (words > kComparedWordsMax) {
      left_out_ = true;
      return;
    }
    texts_.push_back(prepared(text));
    words += texts_.back().words.all;
  }
}

Candidates::Nearest Candidates::nearest_to(const std::string& source) const {
  const Text wrong = prepared(source);
  std::vector<std::pair<std::size_t, std::size_t>> ranked;  // distance, place
  ranked.reserve(texts_.size());
  for (std::size_t i = 0; i < texts_.size(); ++i)
    ranked.emplace_back(word_distance(wrong.words, texts_[i].words), i);
  const std::size_t compared = std::min(kRanked, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(compared),
                    ranked.end());
  Nearest best;
  best.capped = left_out_ || (wrong.cut && !ranked.empty());
  std::size_t least = kDifferenceMax;
  for (std::size_t i = 0; i < compared; ++i) {
    const Text& text = texts_[ranked[i].second];
    best.capped |= text.cut;
    const std::size_t distance = line_distance(wrong.lines, text.lines, least);
    if (best.text && distance >= least) continue;
    least = distance, best.text = text.whole;
  }
  best.capped |= least >= kDifferenceMax && ranked.size() > 1;
  return best;
}

}  // namespace assay::analysis
