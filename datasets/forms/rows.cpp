#include "datasets/forms/rows.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

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

static Value parse_at(std::string_view text, const Place& place) {
  try {
    return parse_json(text);
  } catch (const Error& error) {
    throw RowError(place, error.what());
  }
}

/// Gives one row on, and what is wrong with it to `refused`, where there is that.
template <typename Read>
static void take_row(Place place, const Read& read, const TakeRow& take,
                     const TakeRefused& refused) {
  try {
    Row row{read(place), std::move(place)};
    if (row.object.kind != Kind::dict) row.refuse("the row is not a JSON object");
    take(std::move(row));
  } catch (const RowError& error) {
    if (!refused) throw;
    refused(error);
  }
}

static void rows_of_array(LineReader& reader, std::string text, const TakeRow& take,
                          const TakeRefused& refused) {
  std::string line;
  while (reader.next(line)) {
    text += '\n';
    text += line;
    if (text.size() > kLineBytesMax)
      throw Error(reader.at("the JSON array is too large; use JSONL"));
  }
  Value array = parse_at(text, {reader.name()});
  text = {};
  if (array.kind != Kind::list || array.items.empty()) {
    throw Error(fmt::format("{}: holds no rows", reader.name()));
  }
  std::uint64_t number = 0;
  for (Value& item : array.items) {
    take_row(
        {reader.name(), ++number, true}, [&](const Place&) { return std::move(item); }, take,
        refused);
  }
}

void for_each_row(LineReader& reader, const TakeRow& take, const TakeRefused& refused) {
  std::string line;
  if (!reader.next_filled(line)) throw Error(fmt::format("{}: the file is empty", reader.name()));
  if (line[line.find_first_not_of(" \t\r\f\v")] == '[') {
    return rows_of_array(reader, std::move(line), take, refused);
  }
  do {
    take_row(
        {reader.name(), reader.line_number()},
        [&](const Place& place) { return parse_at(line, place); }, take, refused);
  } while (reader.next_filled(line));
}

}  // namespace assay::datasets
