// Texts as a model's tokens, and back. Immutable once made; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace assay::models {

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// A text from its beginning. None where it holds what no token stands for.
  virtual std::optional<std::vector<std::int32_t>> encode(std::string_view text) const = 0;
  /// The rest of a text, of which something stands before it. None as encode().
  virtual std::optional<std::vector<std::int32_t>> encode_rest(std::string_view text) const = 0;
  /// What `token` says behind `before`; nothing for the tokens that begin and end a text.
  virtual std::string text(std::int32_t token, std::int32_t before) const = 0;
  virtual std::int32_t size() const = 0;
  /// Stands before every text; -1: nothing does.
  virtual std::int32_t begin() const = 0;
  /// Whether a text ends with this token.
  virtual bool ends(std::int32_t token) const = 0;
  /// The one that a model learns to end texts with; -1: there is none.
  virtual std::int32_t end() const = 0;
  virtual const std::vector<std::string>& pieces() const = 0;
  /// Of the pieces, where they are joined pair by pair, the best first; else empty.
  virtual std::span<const float> scores() const = 0;
};

/// Whether each token says the same in both, and ends a text in both or in neither.
bool same_tokens(const Tokenizer& a, const Tokenizer& b);

/// The prompt as a model reads it, behind the token that begins a text. None as encode().
std::optional<std::vector<std::int32_t>> prompt_tokens(const Tokenizer& tokenizer,
                                                       std::string_view prompt);
/// What goes on behind `before`, without the token that begins a text. None as encode().
std::optional<std::vector<std::int32_t>> tokens_behind(const Tokenizer& tokenizer,
                                                       std::string_view before,
                                                       std::string_view text);

/// Cuts a text from the front, each time by the longest piece that fits.
class PieceTokenizer final : public Tokenizer {
 public:
  static constexpr std::size_t kPieceBytesMax = 1024;
  /// Piece i is token i; -1: there is no such token. Throws Error where a piece is empty, longer than
  /// kPieceBytesMax or stands twice: a phrase that goes behind a file's name.
  PieceTokenizer(std::vector<std::string> pieces, std::int32_t begin, std::int32_t end);
  PieceTokenizer(PieceTokenizer&&) =
      default;  // a copy's map would look into the first one's pieces
  /// Ours: the pieces (none: the 256 bytes), then a token that begins and one that ends a text.
  static PieceTokenizer of(std::vector<std::string> pieces);

  std::optional<std::vector<std::int32_t>> encode(std::string_view text) const override;
  std::optional<std::vector<std::int32_t>> encode_rest(std::string_view text) const override {
    return encode(text);
  }
  std::string text(std::int32_t token, std::int32_t before) const override;
  std::int32_t size() const override;
  std::int32_t begin() const override { return begin_; }
  bool ends(std::int32_t token) const override { return token == end_ || token == begin_; }
  std::int32_t end() const override { return end_; }
  const std::vector<std::string>& pieces() const override { return pieces_; }
  std::span<const float> scores() const override { return {}; }

 private:
  std::vector<std::string> pieces_;
  std::int32_t begin_, end_;
  std::size_t longest_ = 0;
  std::unordered_map<std::string_view, std::int32_t> tokens_;  ///< into pieces_
};

/// That of llama2.c: characters, or their bytes, which are joined pair by pair, the best score first. A
/// space is put before a text. Token 1 begins a text; 1 and 2 end it, and 1 is what its models end texts
/// with, since they learned from texts one behind the other.
class PairTokenizer final : public Tokenizer {
 public:
  /// `bytes` are a tokenizer.bin for a model of `size` tokens. Throws Error: a phrase that goes behind
  /// the file's name.
  PairTokenizer(std::string_view bytes, std::int32_t size);
  /// Piece i is token i. Throws Error as above.
  PairTokenizer(std::vector<std::string> pieces, std::vector<float> scores);

  std::optional<std::vector<std::int32_t>> encode(std::string_view text) const override;
  std::optional<std::vector<std::int32_t>> encode_rest(std::string_view text) const override;
  std::string text(std::int32_t token, std::int32_t before) const override;
  std::int32_t size() const override { return static_cast<std::int32_t>(pieces_.size()); }
  std::int32_t begin() const override { return 1; }
  bool ends(std::int32_t token) const override { return token == 1 || token == 2; }
  std::int32_t end() const override { return 1; }
  const std::vector<std::string>& pieces() const override { return pieces_; }
  std::span<const float> scores() const override { return scores_; }

 private:
  std::int32_t token_of(const std::string& piece) const;
  std::vector<std::int32_t> joined(std::vector<std::int32_t> tokens, std::string_view text) const;

  std::vector<std::string> pieces_;
  std::vector<float> scores_;
  std::unordered_map<std::string, std::int32_t> tokens_;
};

}  // namespace assay::models
