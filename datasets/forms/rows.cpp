#include "datasets/forms/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <optional>

#include "harness/base/text.h"
#include "harness/base/value/json_parts.h"
#include "harness/base/value/json_value.h"
#include "harness/base/words.h"

namespace assay::datasets {

bool Row::has(const std::string& key) const { return member(object, key) != nullptr; }

const Value& Row::value(const std::string& key) const {
  const Value* found = member(object, key);
  if (!found) refuse(fmt::format("the key \"{}\" is missing", key));
  return *found;
}

std::string Row::text(const std::string& key) const {
  const Value& found = value(key);
  if (found.kind != Kind::str) refuse(fmt::format("\"{}\" is not a string", key));
  return found.text;
}

static bool is_missing(const Value* value) { return !value || value->kind == Kind::none; }

std::string Row::text_or_empty(const std::string& key) const {
  return is_missing(member(object, key)) ? std::string() : text(key);
}

static void check_name(const Row& row, const std::string& key, const std::string& name) {
  if (const auto trouble = trouble_of_name(name)) {
    row.refuse(fmt::format("\"{}\" {}", key, *trouble));
  }
}

std::string Row::name(const std::string& key) const {
  std::string name = text(key);
  if (name.empty()) refuse(fmt::format("\"{}\" is empty", key));
  check_name(*this, key, name);
  return name;
}

std::string Row::name_or_empty(const std::string& key) const {
  std::string name = text_or_empty(key);
  check_name(*this, key, name);
  return name;
}

std::string Row::id_or_empty(const std::string& key) const {
  const Value* found = member(object, key);
  const bool number = found && found->kind == Kind::integer;
  return number ? std::to_string(found->integer) : name_or_empty(key);
}

double Row::amount_or(const std::string& key, double otherwise) const {
  const Value* found = member(object, key);
  if (!found) return otherwise;
  if (found->kind != Kind::integer && found->kind != Kind::real) {
    refuse(fmt::format("\"{}\" is not a number", key));
  }
  const double number =
      found->kind == Kind::real ? found->real : static_cast<double>(found->integer);
  if (!std::isfinite(number) || number < 0) {
    refuse(fmt::format("\"{}\" is {}, where a finite number of at least 0 is expected", key,
                       repr(*found)));
  }
  return number;
}

std::int64_t Row::count(const std::string& key, std::int64_t most) const {
  const Value& found = value(key);
  if (found.kind != Kind::integer || found.integer < 0 || found.integer > most) {
    refuse(fmt::format("\"{}\" is {}, where a whole number from 0 to {} is expected", key,
                       repr(found, 40), most));
  }
  return found.integer;
}

/// JSON is UTF-8. What is not is most often a file of one of two old encodings.
static std::string not_utf8(std::string_view text) {
  std::size_t at = 0;
  for (Character c = first_character(text); !c.malformed; c = first_character(text.substr(at))) {
    at += c.bytes;
  }
  return fmt::format(
      "not UTF-8 (byte 0x{:02X}); where the file is Latin-1 or Windows-1252, convert it: iconv "
      "-f WINDOWS-1252 -t UTF-8 FILE",
      static_cast<unsigned char>(text[at]));
}

static Value parsed(std::string_view text) {
  try {
    return parse_json(text);
  } catch (const Error&) {
    if (!is_utf8(text)) throw Error(not_utf8(text));
    throw;
  }
}

static Value members_of(std::string_view text, const Keys& keys) {
  std::map<std::string, Value> found;  // the last of equal keys wins
  for_each_member(text, [&](const std::string& key, std::string_view value) {
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) return;
    try {
      found[key] = parsed(value);
    } catch (const Error& error) {
      throw Error(fmt::format("\"{}\": {}", key, error.what()));
    }
  });
  Value object = Value::sequence(Kind::dict, {});
  for (auto& [key, value] : found) {
    object.items.push_back(Value::of_str(key));
    object.items.push_back(std::move(value));
  }
  return object;
}

/// A table, or a text of its own: what is no JSON at all.
static std::string not_json(std::string_view text) {
  return fmt::format(
      "no JSON: the line begins with {}{}; one JSON object a line is expected, such as "
      "{{\"task_id\": ..., ...}}",
      repr(Value::of_str(std::string(text.substr(0, text.find_first_of("\r\n")))), 40),
      text.find(',') == text.npos ? "" : ", as a CSV table does");
}

Row read_row(std::string_view text, Place place, const Keys& keys) {
  Row row{{}, std::move(place)};
  const std::size_t begin = text.find_first_not_of(" \t\r\f\v\n");
  if (begin != text.npos && std::isalpha(static_cast<unsigned char>(text[begin])) &&
      is_utf8(text) && text != "null" && text != "true" && text != "false")
    row.refuse(not_json(text));
  try {
    const bool object = begin != text.npos && text[begin] == '{';
    row.object = object && !keys.empty() ? members_of(text, keys) : parsed(text);
  } catch (const Error& error) {
    row.refuse(error.what());
  }
  if (row.object.kind != Kind::dict) row.refuse("the row is not a JSON object");
  return row;
}

/// Gives one row on, and what is wrong with it to `refused`, where there is that.
static void take_row(std::string_view text, Place place, const TakeRow& take,
                     const TakeRefused& refused, const Keys& keys) {
  try {
    take(read_row(text, std::move(place), keys));
  } catch (const RowError& error) {
    if (!refused) throw;
    refused(error);
  }
}

static void rows_of_array(LineReader& reader, std::string text, const TakeRow& take,
                          const TakeRefused& refused, const Keys& keys) {
  std::string line;
  while (reader.next(line)) {
    text += '\n';
    text += line;
    if (text.size() > kLineBytesMax)
      throw Error(reader.at("the JSON array is too large; use JSONL"));
  }
  std::vector<std::string_view> items;
  try {
    for_each_item(text, [&](std::string_view item) { items.push_back(item); });
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", reader.name(), error.what()));
  }
  if (items.empty()) throw Error(fmt::format("{}: holds no rows", reader.name()));
  std::uint64_t number = 0;
  for (const std::string_view item : items) {
    take_row(item, {reader.name(), ++number, true}, take, refused, keys);
  }
}

/// False at the end. A line that is too long is a row of its own.
static bool next_row(LineReader& reader, std::string& line, const TakeRefused& refused) {
  for (;;) {
    try {
      return reader.next_filled(line);
    } catch (const LineTooLong& error) {
      if (!refused) throw;
      refused(RowError({reader.name(), reader.line_number()}, error.what_is_wrong));
    }
  }
}

void for_each_row(LineReader& reader, const TakeRow& take, const TakeRefused& refused,
                  const Keys& keys) {
  bool any = false;  // taken or refused
  TakeRefused note;
  if (refused) {
    note = [&](const RowError& error) {
      any = true;
      refused(error);
    };
  }
  std::string line;
  while (next_row(reader, line, note)) {
    if (!any && line[line.find_first_not_of(" \t\r\f\v")] == '[') {
      return rows_of_array(reader, std::move(line), take, refused, keys);
    }
    any = true;
    take_row(line, {reader.name(), reader.line_number()}, take, refused, keys);
  }
  if (!any) throw Error(fmt::format("{}: the file is empty", reader.name()));
}

}  // namespace assay::datasets
