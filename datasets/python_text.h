// What can be told of Python text without parsing it: which names it defines and calls, where a
// completion ends, which part of a chat answer is the program. Every function takes time linear in
// its text, whatever a stranger wrote, and throws nothing. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace assay::datasets {

/// Whether a line of `text`, at whatever indent, begins "def NAME", "async def NAME", "class NAME"
/// or "NAME =".
bool defines(std::string_view text, std::string_view name);
/// The same of lines at the margin alone, and of functions alone.
bool defines_function_at_margin(std::string_view text, std::string_view name);

/// The lines at the margin of `text` that begin a statement: not inside brackets or a string, or
/// after a backslash. They point into `text`.
std::vector<std::string_view> statements_at_margin(std::string_view text);

/// Whether `text` stands for itself rather than continues a prompt: its first line that is not
/// blank begins at the margin, and `entry_point` is defined there.
bool is_whole_program(std::string_view text, std::string_view entry_point);

/// The words of `text` that stand before a parenthesis. They point into `text`.
std::unordered_set<std::string_view> called_words(std::string_view text);

/// The name that a MBPP problem's tests call: the last function or class at the margin of `code`
/// whose name stands before a parenthesis in `tests`. Empty where there is none.
std::string entry_point_of(std::string_view code, std::string_view tests);

/// Where a raw completion runs on past its function: the documented cut rule (datasets/README.md).
/// Returns the part of `completion` that belongs to the function.
std::string_view cut_completion(std::string_view completion);
inline constexpr const char* kCutRule = "next-top-level-statement/1";

/// The program in a chat answer: the first fenced block that defines `entry_point`, else the
/// longest fenced block, else the text itself (`--extract`).
std::string extract_program(const std::string& answer, std::string_view entry_point);

}  // namespace assay::datasets
