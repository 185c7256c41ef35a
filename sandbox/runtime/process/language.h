// Programs in other languages than Python: which languages there are, where this machine has their
// toolchains, what a jail must show for them, and the commands that compile and run a program. A new
// language is a row of the table in language.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/protocol.h"
#include "sandbox/runtime/installation.h"
#include "sandbox/sandbox.h"

namespace assay::sandbox {

/// Commands of one kind, as the host (host.c) is told them: words, each with a zero byte behind it, and an
/// empty word behind each command. "{memory}" stands for a program's budget in MiB, "{first}" and
/// "{last}" for words that some programs take (Toolchain::choose).
struct Command {
  std::string words, environment;
  bool empty() const { return words.empty(); }
};

/// What many programs take and a compiler would read again for each: a large header, a library that comes as
/// sources. It is compiled ahead, once for each version on a machine, and kept as a file.
struct Ahead {
  Command compile;    ///< finds what stands before it in Toolchain::ahead
  std::string place;  ///< where compilers find it
  std::string key;    ///< names the compiler, the flags and the sources
};

struct Toolchain {
  std::string language;  ///< "cpp"
  std::string display;   ///< "C++"
  std::string identity;  ///< "g++ 12.2.0 -std=c++17 -O2, ...": what verdicts are kept under
  std::string path;      ///< of the compiler, or of what runs the text
  Installation compiler, runtime;
  Command compile;  ///< empty: the text itself is the product
  std::string source_name, product_name;
  /// Where a text decides under which name its file must stand: that name, without what follows the dot, is put
  /// at "{name}" in the commands and in `source_name`.
  std::string (*name)(std::string_view program) = nullptr;
  /// The words at "{build}": how a program is compiled, and how one is whose tests stand in its own text.
  std::string build, build_with_tests;
  /// Adds to the words that this program takes at "{first}" and at "{last}", each with a zero byte behind it.
  void (*choose)(std::string_view program, std::string& first, std::string& last) = nullptr;
  /// The text of a second source file, such as what calls a program's tests; empty where it needs none.
  std::string (*second)(std::string_view program) = nullptr;
  std::string second_name;
  std::vector<Ahead> ahead;
  Command run;
  assay_product product = kProductExecuted;
  std::uint64_t base_mib = 0;  ///< what an empty program takes: a budget comes on top of it
  /// The kernel holds it to its address space. Else (a runtime that reserves much more than it uses)
  /// pages are counted from outside, and the runtime is told its budget.
  bool address_space = true;
};

/// The toolchain of a language; found once in the life of the process (any thread). Throws Error, in one
/// sentence that names the Debian package, where this machine has none, and for unknown languages.
const Toolchain& toolchain_of(const std::string& language);

/// The words of `compile` for this program, which may hold its own tests, and any text with its name in it.
std::string words_for(const Toolchain& toolchain, std::string_view program, bool with_tests);
std::string with_name(const Toolchain& toolchain, std::string_view program, std::string text);

/// What a compiler may use. What goes beyond says nothing about the text's meaning.
inline constexpr double kCompileCpuS = 30;
inline constexpr std::uint64_t kCompileMemoryMib = 3072, kCompileScratchMib = 256;
inline constexpr std::uint64_t kProductMibMax = 64;

/// What a compiler said first that is an error, and where in the text: 0 where it does not say.
struct FirstError {
  int line = 0;
  std::string message;
};
FirstError first_error(std::string_view said, std::string_view source_name);

/// What a program's last words on its standard error tell of how it ended: an uncaught exception, that its
/// memory did not suffice, a text that is none of its language. A program can only harm itself by a lie.
void read_last_words(std::string_view errors, const std::string& language, Outcome& outcome);

}  // namespace assay::sandbox
