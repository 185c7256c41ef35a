// What can be told of Python text without parsing it: which names it defines and calls, and
// whether a completion is more than a body. Every function takes time linear in
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
/// The same of lines at the margin alone; and of functions alone, there.
bool defines_at_margin(std::string_view text, std::string_view name);
bool defines_function_at_margin(std::string_view text, std::string_view name);
/// The functions and classes that are defined at the margin, in order.
std::vector<std::string> functions_at_margin(std::string_view text);

/// The lines at the margin of `text` that begin a statement: not inside brackets or a string, or
/// after a backslash. They point into `text`.
std::vector<std::string_view> statements_at_margin(std::string_view text);

/// The words of `text` that stand before a parenthesis. They point into `text`.
std::unordered_set<std::string_view> called_words(std::string_view text);

/// The name that a MBPP problem's tests call: the last function or class at the margin of `code`
/// whose name stands before a parenthesis in `tests`. Empty where there is none.
std::string entry_point_of(std::string_view code, std::string_view tests);

/// Whether a completion is nothing but the rest of a function's body: no statement begins at the
/// margin, and nothing in it looks like a mark of chat text. Python needs no help with it.
bool is_plain_body(std::string_view completion);

}  // namespace assay::datasets
