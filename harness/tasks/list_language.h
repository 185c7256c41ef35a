// A small language on lists of whole numbers, after DeepCoder (arXiv 1611.01989). A program is up to
// kCallsMax calls, one a line, each of which makes a list of the list before it; the line `end` ends
// it. It is interpreted here and compiled to Python, and both give the same. Pure; thread-safe.
#pragma once

#include <boost/container/static_vector.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay::tasks::lists {

/// No call makes a list longer, nor a number more than kLengthMax times as large: numbers below 1,000
/// do not overflow in kCallsMax calls.
inline constexpr std::size_t kLengthMax = 8, kCallsMax = 5;
using List = boost::container::static_vector<std::int32_t, kLengthMax>;

struct Call {
  const char* text;    ///< as it stands in a program
  const char* python;  ///< the same as an expression of `xs`
  void (*apply)(List&);
};
/// All there are.
std::span<const Call> calls();

/// Indices into calls().
using Program = std::vector<std::size_t>;

inline constexpr std::string_view kEnd = "end";

/// The whole program that a text is, the line `end` at its end; nothing for any other text.
std::optional<Program> parse(std::string_view text);
/// As parse() reads it.
std::string written(const Program& program);
/// `def f(xs)`, a line a call.
std::string python_of(const Program& program);
List run(const Program& program, List list);

}  // namespace assay::tasks::lists
