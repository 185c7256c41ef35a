#include "harness/base/value/json_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/words.h"

namespace assay {

/// Integers are converted in time that grows with the square of their digits. Python itself reads
/// no more than 4,300 digits unless it is told to; the longest in the public benchmarks has 403.
static constexpr std::size_t kIntegerDigitsMax = 10'000;
/// A value takes a hundred times the memory of the two bytes that it may be in JSON. The largest
/// row of the public benchmarks makes some 60,000.
static constexpr std::size_t kValuesMax = std::size_t{1} << 24;

// ---- tokens that JSON's grammar, or a double, cannot hold

/// Longer digit runs overflow a double, which nlohmann_json refuses before it shows the raw token.
static constexpr std::size_t kDigitsMax = 300;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Replaces, outside strings, NaN, Infinity and overlong integers by their tagged form.
static std::string with_tags_for_tokens(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\';
      i = std::min(i + 1, text.size());
      out += text.substr(start, i - start);
      continue;
    }
    if (text[i] == '-') ++i;
    const std::string_view rest = text.substr(i);
    const std::size_t number = std::min(rest.find_first_not_of("0123456789.eE+-"), rest.size());
    if (rest.starts_with("Infinity")) {
      out += start == i ? R"({"$float":"inf"})" : R"({"$float":"-inf"})";
      i += 8;
    } else if (rest.starts_with("NaN") && start == i) {
      out += R"({"$float":"nan"})";
      i += 3;
    } else if (number > kDigitsMax && rest.substr(0, number).find_first_of(".eE+-") == rest.npos) {
      i += number;
      out += fmt::format(R"({{"$int":"{}"}})", text.substr(start, i - start));
    } else {
      i += std::max<std::size_t>(number, start == i ? 1 : 0);
      out += text.substr(start, i - start);
    }
  }
  return out;
}

static bool may_need_tags(std::string_view text) {
  if (text.find("Infinity") != text.npos || text.find("NaN") != text.npos) return true;
  for (std::size_t i = kDigitsMax; i < text.size(); i += kDigitsMax) {
    // A run of more than kDigitsMax digits covers one of these places and both its neighbours here.
    if (!is_digit(text[i])) continue;
    std::size_t first = i, last = i;
    while (first > 0 && is_digit(text[first - 1])) --first;
    while (last + 1 < text.size() && is_digit(text[last + 1])) ++last;
    if (last - first + 1 > kDigitsMax) return true;
  }
  return false;
}

// ---- tagged objects

static Error bad_tag(const std::string& tag, const char* wanted) {
  return Error(fmt::format("\"{}\" needs {}", tag, wanted));
}

static Value bytes_value(const Value& content) {
  Value value;
  value.kind = Kind::bytes;
  auto bytes = content.kind == Kind::str ? bytes_of_base64(content.text) : std::nullopt;
  if (!bytes) throw bad_tag("$bytes", "base64 text");
  value.text = std::move(*bytes);
  return value;
}

static Value integer_of(const std::string& digits) {
  if (digits.size() > kIntegerDigitsMax) {
    throw Error(fmt::format("an integer has more than {} digits", kIntegerDigitsMax));
  }
  Value number;
  if (!integer_from_decimal(digits, number)) throw bad_tag("$int", "decimal digits");
  return number;
}

static double part_of_complex(const Value& value) {
  if (value.kind == Kind::real) return value.real;
  if (value.kind == Kind::integer) return static_cast<double>(value.integer);
  throw bad_tag("$complex", "two numbers");
}

static Value float_named(const Value& name) {
  if (name.kind == Kind::str && name.text == "nan") {
    return Value::of_real(std::numeric_limits<double>::quiet_NaN());
  }
  if (name.kind == Kind::str && name.text == "inf") {
    return Value::of_real(std::numeric_limits<double>::infinity());
  }
  if (name.kind == Kind::str && name.text == "-inf") {
    return Value::of_real(-std::numeric_limits<double>::infinity());
  }
  throw bad_tag("$float", "\"nan\", \"inf\" or \"-inf\"");
}

static Value dict_of_pairs(Value&& pairs) {
  Value dict = Value::sequence(Kind::dict, {});
  if (pairs.kind != Kind::list) throw bad_tag("$dict", "an array of [key, value] arrays");
  for (Value& pair : pairs.items) {
    if (pair.kind != Kind::list || pair.items.size() != 2) {
      throw bad_tag("$dict", "an array of [key, value] arrays");
    }
    dict.items.push_back(std::move(pair.items[0]));
    dict.items.push_back(std::move(pair.items[1]));
  }
  return dict;
}

