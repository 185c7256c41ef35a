// The correct program that a wrong one differs least from: what makes its fault quick to read.
//
// The programs are other people's, and some are made to hold a report up, so every cost has a bound:
// of a long text only the beginning is compared, of many candidates only so many words, and the
// difference of two texts is followed only as far as it can still win. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace assay::analysis {

/// Of a text, this much is compared: a report shows less of it.
inline constexpr std::size_t kComparedBytesMax = std::size_t{64} << 10;
inline constexpr std::size_t kComparedLinesMax = 4000;
/// Of all candidates together, so many words are compared with each source.
inline constexpr std::size_t kComparedWordsMax = 2'000'000;

/// The correct programs of a problem, made ready to be compared with many wrong ones.
class Candidates {
 public:
  /// Keeps pointers into `texts`, which must outlive this.
  explicit Candidates(const std::set<std::string>& texts);

  struct Nearest {
    const std::string* text = nullptr;  ///< null where there is no candidate
    /// A text was too long, or the candidates too many, to be compared whole: another may be nearer.
    bool capped = false;
  };
  /// The candidate with the fewest differing lines among those that share most words with `source`.
  Nearest nearest_to(const std::string& source) const;

 private:
  struct Words {
    struct Word {
      std::uint64_t hash = 0;
      std::size_t times = 0;
    };
    std::vector<Word> each;  ///< by hash
    std::size_t all = 0;     ///< counted as often as they occur
  };
  struct Text {
    const std::string* whole = nullptr;
    Words words;
    std::vector<std::uint64_t> lines;  ///< hashes, in order
    bool cut = false;
  };
  static Text prepared(const std::string& text);
  static Words words_of(std::string_view text);
  static std::size_t word_distance(const Words& a, const Words& b);

  std::vector<Text> texts_;
  bool left_out_ = false;  ///< there were more candidates than are compared
};

}  // namespace assay::analysis
