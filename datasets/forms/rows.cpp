#include "datasets/forms/rows.h"

#include <fmt/format.h>

#include "harness/base/error.h"
#include "harness/base/value/json_value.h"

namespace assay::datasets {

void Row::refuse(const std::string& what) const { throw Error(fmt::format("{}: {}", place, what)); }

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

std::string Row::text_or_empty(const std::string& key) const {
  const Value* found = member(object, key);
  return !found || found->kind == Kind::none ? std::string() : text(key);
}

double Row::number_or(const std::string& key, double otherwise) const {
  const Value* found = member(object, key);
  if (!found) return otherwise;
  if (found->kind == Kind::integer) return static_cast<double>(found->integer);
  if (found->kind != Kind::real) refuse(fmt::format("\"{}\" is not a number", key));
  return found->real;
}

static Value parse_at(std::string_view text, const std::string& place) {
  try {
    return parse_json(text);
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", place, error.what()));
  }
}

static void take_row(Value&& object, std::string place, std::uint64_t line,
                     const std::function<void(Row&&)>& take) {
  Row row{std::move(object), std::move(place), line};
  if (row.object.kind != Kind::dict) row.refuse("the row is not a JSON object");
  take(std::move(row));
}

static void rows_of_array(LineReader& reader, std::string text,
                          const std::function<void(Row&&)>& take) {
  std::string line;
  while (reader.next(line)) {
    text += '\n';
    text += line;
    if (text.size() > kLineBytesMax)
      throw Error(reader.at("the JSON array is too large; use JSONL"));
  }
  Value array = parse_at(text, reader.name());
  if (array.kind != Kind::list || array.items.empty()) {
    throw Error(fmt::format("{}: holds no rows", reader.name()));
  }
  std::uint64_t number = 0;
  for (Value& item : array.items) {
    ++number;
    take_row(std::move(item), fmt::format("{}, row {}", reader.name(), number), number, take);
  }
}

void for_each_row(LineReader& reader, const std::function<void(Row&&)>& take) {
  std::string line;
  if (!reader.next_filled(line)) throw Error(fmt::format("{}: the file is empty", reader.name()));
  if (line[line.find_first_not_of(" \t\r\f\v")] == '[') {
    return rows_of_array(reader, std::move(line), take);
  }
  do {
    std::string place = fmt::format("{}:{}", reader.name(), reader.line_number());
    Value object = parse_at(line, place);
    take_row(std::move(object), std::move(place), reader.line_number(), take);
  } while (reader.next_filled(line));
}

}  // namespace assay::datasets
