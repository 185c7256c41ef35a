// Where a completion ends, and which part of a chat answer is the program.
#include <algorithm>
#include <cctype>
#include <vector>

#include "datasets/sample.h"

namespace assay::datasets {

// ---- completions that run on

namespace {

/// Follows Python's tokens just far enough to know whether a line begins a statement: not inside
/// brackets, a string, or after a backslash. Broken code may confuse it; then less is cut.
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

std::string cut_completion(const std::string& completion) {
  StatementScanner scanner;
  for (std::size_t begin = 0; begin <= completion.size();) {
    const std::size_t end = std::min(completion.find('\n', begin), completion.size());
    std::string_view line(completion.data() + begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool unindented =
        !line.empty() && line.front() != ' ' && line.front() != '\t' && line.front() != '\f';
    if (unindented && begin == 0) return completion;  // a whole program, not a body
    if (unindented && scanner.at_statement()) return completion.substr(0, begin);
    scanner.read(line);
    begin = end + 1;
  }
  return completion;
}

// ---- chat text

namespace {

struct Fence {
  std::size_t indent = 0;
  std::string mark;  // three or more of ` or ~
};

std::string_view trimmed(std::string_view line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

bool opens(std::string_view line, Fence& fence) {
  const std::string_view text = trimmed(line);
  if (!text.starts_with("```") && !text.starts_with("~~~")) return false;
  const std::size_t length = std::min(text.find_first_not_of(text.front()), text.size());
  // Text between two marks on one line is inline code.
  if (text.find(std::string(3, text.front()), length) != text.npos) return false;
  fence.indent = line.find_first_not_of(" \t");
  fence.mark = std::string(length, text.front());
  return true;
}

bool closes(std::string_view line, const Fence& fence) {
  const std::string_view text = trimmed(line);
  return text.size() >= fence.mark.size() &&
         text.find_first_not_of(fence.mark.front()) == text.npos;
}

/// The fenced blocks in order; one that is never closed goes to the end.
std::vector<std::string> fenced_blocks(const std::string& answer) {
  std::vector<std::string> blocks;
  Fence fence;
  bool inside = false;
  for (std::size_t begin = 0; begin < answer.size();) {
    const std::size_t end = std::min(answer.find('\n', begin), answer.size());
    std::string_view line(answer.data() + begin, end - begin);
    begin = end + 1;
    if (!inside) {
      inside = opens(line, fence);
      if (inside) blocks.emplace_back();
    } else if (closes(line, fence)) {
      inside = false;
    } else {
      const std::size_t blank = std::min(line.find_first_not_of(" \t"), line.size());
      line.remove_prefix(std::min(blank, fence.indent));  // a block inside a list is indented
      blocks.back().append(line).append("\n");
    }
  }
  return blocks;
}

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

/// Whether a line of `text` begins "def NAME", "class NAME" or "NAME =".
bool defines(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != text.npos; at = text.find(name, at + 1)) {
    const std::size_t after = at + name.size();
    if (after < text.size() && is_name_char(text[after])) continue;
    const std::size_t newline = at == 0 ? text.npos : text.rfind('\n', at - 1);
    const std::size_t line = newline == text.npos ? 0 : newline + 1;
    const std::string_view before = trimmed(std::string_view(text).substr(line, at - line));
    if (before == "def" || before == "async def" || before == "class") return true;
    const std::string_view rest = trimmed(std::string_view(text).substr(after));
    if (before.empty() && rest.starts_with('=') && !rest.starts_with("==")) return true;
  }
  return false;
}

}  // namespace

std::string extract_program(const std::string& answer, const std::string& entry_point) {
  const std::vector<std::string> blocks = fenced_blocks(answer);
  if (blocks.empty()) return answer;
  for (const std::string& block : blocks) {
    if (defines(block, entry_point)) return block;
  }
  return *std::max_element(blocks.begin(), blocks.end(),
                           [](const auto& a, const auto& b) { return a.size() < b.size(); });
}

}  // namespace assay::datasets
