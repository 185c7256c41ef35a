#include "datasets/python_code.h"

#include <algorithm>
#include <vector>

#include "harness/base/words.h"

namespace assay::datasets {

namespace {

class Coder {
 public:
  explicit Coder(std::string_view program) : rest_(program) {}

  std::string code() {
    while (!rest_.empty()) take();
    end_statement();
    return std::move(out_);
  }

 private:
  std::string_view rest_;
  std::string out_, statement_;
  std::size_t column_ = 0;  ///< of a statement that has not begun; then of its first token
  std::vector<std::size_t> indents_ = {0};
  int brackets_ = 0;
  bool only_text_ = true;  ///< the statement is nothing but strings

  void take() {
    const char c = rest_.front();
    if (c == '\n' || c == '\r') {
      rest_.remove_prefix(1);
      if (brackets_ == 0) end_statement();
    } else if (c == ' ' || c == '\t' || c == '\f') {
      rest_.remove_prefix(1);
      if (statement_.empty())
        column_ = c == '\f' ? 0 : c == '\t' ? column_ / 8 * 8 + 8 : column_ + 1;
    } else if (c == '#') {
      rest_.remove_prefix(std::min(rest_.find_first_of("\r\n"), rest_.size()));
    } else if (c == '\\') {
      rest_.remove_prefix(1);
      rest_.remove_prefix(rest_.starts_with("\r\n") ? 2 : rest_.starts_with('\n') ? 1 : 0);
    } else if (const std::size_t word = word_length(); starts_string(word)) {
      take_string(word);
    } else {
      if (c == '(' || c == '[' || c == '{') ++brackets_;
      if (c == ')' || c == ']' || c == '}') brackets_ = std::max(0, brackets_ - 1);
      only_text_ = false;
      put(rest_.substr(0, std::max<std::size_t>(word, 1)));
      rest_.remove_prefix(std::max<std::size_t>(word, 1));
    }
  }

  std::size_t word_length() const {
    std::size_t length = 0;
    while (length < rest_.size() && is_word_char(rest_[length])) ++length;
    return length;
  }

  /// Whether a quote follows what the text begins with: a string's prefix, or nothing.
  bool starts_string(std::size_t word) const {
    return word <= 2 && word < rest_.size() && (rest_[word] == '\'' || rest_[word] == '"') &&
           rest_.substr(0, word).find_first_not_of("rRbBuUfF") == rest_.npos;
  }

  void take_string(std::size_t prefix) {
    const char quote = rest_[prefix];
    const bool triple = rest_.substr(prefix, 3) == std::string(3, quote);
    const std::string_view mark = rest_.substr(prefix, triple ? 3 : 1);
    const std::size_t begin = prefix + mark.size();
    std::size_t end = begin;
    while (end < rest_.size() && !rest_.substr(end).starts_with(mark))
      end += rest_[end] == '\\' ? 2 : 1;
    end = std::min(end, rest_.size());
    const std::string_view inside = rest_.substr(begin, end - begin);
    // An f-string may do something.
    if (rest_.substr(0, prefix).find_first_of("fF") != rest_.npos) only_text_ = false;
    std::string token(rest_.substr(0, std::min(end + mark.size(), rest_.size())));
    if (!triple && inside.find_first_of("'\"\\") == inside.npos)
      std::replace(token.begin(), token.end(), '"', '\'');
    put(token);
    rest_.remove_prefix(token.size());
  }

  void put(std::string_view token) {
    if (!statement_.empty()) statement_ += ' ';
    statement_ += token;
  }

  void end_statement() {
    if (!statement_.empty() && !only_text_) {
      while (indents_.back() > column_) indents_.pop_back();
      if (indents_.back() < column_) indents_.push_back(column_);
      out_.append(indents_.size() - 1, '\t').append(statement_) += '\n';
    }
    statement_.clear();
    only_text_ = true;
    column_ = 0;
  }
};

}  // namespace

std::string code_of(std::string_view program) { return Coder(program).code(); }

}  // namespace assay::datasets
