#include "harness/tasks/rational.h"

namespace assay::tasks {
namespace {

constexpr std::size_t kTextMax = 64, kNumbersMax = 4;
constexpr std::int64_t kNumberMax = 999;

/// A text that is no expression.
struct Malformed {};

class Reader {
 public:
  Reader(std::string_view text, std::vector<Rational>& used) : text_(text), used_(used) {}

  Rational all() {
    const Rational value = sum();
    skip();
    if (!text_.empty()) throw Malformed();
    return value;
  }

 private:
  void skip() {
    while (!text_.empty() && text_[0] == ' ') text_.remove_prefix(1);
  }
  /// Takes one of `symbols`; 0 where none is next.
  char take(std::string_view symbols) {
    skip();
    if (text_.empty() || symbols.find(text_[0]) == symbols.npos) return 0;
    const char found = text_[0];
    text_.remove_prefix(1);
    return found;
  }
  Rational sum() {
    Rational value = product();
    while (const char op = take("+-")) value = op == '+' ? value + product() : value - product();
    return value;
  }
  Rational product() {
    Rational value = atom();
    while (const char op = take("*/")) {
      const Rational right = atom();
      if (op == '/' && right.zero()) throw Malformed();
      value = op == '*' ? value * right : value / right;
    }
    return value;
  }
  Rational atom() {
    if (take("(")) {
      const Rational value = sum();
      if (!take(")")) throw Malformed();
      return value;
    }
    std::int64_t number = 0;
    bool any = false;
    skip();
    while (!text_.empty() && text_[0] >= '0' && text_[0] <= '9') {
      number = number * 10 + (text_[0] - '0');
      if (number > kNumberMax) throw Malformed();
      any = true;
      text_.remove_prefix(1);
    }
    if (!any || used_.size() == kNumbersMax) throw Malformed();
    used_.emplace_back(number);
    return used_.back();
  }

  std::string_view text_;
  std::vector<Rational>& used_;
};

}  // namespace

std::optional<Rational> evaluated(std::string_view text, std::vector<Rational>* used) {
  used->clear();
  if (text.size() > kTextMax) return std::nullopt;
  try {
    return Reader(text, *used).all();
  } catch (const Malformed&) {
    return std::nullopt;
  }
}

}  // namespace assay::tasks
