#include "datasets/rules/mbpp_types.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <unordered_set>
#include <vector>

#include "harness/base/error.h"
#include "harness/base/words.h"

namespace assay::datasets {

namespace {

enum class Restore {
  arguments_to_tuples,        // every argument
  inner_to_tuples,            // the items of every argument
  first_inner_to_tuples,      // the items of the first argument
  second_to_tuple,            // the second argument
  inner_to_sets,              // the items of the first argument; an empty one was {}
  float_and_complex,          // two strings
  first_to_tuple,             // the first argument
  inner_and_arguments,        // the items of every argument, then every argument
  lists_inside_and_argument,  // those items that are lists, then every argument
  dict_values_to_tuples,      // the values of the first argument
  first_to_complex,           // a string
  all_to_tuples,              // lists at every depth
};

struct Row {
  Restore restore;
  std::vector<int> problems;
};

const std::vector<Row>& table() {
  static const std::vector<Row> rows = {
      {Restore::arguments_to_tuples, {2,   116, 132, 143, 222, 261, 273, 394, 399, 421, 424,
                                      429, 470, 560, 579, 596, 616, 630, 726, 740, 744, 809}},
      {Restore::inner_to_tuples,
       {63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780}},
      {Restore::first_inner_to_tuples, {75, 413, 444, 753}},
      {Restore::second_to_tuple, {106, 750}},
      {Restore::inner_to_sets, {115}},
      {Restore::float_and_complex, {124}},
      {Restore::first_to_tuple, {250, 307, 405, 446, 617, 720, 763, 808}},
      {Restore::inner_and_arguments, {259, 401, 445}},
      {Restore::lists_inside_and_argument, {278}},
      {Restore::dict_values_to_tuples, {722}},
      {Restore::first_to_complex, {252}},
      {Restore::all_to_tuples, {580, 615, 791}},
  };
  return rows;
}

[[noreturn]] void wrong_shape() {
  throw Error("an input of this problem does not have the shape that its lost types need");
}

/// The characters of a str, each a str.
std::vector<Value> characters(const std::string& text) {
  std::vector<Value> items;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = end_of_character(text, i);
    items.push_back(Value::of_str(text.substr(i, end - i)));
    i = end;
  }
  return items;
}

/// Python's tuple(value), which EvalPlus applies to whatever the JSON holds there.
void to_tuple(Value& value) {
  if (value.kind == Kind::str) {
    value = Value::sequence(Kind::tuple, characters(value.text));
  } else if (value.kind == Kind::dict) {
    std::vector<Value> keys;
    for (std::size_t i = 0; i < value.items.size(); i += 2) keys.push_back(value.items[i]);
    value = Value::sequence(Kind::tuple, std::move(keys));
  } else if (value.kind == Kind::list || value.kind == Kind::tuple) {
    value.kind = Kind::tuple;
  } else {
    wrong_shape();
  }
}

/// `[tuple(item) for item in value]`: always a list.
void items_to_tuples(Value& value) {
  to_tuple(value);
  value.kind = Kind::list;
  for (Value& item : value.items) to_tuple(item);
}

void all_to_tuples(Value& value) {
  if (value.kind != Kind::list) return;
  value.kind = Kind::tuple;
  for (Value& item : value.items) all_to_tuples(item);
}

Value& argument(Value& arguments, std::size_t index) {
  if (index >= arguments.items.size()) wrong_shape();
  return arguments.items[index];
}

void to_set(Value& item) {
  if (item.kind != Kind::list || item.items.empty()) {
    item = Value::sequence(Kind::dict, {});
    return;
  }
  std::vector<Value> members;
  std::unordered_set<std::string> seen;  // encodings
  for (Value& candidate : item.items) {
    if (seen.insert(encode(candidate)).second) members.push_back(std::move(candidate));
  }
  item = Value::sequence(Kind::set, std::move(members));
}

double take_double(std::string_view& text) {
  double number = 0;
  const std::size_t plus = text.starts_with('+');
  const auto [end, error] = std::from_chars(text.data() + plus, text.data() + text.size(), number);
  if (error != std::errc{}) wrong_shape();
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

/// Python's complex(text) for what the data holds: "3", "4j", "(1+2j)", "-1e-3-2j", "j".
Value complex_of(std::string_view text) {
  if (text.starts_with('(') && text.ends_with(')')) text = text.substr(1, text.size() - 2);
  const auto imaginary_unit = [](std::string_view rest) { return rest == "j" || rest == "J"; };
  if (imaginary_unit(text)) return Value::of_complex(0, 1);
  const double first = take_double(text);
  if (text.empty()) return Value::of_complex(first, 0);
  if (imaginary_unit(text)) return Value::of_complex(0, first);
  if (text.size() == 2 && imaginary_unit(text.substr(1))) {
    return Value::of_complex(first, text.front() == '-' ? -1 : 1);
  }
  const double second = take_double(text);
  if (!imaginary_unit(text)) wrong_shape();
  return Value::of_complex(first, second);
}

Value complex_of(const Value& value) {
  if (value.kind == Kind::str) return complex_of(std::string_view(value.text));
  if (value.kind == Kind::integer) return Value::of_complex(static_cast<double>(value.integer), 0);
  if (value.kind == Kind::real) return Value::of_complex(value.real, 0);
  wrong_shape();
}

Value float_of(const Value& value) {
  if (value.kind == Kind::real) return value;
  if (value.kind == Kind::integer) return Value::of_real(static_cast<double>(value.integer));
  if (value.kind != Kind::str) wrong_shape();
  std::string_view text = value.text;
  const double number = take_double(text);
  if (!text.empty()) wrong_shape();
  return Value::of_real(number);
}

void apply(Restore restore, Value& arguments) {
  switch (restore) {
    case Restore::arguments_to_tuples:
      for (Value& item : arguments.items) to_tuple(item);
      return;
    case Restore::inner_to_tuples:
      for (Value& item : arguments.items) items_to_tuples(item);
      return;
    case Restore::first_inner_to_tuples:
      items_to_tuples(argument(arguments, 0));
      return;
    case Restore::second_to_tuple:
      to_tuple(argument(arguments, 1));
      return;
    case Restore::inner_to_sets:
      for (Value& item : argument(arguments, 0).items) to_set(item);
      return;
    case Restore::float_and_complex:
      argument(arguments, 0) = float_of(argument(arguments, 0));
      argument(arguments, 1) = complex_of(argument(arguments, 1));
      return;
    case Restore::first_to_tuple:
      to_tuple(argument(arguments, 0));
      return;
    case Restore::inner_and_arguments:
      for (Value& item : arguments.items) {
        items_to_tuples(item);
        to_tuple(item);
      }
      return;
    case Restore::lists_inside_and_argument:
      for (Value& item : argument(arguments, 0).items) {
        if (item.kind == Kind::list) to_tuple(item);
      }
      for (Value& item : arguments.items) to_tuple(item);
      return;
    case Restore::dict_values_to_tuples: {
      Value& dict = argument(arguments, 0);
      if (dict.kind != Kind::dict) wrong_shape();
      for (std::size_t i = 1; i < dict.items.size(); i += 2) to_tuple(dict.items[i]);
      return;
    }
    case Restore::first_to_complex:
      argument(arguments, 0) = complex_of(argument(arguments, 0));
      return;
    case Restore::all_to_tuples:
      all_to_tuples(arguments);
      return;
  }
}

}  // namespace

void restore_types(std::string_view task_id, Value& arguments) {
  if (arguments.kind != Kind::list)
    throw Error("an input is not a list of arguments, as [1] is for the argument 1");
  int number = 0;
  if (task_id.starts_with("Mbpp/")) {
    std::from_chars(task_id.data() + 5, task_id.data() + task_id.size(), number);
  }
  for (const Row& row : table()) {
    if (std::find(row.problems.begin(), row.problems.end(), number) != row.problems.end()) {
      apply(row.restore, arguments);
    }
  }
  arguments.kind = Kind::tuple;
}

}  // namespace assay::datasets
