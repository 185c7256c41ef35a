// Whether a task's pieces make up a text, for a model that sees each as one token.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace assay::tests {

/// Longest match first leaves nothing over.
inline bool made_up_of(std::string text, const std::vector<std::string>& pieces) {
  while (!text.empty()) {
    std::size_t longest = 0;
    for (const std::string& piece : pieces)
      if (text.starts_with(piece)) longest = std::max(longest, piece.size());
    if (longest == 0) return false;
    text.erase(0, longest);
  }
  return true;
}

}  // namespace assay::tests
