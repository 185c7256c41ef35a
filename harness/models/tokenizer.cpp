#include "harness/models/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "harness/base/error.h"
#include "harness/base/words.h"

namespace assay::models {

std::optional<std::vector<std::int32_t>> prompt_tokens(const Tokenizer& tokenizer,
                                                       std::string_view prompt) {
  auto tokens = tokenizer.encode(prompt);
  if (tokens && tokenizer.begin() >= 0) tokens->insert(tokens->begin(), tokenizer.begin());
  return tokens;
}

std::optional<std::vector<std::int32_t>> tokens_behind(const Tokenizer& tokenizer,
                                                       std::string_view before,
                                                       std::string_view text) {
  return before.empty() ? tokenizer.encode(text) : tokenizer.encode_rest(text);
}

PieceTokenizer::PieceTokenizer(std::vector<std::string> pieces, std::int32_t begin,
                               std::int32_t end)
    : pieces_(std::move(pieces)), begin_(begin), end_(end) {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::string& piece = pieces_[i];
    if (ends(static_cast<std::int32_t>(i))) continue;  // no text stands for them
    if (piece.empty() || piece.size() > kPieceBytesMax)
      throw Error(fmt::format("has a piece of {} bytes; 1 to {} are allowed", piece.size(),
                              kPieceBytesMax));
    longest_ = std::max(longest_, piece.size());
    if (!tokens_.emplace(piece, static_cast<std::int32_t>(i)).second)
      throw Error(fmt::format("has piece {} twice", i));
  }
}

PieceTokenizer PieceTokenizer::of(std::vector<std::string> pieces) {
  if (pieces.empty())
    for (int c = 0; c < 256; ++c) pieces.emplace_back(1, static_cast<char>(c));
  const auto size = static_cast<std::int32_t>(pieces.size());
  return {std::move(pieces), size, size + 1};
}

std::optional<std::vector<std::int32_t>> PieceTokenizer::encode(std::string_view text) const {
  std::vector<std::int32_t> out;
  while (!text.empty()) {
    std::size_t length = std::min(longest_, text.size());
    auto found = tokens_.end();
    while (length > 0 && (found = tokens_.find(text.substr(0, length))) == tokens_.end()) --length;
    if (length == 0) return std::nullopt;
    out.push_back(found->second);
    text.remove_prefix(length);
  }
  return out;
}

std::string PieceTokenizer::text(std::int32_t token, std::int32_t) const {
  const auto i = static_cast<std::size_t>(token);
  return i < pieces_.size() && !ends(token) ? pieces_[i] : "";
}

std::int32_t PieceTokenizer::size() const {
  return std::max({static_cast<std::int32_t>(pieces_.size()), begin_ + 1, end_ + 1});
}

namespace {

template <typename T>
T taken(std::string_view& bytes) {
  T value;
  if (bytes.size() < sizeof value) throw Error("ends too early");
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

constexpr std::int32_t kFirstByte = 3;  ///< the token of byte 0

}  // namespace

PairTokenizer::PairTokenizer(std::string_view bytes, std::int32_t size) {
  std::vector<std::string> pieces;
  std::vector<float> scores;
  taken<std::int32_t>(bytes);  // the longest piece, which nobody needs
  for (std::int32_t token = 0; token < size; ++token) {
    scores.push_back(taken<float>(bytes));
    const auto length = taken<std::int32_t>(bytes);
    if (length < 0 || static_cast<std::size_t>(length) > bytes.size())
      throw Error("ends too early");
    pieces.emplace_back(bytes.substr(0, static_cast<std::size_t>(length)));
    bytes.remove_prefix(static_cast<std::size_t>(length));
  }
  if (!bytes.empty()) throw Error(fmt::format("holds more than the {} tokens of the model", size));
  *this = PairTokenizer(std::move(pieces), std::move(scores));
}

PairTokenizer::PairTokenizer(std::vector<std::string> pieces, std::vector<float> scores)
    : pieces_(std::move(pieces)), scores_(std::move(scores)) {
  if (pieces_.size() != scores_.size())
    throw Error(fmt::format("has {} pieces and {} scores of them", pieces_.size(), scores_.size()));
  if (pieces_.size() < kFirstByte + 256) throw Error("lacks the tokens of the 256 bytes");
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    if (std::isnan(scores_[i])) throw Error("has a score that is no number");
    tokens_.emplace(pieces_[i], static_cast<std::int32_t>(i));
  }
}

std::int32_t PairTokenizer::token_of(const std::string& piece) const {
  const auto found = tokens_.find(piece);
  return found == tokens_.end() ? -1 : found->second;
}

std::optional<std::vector<std::int32_t>> PairTokenizer::encode(std::string_view text) const {
  std::vector<std::int32_t> begun;
  if (const std::int32_t space = token_of(" "); !text.empty() && space >= 0) begun.push_back(space);
  return joined(std::move(begun), text);
}

std::optional<std::vector<std::int32_t>> PairTokenizer::encode_rest(std::string_view text) const {
  return joined({}, text);
}

/// `out` and the characters of the text behind it, as few tokens as the pairs allow.
std::vector<std::int32_t> PairTokenizer::joined(std::vector<std::int32_t> out,
                                                std::string_view text) const {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_character(text, at);
    const std::string character(text.substr(at, end - at));
    if (const std::int32_t token = token_of(character); token >= 0)
      out.push_back(token);
    else
      for (const unsigned char byte : character) out.push_back(kFirstByte + byte);
    at = end;
  }
  const auto pair = [&](std::size_t i) {
    return i + 1 == out.size() ? -1
                               : token_of(pieces_[static_cast<std::size_t>(out[i])] +
                                          pieces_[static_cast<std::size_t>(out[i + 1])]);
  };
  std::vector<std::int32_t> pairs;  ///< what each token and the one behind it are together
  for (std::size_t i = 0; i < out.size(); ++i) pairs.push_back(pair(i));
  for (;;) {
    float best = -1e10f;
    std::size_t where = out.size();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (pairs[i] < 0 || !(scores_[static_cast<std::size_t>(pairs[i])] > best)) continue;
      best = scores_[static_cast<std::size_t>(pairs[i])];
      where = i;
    }
    if (where == out.size()) return out;
    out[where] = pairs[where];
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(where) + 1);
    pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(where) + 1);
    pairs[where] = pair(where);
    if (where > 0) pairs[where - 1] = pair(where - 1);
  }
}

std::string PairTokenizer::text(std::int32_t token, std::int32_t before) const {
  if (ends(token)) return "";
  std::string piece = pieces_[static_cast<std::size_t>(token)];
  unsigned byte = 0;
  char rest = 0;
  if (piece.size() == 6 && std::sscanf(piece.c_str(), "<0x%02X>%c", &byte, &rest) == 1)
    return std::string(1, static_cast<char>(byte));
  if (before == begin() && piece.starts_with(' ')) piece.erase(0, 1);
  return piece;
}

bool same_tokens(const Tokenizer& a, const Tokenizer& b) {
  if (a.size() != b.size() || a.begin() != b.begin()) return false;
  for (std::int32_t token = 0; token < a.size(); ++token) {
    if (a.ends(token) != b.ends(token) || a.text(token, -1) != b.text(token, -1) ||
        a.text(token, a.begin()) != b.text(token, b.begin()))
      return false;
  }
  return true;
}

}  // namespace assay::models
