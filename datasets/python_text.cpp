#include "datasets/python_text.h"

#include <algorithm>

#include "harness/base/words.h"

namespace assay::datasets {

namespace {

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

/// Calls `take(line)` for each line, its line feed left out, until that returns false.
template <typename Take>
void for_each_line(std::string_view text, const Take& take) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (!take(text.substr(begin, end - begin))) return;
    begin = end + 1;
  }
}

// ---- definitions

enum class Defined { nothing, function, type, variable };
struct Definition {
  Defined what = Defined::nothing;
  std::string_view name;
};

/// Removes `word` and the white space behind it from the front of `line`, where it stands there.
bool take_word(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word) || line.size() == word.size() || !is_blank(line[word.size()])) {
    return false;
  }
  line.remove_prefix(std::min(line.find_first_not_of(" \t\f", word.size()), line.size()));
  return true;
}

/// What a line defines, its indent being passed over.
Definition definition_of(std::string_view line) {
  line = trimmed(line);
  Definition definition;
  const bool async = take_word(line, "async");
  if (take_word(line, "def")) {
    definition.what = Defined::function;
  } else if (!async && take_word(line, "class")) {
    definition.what = Defined::type;
  } else if (!async) {
    definition.what = Defined::variable;
  }
  if (line.empty() || !is_word_char(line.front())) return {};
  definition.name = next_word(line);
  if (definition.what != Defined::variable) return definition;
  const std::string_view rest = trimmed(line.substr(definition.name.size()));
  const bool assigns = rest.starts_with('=') && !rest.starts_with("==");
  return assigns ? definition : Definition{};
}

bool at_margin(std::string_view line) { return !line.empty() && !is_blank(line.front()); }

/// Calls `take(definition)` for each definition at the margin, until that returns false.
template <typename Take>
void for_each_definition_at_margin(std::string_view text, const Take& take) {
  for_each_line(text, [&](std::string_view line) {
    if (!at_margin(line)) return true;
    const Definition definition = definition_of(line);
    return definition.what == Defined::nothing || take(definition);
  });
}

bool is_callable(const Definition& definition) {
  return definition.what == Defined::function || definition.what == Defined::type;
}

}  // namespace

bool defines(std::string_view text, std::string_view name) {
  bool found = false;
  for_each_line(text, [&](std::string_view line) {
    const Definition definition = definition_of(line);
    found = definition.what != Defined::nothing && definition.name == name;
    return !found;
  });
  return found;
}

bool defines_function_at_margin(std::string_view text, std::string_view name) {
  bool found = false;
  for_each_definition_at_margin(text, [&](const Definition& definition) {
    found = definition.what == Defined::function && definition.name == name;
    return !found;
  });
  return found;
}

bool defines_at_margin(std::string_view text, std::string_view name) {
  bool found = false;
  for_each_definition_at_margin(text, [&](const Definition& definition) {
    found = definition.name == name;
    return !found;
  });
  return found;
}

std::vector<std::string> functions_at_margin(std::string_view text) {
  std::vector<std::string> names;
  for_each_definition_at_margin(text, [&](const Definition& definition) {
    if (is_callable(definition)) names.emplace_back(definition.name);
    return true;
  });
  return names;
}

std::unordered_set<std::string_view> called_words(std::string_view text) {
  std::unordered_set<std::string_view> words;
  for (std::size_t at = 0;;) {
    const std::string_view word = next_word(text, at);
    if (word.empty()) return words;
    at = static_cast<std::size_t>(word.data() - text.data()) + word.size();
    const std::size_t after = text.find_first_not_of(" \t", at);
    if (after == text.npos) return words;
    if (text[after] == '(') words.insert(word);
    at = after;
  }
}

std::string entry_point_of(std::string_view code, std::string_view tests) {
  const std::unordered_set<std::string_view> called = called_words(tests);
  std::string found;
  for_each_definition_at_margin(code, [&](const Definition& definition) {
    if (is_callable(definition) && called.contains(definition.name)) found = definition.name;
    return true;
  });
  return found;
}

// ---- completions

namespace {

/// Follows Python's tokens just far enough to know whether a line begins a statement: not inside
/// brackets, a string, or after a backslash. Broken code may confuse it: it is broken for Python too.
class StatementScanner {
 public:
  /// Reads one line, its line end left out.
  void read(std::string_view line) {
    continued_ = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      if (quote_) {
        if (c == '\\') {
          ++i;
        } else if (ends_string(line, i)) {
          i += triple_ ? 2 : 0;
          quote_ = 0;
        }
      } else if (c == '#') {
        return;
      } else if (c == '\'' || c == '"') {
        quote_ = c;
        triple_ = line.substr(i, 3) == std::string(3, c);
        i += triple_ ? 2 : 0;
      } else if (c == '(' || c == '[' || c == '{') {
        ++depth_;
      } else if (c == ')' || c == ']' || c == '}') {
        depth_ = std::max(0, depth_ - 1);
      }
    }
    continued_ = line.ends_with('\\');
    if (quote_ && !triple_ && !continued_) quote_ = 0;  // broken off: a syntax error anyway
  }
  bool at_statement() const { return quote_ == 0 && depth_ == 0 && !continued_; }

 private:
  char quote_ = 0;
  bool triple_ = false;
  bool continued_ = false;
  int depth_ = 0;

  bool ends_string(std::string_view line, std::size_t i) const {
    return line[i] == quote_ && (!triple_ || line.substr(i, 3) == std::string(3, quote_));
  }
};

}  // namespace

std::vector<std::string_view> statements_at_margin(std::string_view text) {
  std::vector<std::string_view> lines;
  StatementScanner scanner;
  for_each_line(text, [&](std::string_view line) {
    const std::string_view told = trimmed(line);
    if (at_margin(line) && scanner.at_statement() && !told.empty() && told.front() != '#') {
      lines.push_back(line);
    }
    scanner.read(line);
    return true;
  });
  return lines;
}

bool is_plain_body(std::string_view completion) {
  // What ends a text, or sets one off, is looked at by who can parse it.
  for (const std::string_view mark :
       {"```", "<|", "</", "<\xef\xbd\x9c", "<e", "<E", "<f", "<r", "[INST]", "[/INST]", "[EOS]"})
    if (completion.find(mark) != completion.npos) return false;
  StatementScanner scanner;
  bool plain = true;
  for_each_line(completion, [&](std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    plain = !at_margin(line) || !scanner.at_statement();
    scanner.read(line);
    return plain;
  });
  return plain;
}

}  // namespace assay::datasets
