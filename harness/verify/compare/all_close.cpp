#include "harness/verify/compare/all_close.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <vector>

#include "harness/base/value/encoded.h"

namespace assay::verify {

namespace {

/// Broadcasting (n) against (n, 1) makes n * n pairs; a program may not buy hours with that.
constexpr std::size_t kPairsMax = 10'000'000;

using Shape = std::vector<std::size_t>;
using Numbers = std::vector<std::complex<double>>;  // row by row

bool is_sequence(const Head& head) { return head.kind == Kind::list || head.kind == Kind::tuple; }

std::optional<std::complex<double>> number_of(const Head& head) {
  const Value& value = head.scalar;
  if (value.kind != head.kind) return std::nullopt;  // a text or a container
  // Integers beyond 64 bits make an array of objects, which allclose refuses.
  if (value.kind == Kind::big_integer && (value.negative || value.text.size() > 8)) {
    return std::nullopt;
  }
  if (value.kind == Kind::complex) return std::complex(value.real, value.imaginary);
  if (const auto real = as_double(value)) return *real;
  return std::nullopt;
}

/// The sizes along the first items. nullopt for what is no encoding, or too deep for an array.
std::optional<Shape> shape_of(std::string_view bytes) {
  Shape shape;
  Head head;
  while (take_head(bytes, head) && shape.size() <= kDepthMax) {
    if (!is_sequence(head)) return shape;
    shape.push_back(head.items);
    if (head.items == 0) return shape;
  }
  return std::nullopt;
}

/// Takes one value of this shape from `bytes`. False where it is of another, or no array of
/// numbers.
bool fill(std::string_view& bytes, const Shape& shape, std::size_t depth, Numbers& out) {
  Head head;
  if (!take_head(bytes, head)) return false;
  if (depth == shape.size()) {
    const auto leaf = number_of(head);
    if (leaf) out.push_back(*leaf);
    return leaf.has_value();
  }
  if (!is_sequence(head) || head.items != shape[depth]) return false;
  for (std::uint64_t i = 0; i < head.items; ++i) {
    if (!fill(bytes, shape, depth + 1, out)) return false;
  }
  return true;
}

std::optional<Numbers> numbers_of(std::string_view bytes, const Shape& shape) {
  Numbers numbers;
  if (!fill(bytes, shape, 0, numbers) || !bytes.empty()) return std::nullopt;
  return numbers;
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
std::size_t size_at(const Shape& shape, std::size_t rank, std::size_t axis) {
  const std::size_t missing = rank - shape.size();
  return axis < missing ? 1 : shape[axis - missing];
}

/// What the two shapes are broadcast to; nullopt where that cannot be, or is too much.
std::optional<Shape> common_shape(const Shape& e, const Shape& a) {
  const std::size_t rank = std::max(e.size(), a.size());
  Shape common(rank);
  std::size_t pairs = 1;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::size_t x = size_at(e, rank, axis), y = size_at(a, rank, axis);
    if (x != y && x != 1 && y != 1) return std::nullopt;
    common[axis] = x == 1 ? y : x;
    if (common[axis] > kPairsMax) return std::nullopt;
    pairs *= common[axis];
    if (pairs > kPairsMax) return std::nullopt;
  }
  return common;
}

/// Where the number of `pair` stands in an array of this shape.
std::size_t offset(const Shape& shape, const Shape& common, std::size_t pair) {
  std::size_t place = 0, step = 1;
  for (std::size_t axis = common.size(); axis-- > 0; pair /= common[axis]) {
    const std::size_t size = size_at(shape, common.size(), axis);
    place += size == 1 ? 0 : pair % common[axis] * step;
    step *= size;
  }
  return place;
}

}  // namespace

bool all_close(std::string_view expected, std::string_view actual, const Tolerance& tolerance) {
  const auto e_shape = shape_of(expected), a_shape = shape_of(actual);
  if (!e_shape || !a_shape) return false;
  // The shapes first: an answer that cannot match is not read further.
  const auto common = common_shape(*e_shape, *a_shape);
  if (!common) return false;
  const auto e = numbers_of(expected, *e_shape), a = numbers_of(actual, *a_shape);
  if (!e || !a) return false;
  const std::size_t pairs =
      std::accumulate(common->begin(), common->end(), std::size_t{1}, std::multiplies<>());
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    if (!close((*e)[offset(*e_shape, *common, pair)], (*a)[offset(*a_shape, *common, pair)],
               tolerance)) {
      return false;
    }
  }
  return true;
}

}  // namespace assay::verify
