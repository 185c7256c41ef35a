#include "harness/verify/compare/all_close.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <optional>
#include <vector>

namespace assay::verify {

namespace {

/// Broadcasting (n) against (n, 1) makes n * n pairs; a program may not buy hours with that.
constexpr std::size_t kPairsMax = 10'000'000;

struct Array {
  std::vector<std::size_t> shape;
  std::vector<std::complex<double>> values;  // row by row
};

bool is_sequence(const Value& value) {
  return value.kind == Kind::list || value.kind == Kind::tuple;
}

std::optional<std::complex<double>> number(const Value& value) {
  // Integers beyond 64 bits make an array of objects, which allclose refuses.
  if (value.kind == Kind::big_integer && (value.negative || value.text.size() > 8)) {
    return std::nullopt;
  }
  if (value.kind == Kind::complex) return std::complex(value.real, value.imaginary);
  if (const auto real = as_double(value)) return *real;
  return std::nullopt;
}

bool fill(const Value& value, std::size_t depth, Array& array) {
  if (depth == array.shape.size()) {
    const auto leaf = number(value);
    if (leaf) array.values.push_back(*leaf);
    return leaf.has_value();
  }
  return is_sequence(value) && value.items.size() == array.shape[depth] &&
         std::all_of(value.items.begin(), value.items.end(),
                     [&](const Value& item) { return fill(item, depth + 1, array); });
}

/// nullopt for what makes no array of numbers.
std::optional<Array> array_of(const Value& value) {
  Array array;
  for (const Value* first = &value; is_sequence(*first); first = &first->items.front()) {
    array.shape.push_back(first->items.size());
    if (first->items.empty()) break;
  }
  if (!fill(value, 0, array)) return std::nullopt;
  return array;
}

bool close(std::complex<double> expected, std::complex<double> actual, const Tolerance& tolerance) {
  const auto finite = [](std::complex<double> z) {
    return std::isfinite(z.real()) && std::isfinite(z.imag());
  };
  if (!finite(expected) || !finite(actual)) return expected == actual;
  return std::abs(actual - expected) <=
         tolerance.absolute + tolerance.relative * std::abs(expected);
}

/// The size along `axis` of the common shape of `rank` axes; missing leading axes count 1.
std::size_t size_at(const Array& array, std::size_t rank, std::size_t axis) {
  const std::size_t missing = rank - array.shape.size();
  return axis < missing ? 1 : array.shape[axis - missing];
}

}  // namespace

bool all_close(const Value& expected, const Value& actual, const Tolerance& tolerance) {
  const auto e = array_of(expected), a = array_of(actual);
  if (!e || !a) return false;
  const std::size_t rank = std::max(e->shape.size(), a->shape.size());
  std::vector<std::size_t> common(rank);
  std::size_t pairs = 1;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::size_t x = size_at(*e, rank, axis), y = size_at(*a, rank, axis);
    if (x != y && x != 1 && y != 1) return false;
    common[axis] = x == 1 ? y : x;
    pairs *= common[axis];
    if (pairs > kPairsMax) return false;
  }
  const auto offset = [&](const Array& array, std::size_t pair) {
    std::size_t place = 0, step = 1;
    for (std::size_t axis = rank; axis-- > 0; pair /= common[axis]) {
      const std::size_t size = size_at(array, rank, axis);
      place += size == 1 ? 0 : pair % common[axis] * step;
      step *= size;
    }
    return place;
  };
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    if (!close(e->values[offset(*e, pair)], a->values[offset(*a, pair)], tolerance)) return false;
  }
  return true;
}

}  // namespace assay::verify
