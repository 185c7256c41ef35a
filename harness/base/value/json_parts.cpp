#include "harness/base/value/json_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/error.h"
#include "harness/base/value/json_value.h"

namespace assay {

namespace {
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  bool took(char c) {
    pass_blanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c, const char* otherwise) {
    if (!took(c)) refuse(otherwise);
  }
  void expect_end() {
    pass_blanks();
    if (at_ < text_.size()) refuse("there is more after its end; a line holds one row");
  }

  std::string_view string() {
    pass_blanks();
    if (text_.substr(at_).starts_with('\'')) {
      refuse("single quotes are Python's, not JSON's; write rows with json.dumps");
    }
    expect('"', "a string is expected");
    const std::size_t begin = at_ - 1;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return text_.substr(begin, at_ - begin);
      if (c == '\\' && at_ < text_.size()) ++at_;
    }
    refuse("a string does not end");
  }

  std::string_view value() {
    pass_blanks();
    const std::size_t begin = at_;
    std::string closers;  // of what is open
    do {
      pass_blanks();
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      if (c == '"') {
        string();
      } else if (c == '{' || c == '[') {
        closers += c == '{' ? '}' : ']';
        ++at_;
      } else if (!closers.empty() && c == closers.back()) {
        closers.pop_back();
        ++at_;
      } else if (!closers.empty() && (c == ',' || c == ':')) {
        ++at_;
      } else {
        word();
      }
    } while (!closers.empty());
    return text_.substr(begin, at_ - begin);
  }

 private:
  [[noreturn]] void refuse(const char* what) const {
    throw Error(fmt::format("malformed JSON at byte {}: {}", at_ + 1, what));
  }
  void pass_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  /// A number, a constant.
  void word() {
    if (at_ == text_.size()) refuse("the text ends too early");
    const std::size_t end = std::min(text_.find_first_of(" \t\r\n,:{}[]\"", at_), text_.size());
    if (end == at_) refuse("a value is expected");
    at_ = end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};
}  // namespace

static std::string decoded(std::string_view key) {
  try {
    return parse_json(key).text;
  } catch (const Error&) {
    return std::string(key);
  }
}

void for_each_member(
    std::string_view text,
    const std::function<void(const std::string& key, std::string_view value)>& take) {
  Walk walk(text);
  walk.expect('{', "an object is expected");
  if (!walk.took('}')) {
    do {
      const std::string_view key = walk.string();
      walk.expect(':', "a colon is expected");
      take(decoded(key), walk.value());
    } while (walk.took(','));
    walk.expect('}', "a comma or the object's end is expected");
  }
  walk.expect_end();
}

void for_each_item(std::string_view text, const std::function<void(std::string_view item)>& take) {
  Walk walk(text);
  walk.expect('[', "an array is expected");
  if (!walk.took(']')) {
    do take(walk.value());
    while (walk.took(','));
    walk.expect(']', "a comma or the array's end is expected");
  }
  walk.expect_end();
}

}  // namespace assay
