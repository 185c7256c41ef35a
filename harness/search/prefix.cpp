#include "harness/search/prefix.h"

#include <algorithm>

#include "harness/base/error.h"

namespace assay::search {

static std::uint64_t mixed(std::uint64_t h, std::string_view bytes) {
  for (const unsigned char c : bytes) h = (h ^ c) * 1099511628211ULL;
  h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ h >> 27) * 0x94d049bb133111ebULL;
  return h ^ h >> 31;
}

std::string text_of(const Prefix& prefix) {
  std::vector<const Node*> nodes;
  for (const Node* node = prefix.get(); node; node = node->parent.get()) nodes.push_back(node);
  std::string text;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) text += (*node)->text;
  return text;
}

std::vector<std::int32_t> tokens_of(const Prefix& prefix) {
  std::vector<const Node*> nodes;
  for (const Node* node = prefix.get(); node; node = node->parent.get()) nodes.push_back(node);
  std::vector<std::int32_t> tokens;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node)
    tokens.insert(tokens.end(), (*node)->tokens.begin(), (*node)->tokens.end());
  return tokens;
}

Prefix first_steps(Prefix prefix, int depth) {
  ASSAY_INVARIANT(depth >= 0 && depth <= prefix->depth);
  while (prefix->depth > depth) prefix = prefix->parent;
  return prefix;
}

Prefix make_root(const std::string& task_id, std::shared_ptr<void> state) {
  Node root;
  root.key = mixed(14695981039346656037ULL, task_id);
  root.state = std::move(state);
  return std::make_shared<const Node>(std::move(root));
}

Prefix behind(const Prefix& parent, Node step) {
  ASSAY_INVARIANT(parent->finish == Finish::open);
  step.parent = parent;
  step.depth = parent->depth + 1;
  step.tokens_before = parent->tokens_before + parent->tokens_out;
  const auto* tokens = reinterpret_cast<const char*>(step.tokens.data());
  step.key = mixed(parent->key, step.text);
  step.key = mixed(step.key, {tokens, step.tokens.size() * sizeof step.tokens[0]});
  return std::make_shared<const Node>(std::move(step));
}

}  // namespace assay::search
