// The nearest correct program: the one whose difference is shortest to read.
#include <algorithm>
#include <cctype>
#include <string_view>

#include "reports/programs.h"

namespace assay::reports {

namespace {

constexpr std::size_t kCompared = 12;  // candidates whose lines are compared

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// Names and numbers whole, other characters one by one; sorted.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  const auto is_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (is_word(text[i]))
      while (end < text.size() && is_word(text[end])) ++end;
    if (!std::isspace(static_cast<unsigned char>(text[i])))
      words.push_back(text.substr(i, end - i));
    i = end;
  }
  std::sort(words.begin(), words.end());
  return words;
}

// Words in one and not in the other.
std::size_t word_distance(const std::vector<std::string_view>& a,
                          const std::vector<std::string_view>& b) {
  std::size_t i = 0, j = 0, shared = 0;
  while (i < a.size() && j < b.size()) {
    const int order = a[i].compare(b[j]);
    shared += order == 0;
    i += order <= 0;
    j += order >= 0;
  }
  return a.size() + b.size() - 2 * shared;
}

// Lines of either that a longest common subsequence leaves out.
std::size_t line_distance(const std::vector<std::string_view>& a,
                          const std::vector<std::string_view>& b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (const std::string_view line : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = line == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return a.size() + b.size() - 2 * row.back();
}

}  // namespace

std::string nearest(const std::string& source, const std::set<std::string>& candidates) {
  const auto words = words_of(source);
  std::vector<std::pair<std::size_t, const std::string*>> ranked;
  for (const std::string& candidate : candidates)
    ranked.emplace_back(word_distance(words, words_of(candidate)), &candidate);
  const std::size_t compared = std::min(kCompared, ranked.size());
  const auto by_words = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(ranked.begin(), ranked.end(), by_words);
  const auto lines = lines_of(source);
  std::string best;
  std::size_t least = SIZE_MAX;
  for (std::size_t i = 0; i < compared; ++i) {
    const std::size_t distance = line_distance(lines, lines_of(*ranked[i].second));
    if (distance < least) least = distance, best = *ranked[i].second;
  }
  return best;
}

}  // namespace assay::reports
