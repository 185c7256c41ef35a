// The one door to standard output and standard error. Whatever a command says goes through here and
// is made harmless here (harness/base/text.h): a name that a stranger chose moves no cursor, starts
// no line of its own in a sentence, and is no formula in a spreadsheet. tests/architecture.py refuses
// any other way out. It is in the room of the command line because no other room may print.
//
// Errors: what standard output does not take (a full disk, a closed descriptor) is an assay::Error; a
// reader that went away (`| head`) is a ReaderGone, which ends the program quietly. Trouble of
// standard error is ignored: a lost remark must not cost a run. Thread safety: one thread prints.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <type_traits>

#include "harness/base/text.h"

namespace assay::cli {

/// Standard output was closed by whoever read it.
struct ReaderGone {};

/// What `say` does to its arguments: a text stays on one line, a number is as it is.
template <typename T>
using Shown = std::conditional_t<std::is_convertible_v<const T&, std::string_view>, std::string, T>;
template <typename T>
decltype(auto) to_shown(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return visible_line(value);
  } else {
    return (value);
  }
}

class Output {
 public:
  enum class Kind { data, messages };
  /// Does not own `descriptor`. Data is buffered and must arrive; a message is sent at once, behind
  /// the data of `first`, and may be lost.
  Output(int descriptor, Kind kind, Output* first = nullptr);
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// A sentence of ours, in which texts are other people's and take one line each.
  template <typename... Args>
  void say(fmt::format_string<Shown<Args>...> sentence, const Args&... values) {
    write(fmt::vformat(sentence, fmt::make_format_args(to_shown(values)...)));
  }
  /// A text of many lines: a table, a program.
  void write(std::string_view text);
  /// A page, which reports made harmless and which carries our own script: as it is.
  void write_page(std::string_view page);
  /// One line of a terminal, written over the line before.
  void write_over(std::string_view line);
  /// Throws where data did not arrive, now or before.
  void flush();

 private:
  void add(std::string_view bytes);
  void send();

  const int descriptor_;
  const Kind kind_;
  const bool by_line_;  ///< a person is reading
  Output* const first_;
  std::string waiting_;
  int trouble_ = 0;  ///< errno of the first write that failed; nothing is sent after it
};

/// Standard output, which carries data, and standard error, which carries progress and messages.
Output& output();
Output& messages();

template <typename... Args>
void say(fmt::format_string<Shown<Args>...> sentence, const Args&... values) {
  output().say(sentence, values...);
}
void print_text(std::string_view text);

/// A record in ASCII, so that nothing in it acts or hides; what is not UTF-8 becomes U+FFFD.
std::string json_text(const nlohmann::json& record);
/// The record on one line of standard output.
void print_json(const nlohmann::json& record);

/// A text as a cell of CSV: quoted where it must be, and behind an apostrophe where a spreadsheet
/// would take it for a formula (=, +, -, @, tab or carriage return in front).
std::string csv_text(std::string_view text);

/// A remark for the user on standard error, one line, unless quiet.
void remark(bool quiet, std::string_view text);

/// Opens what of the standard streams is closed, so that no database becomes standard output, keeps
/// descriptors of the caller from the processes that we start, and turns the signal of a closed pipe
/// into an error. To be called first thing in main.
void prepare_streams();

}  // namespace assay::cli
