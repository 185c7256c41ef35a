#include "datasets/forms/written_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/base/error.h"

namespace assay::datasets {

/// A line of a thousand completions of a few kilobytes, and then some.
static constexpr std::uint64_t kRowBytesMax = 256 << 20;

/// Sums of as many such weights as a file can hold are numbers yet.
static constexpr double kWeightMax = 1e12;

static double weight_of(const Row& row, const std::string& key) {
  const double weight = row.amount_or(key, 1);
  if (!(weight > 0 && weight <= kWeightMax))
    row.refuse(fmt::format("\"{}\" is {}; a weight is above 0 and at most 1e12", key, weight));
  return weight;
}

/// A text, or an object with `assert`.
static WrittenTest test_of(const Row& row, const Value& item, const std::string& weight_key) {
  if (item.kind == Kind::str) return {item.text};
  if (item.kind != Kind::dict)
    row.refuse(
        fmt::format("\"tests\" holds {}, where an assertion is expected, as a text or as "
                    "{{\"assert\": text, \"weight\": number}}",
                    repr(item, 40)));
  const Row one{item, row.place};
  return {one.text("assert"), false, weight_of(one, weight_key)};
}

static const std::vector<Value>& list_under(const Row& row, const std::string& key) {
  const Value& list = row.value(key);
  if (list.kind != Kind::list)
    row.refuse(fmt::format("\"{}\" is {}, where a list is expected", key, repr(list, 40)));
  return list.items;
}

/// What would be passed over in silence.
static void check_keys(const Row& row, const std::string& weight_key) {
  const char* first = nullptr;
  for (const char* key : {"tests", "test", "samples"}) {
    if (!row.has(key)) continue;
    if (first)
      row.refuse(fmt::format("\"{}\" and \"{}\" stand in one row, where one of them is expected",
                             first, key));
    first = key;
  }
  if (first && first != std::string_view("test") && row.has(weight_key))
    row.refuse(
        fmt::format("\"{}\" stands beside \"{}\"; it weighs one assertion, under \"test\" or "
                    "in an object of \"tests\"",
                    weight_key, first));
}

/// Whether the row, or one of its tests, says what it weighs.
static bool has_weight(const Row& row, const std::string& weight_key) {
  if (row.has(weight_key)) return true;
  if (!row.has("tests")) return false;
  const std::vector<Value>& tests = list_under(row, "tests");
  return std::any_of(tests.begin(), tests.end(), [&](const Value& item) {
    return item.kind == Kind::dict && Row{item, row.place}.has(weight_key);
  });
}

static void take_row(const Row& row, const std::string& weight_key,
                     const std::function<void(const Row&, WrittenTest&&)>& take) {
  check_keys(row, weight_key);
  if (row.has("tests")) {
    for (const Value& item : list_under(row, "tests")) take(row, test_of(row, item, weight_key));
  } else if (row.has("test")) {
    take(row, {row.text("test"), false, weight_of(row, weight_key)});
  } else if (row.has("samples")) {
    for (const Value& item : list_under(row, "samples")) {
      if (item.kind != Kind::str)
        row.refuse(fmt::format("\"samples\" holds {}, where a text is expected", repr(item, 40)));
      take(row, {item.text, true});
    }
  } else {
    row.refuse(
        "a row holds assertions under \"tests\" (a list) or \"test\", or whole texts under "
        "\"samples\"");
  }
}

void for_each_written_test(const std::string& file, const std::string& weight_key,
                           const std::function<void(const Row&, WrittenTest&&)>& take) {
  LineReader lines(file, kRowBytesMax);
  bool weighs = weight_key == kWeightKey;
  for_each_row(lines,
               [&](Row&& row) {
                 weighs |= has_weight(row, weight_key);
                 take_row(row, weight_key, take);
               },
               {}, {"task_id", "tests", "test", "samples", weight_key});
  if (!weighs)
    throw Error(fmt::format("--weight {}: no test of {} has this key, so that all would weigh 1",
                            weight_key, file),
                ExitCode::usage);
}

}  // namespace assay::datasets