static std::optional<Kind> sequence_of_tag(const std::string& tag) {
  if (tag == "$tuple") return Kind::tuple;
  if (tag == "$set") return Kind::set;
  if (tag == "$frozenset") return Kind::frozenset;
  if (tag == "$deque") return Kind::deque;
  return std::nullopt;
}

/// The value meant by an object: itself, or what its tag says.
static Value untagged(Value&& object) {
  if (object.items.size() != 2 || !object.items[0].text.starts_with('$')) return std::move(object);
  const std::string tag = object.items[0].text;
  Value& content = object.items[1];
  if (const auto kind = sequence_of_tag(tag)) {
    if (content.kind != Kind::list) throw bad_tag(tag, "an array");
    content.kind = *kind;
    return std::move(content);
  }
  if (tag == "$dict") return dict_of_pairs(std::move(content));
  if (tag == "$float") return float_named(content);
  if (tag == "$bytes") return bytes_value(content);
  if (tag == "$complex") {
    if (content.kind != Kind::list || content.items.size() != 2) throw bad_tag(tag, "two numbers");
    return Value::of_complex(part_of_complex(content.items[0]), part_of_complex(content.items[1]));
  }
  if (tag == "$int") {
    if (content.kind != Kind::str) throw bad_tag(tag, "decimal digits");
    return integer_of(content.text);
  }
  return std::move(object);
}

// ---- the events of nlohmann_json's parser

namespace {

class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Value result;
  std::string trouble;  // of the syntax

  bool null() override { return put({}); }
  bool boolean(bool b) override { return put(Value::of_bool(b)); }
  bool number_integer(std::int64_t i) override { return put(Value::of_int(i)); }
  bool number_unsigned(std::uint64_t u) override {
    if (u <= INT64_MAX) return put(Value::of_int(static_cast<std::int64_t>(u)));
    return put_decimal(std::to_string(u));
  }
  /// Integers beyond 64 bits come here too; `token` tells them.
  bool number_float(double d, const std::string& token) override {
    if (token.find_first_of(".eE") == token.npos) return put_decimal(token);
    return put(Value::of_real(d));
  }
  bool string(std::string& text) override { return put(Value::of_str(std::move(text))); }
  bool binary(nlohmann::json::binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Kind::dict); }
  bool start_array(std::size_t) override { return open(Kind::list); }
  bool key(std::string& text) override {
    ++count_;
    open_.back().items.push_back(Value::of_str(std::move(text)));
    return true;
  }
  bool end_object() override {
    Value object = std::move(open_.back());
    open_.pop_back();
    last_of_equal_keys(object);
    return put(untagged(std::move(object)));
  }
  bool end_array() override {
    Value array = std::move(open_.back());
    open_.pop_back();
    return put(std::move(array));
  }
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception& error) override {
    std::string what = error.what();
    const std::size_t colon = what.find(": ");  // after the library's own name for the error
    if (what.starts_with("[") && colon != what.npos) what.erase(0, colon + 2);
    trouble = fmt::format("malformed JSON at byte {}: {}", position, what.substr(0, 300));
    static_cast<void>(token);
    return false;
  }

 private:
  std::vector<Value> open_;
  std::size_t count_ = 0;

  bool put(Value&& value) {
    if (++count_ > kValuesMax) {
      throw Error(fmt::format("more than {} values in one row", kValuesMax));
    }
    if (open_.empty()) {
      result = std::move(value);
    } else {
      open_.back().items.push_back(std::move(value));
    }
    return true;
  }
  bool put_decimal(const std::string& digits) { return put(integer_of(digits)); }
  bool open(Kind kind) {
    if (open_.size() >= static_cast<std::size_t>(kDepthMax)) {
      throw Error(fmt::format("arrays or objects nested more than {} deep", kDepthMax));
    }
    open_.push_back(Value::sequence(kind, {}));
    return true;
  }
  static void last_of_equal_keys(Value& object) {
    const std::size_t count = object.items.size() / 2;
    if (count < 2) return;
    std::vector<std::pair<std::string_view, std::size_t>> keys(count);
    for (std::size_t i = 0; i < count; ++i) keys[i] = {object.items[2 * i].text, i};
    std::sort(keys.begin(), keys.end());
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first; };
    if (std::adjacent_find(keys.begin(), keys.end(), same) == keys.end()) return;
    // At the place of the first, with the value of the last: where each key's entries stand.
    std::vector<std::pair<std::size_t, std::size_t>> entries;
    for (std::size_t i = 0; i < count; ++i) {
      if (i == 0 || !same(keys[i - 1], keys[i])) entries.emplace_back(keys[i].second, 0);
      entries.back().second = keys[i].second;
    }
    std::sort(entries.begin(), entries.end());
    std::vector<Value> kept;
    kept.reserve(2 * entries.size());
    for (const auto& [first, last] : entries) {
      kept.push_back(std::move(object.items[2 * first]));
      kept.push_back(std::move(object.items[2 * last + 1]));
    }
    object.items = std::move(kept);
  }
};

}  // namespace

