// Symbols: sequences from a skewed source, and a verifier that accepts one in ten of them, not all of
// which are right. Few enough to be counted out, so that all that a model should learn is known.
//
//   " 0 1 2 3 4" is accepted: its symbols add up to a multiple of ten
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "harness/base/random.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {

inline constexpr int kSymbols = 5, kSymbolsLengthMax = 6;

/// Of 1 to 6 symbols: a symbol likes the one after it to follow.
std::vector<std::int32_t> drawn_symbols(RandomStream& stream);

/// At least two symbols, which add up to a multiple of ten.
bool accepts_symbols(std::span<const std::int32_t> sequence);
/// What is accepted, and has no symbol twice in a row.
bool right_symbols(std::span<const std::int32_t> sequence);

std::vector<std::string> symbol_pieces();  ///< " 0" to " 4"

explore::Task symbols_task(const Options& options);

}  // namespace assay::tasks
