#include "datasets/fenced.h"

#include <algorithm>

namespace assay::datasets {

/// How many of the mark a line begins with, behind at most three blanks; 0 where it begins no fence.
static std::size_t fence_of(std::string_view line, char& mark) {
  const std::size_t at = line.find_first_not_of(' ');
  if (at == line.npos || at > 3 || (line[at] != '`' && line[at] != '~')) return 0;
  mark = line[at];
  const std::size_t end = std::min(line.find_first_not_of(mark, at), line.size());
  // Behind backticks a backtick makes it a line of text with code in it.
  if (mark == '`' && line.find('`', end) != line.npos) return 0;
  return end - at >= 3 ? end - at : 0;
}

static std::string_view first_word(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t`~{."), text.size());
  return text.substr(begin, text.find_first_of(" \t\r}{,", begin) - begin);
}

std::vector<FencedBlock> fenced_blocks(std::string_view text) {
  std::vector<FencedBlock> blocks;
  std::size_t open = 0, content = 0;  // marks of the fence that is open; where its content begins
  char open_mark = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const std::size_t next = std::min(end + 1, text.size());
    char mark = 0;
    const std::size_t marks = fence_of(line, mark);
    if (open == 0 && marks > 0) {
      open = marks, open_mark = mark, content = next;
      blocks.push_back({first_word(line), text.substr(content)});
    } else if (open > 0 && marks >= open && mark == open_mark && first_word(line).empty()) {
      blocks.back().text = text.substr(content, at - content);
      open = 0;
    }
    at = next;
  }
  return blocks;
}

}  // namespace assay::datasets