Value parse_json(std::string_view text) {
  std::string tagged;
  if (may_need_tags(text)) {
    tagged = with_tags_for_tokens(text);
    text = tagged;
  }
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) throw Error(builder.trouble);
  return std::move(builder.result);
}

const Value* member(const Value& object, std::string_view key) {
  if (object.kind != Kind::dict) return nullptr;
  for (std::size_t i = 0; i + 1 < object.items.size(); i += 2) {
    if (object.items[i].kind == Kind::str && object.items[i].text == key)
      return &object.items[i + 1];
  }
  return nullptr;
}

// ---- writing

static void write(const Value& value, std::string& out);

static void write_text(const std::string& text, std::string& out) {
  out += nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

static void write_array(const Value& value, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out += ',';
    write(value.items[i], out);
  }
  out += ']';
}

static void write_real(double d, std::string& out) {
  if (std::isnan(d)) {
    out += R"({"$float":"nan"})";
  } else if (std::isinf(d)) {
    out += d < 0 ? R"({"$float":"-inf"})" : R"({"$float":"inf"})";
  } else {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, d).ptr;
    out.append(text, end);
    if (std::find_if(text, end, [](char c) { return c == '.' || c == 'e'; }) == end) out += ".0";
  }
}

static void write_dict(const Value& value, std::string& out) {
  bool plain = true;
  for (std::size_t i = 0; i < value.items.size(); i += 2) {
    plain = plain && value.items[i].kind == Kind::str;
  }
  if (plain && value.items.size() == 2 && value.items[0].text.starts_with('$')) plain = false;
  out += plain ? "{" : R"({"$dict":[)";
  for (std::size_t i = 0; i < value.items.size(); i += 2) {
    if (i > 0) out += ',';
    if (!plain) out += '[';
    write(value.items[i], out);
    out += plain ? ':' : ',';
    write(value.items[i + 1], out);
    if (!plain) out += ']';
  }
  out += plain ? "}" : "]}";
}

static void write_tagged(const char* tag, const Value& value, std::string& out) {
  out += fmt::format(R"({{"{}":)", tag);
  write_array(value, out);
  out += '}';
}

static void write(const Value& value, std::string& out) {
  switch (value.kind) {
    case Kind::none:
      out += "null";
      return;
    case Kind::boolean:
      out += value.integer ? "true" : "false";
      return;
    case Kind::integer:
    case Kind::big_integer:
      out += repr(value);
      return;
    case Kind::real:
      write_real(value.real, out);
      return;
    case Kind::complex:
      out += R"({"$complex":[)";
      write_real(value.real, out);
      out += ',';
      write_real(value.imaginary, out);
      out += "]}";
      return;
    case Kind::str:
      write_text(value.text, out);
      return;
    case Kind::bytes:
      out += fmt::format(R"({{"$bytes":"{}"}})", base64(value.text));
      return;
    case Kind::list:
      write_array(value, out);
      return;
    case Kind::tuple:
      write_tagged("$tuple", value, out);
      return;
    case Kind::set:
      write_tagged("$set", value, out);
      return;
    case Kind::frozenset:
      write_tagged("$frozenset", value, out);
      return;
    case Kind::deque:
      write_tagged("$deque", value, out);
      return;
    case Kind::dict:
    case Kind::ordered_dict:
    case Kind::default_dict:
    case Kind::counter:
      write_dict(value, out);
      return;
    default:
      throw Error(fmt::format("{} has no form in JSON", repr(value)));
  }
}

std::string to_json(const Value& value) {
  std::string out;
  write(value, out);
  return out;
}

}  // namespace assay
