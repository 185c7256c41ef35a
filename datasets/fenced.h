// The blocks of code in a chat answer, as CommonMark fences them: three or more backticks or tildes, and
// the same or more of them to end. A block that is not ended goes on to the end of the text. Linear in the
// text's size; throws nothing; thread-safe.
#pragma once

#include <string_view>
#include <vector>

namespace assay::datasets {

struct FencedBlock {
  std::string_view language;  ///< the first word behind the fence; may be empty
  std::string_view text;      ///< points into what was read
};
std::vector<FencedBlock> fenced_blocks(std::string_view text);

}  // namespace assay::datasets
