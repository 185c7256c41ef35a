#include "harness/search/prefix.h"

#include <fmt/format.h>

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

StepRule parse_step_rule(const std::string& text) {
  if (text == "line") return {};
  if (text == "token") return {.delimiter = ""};
  if (text.starts_with("delim:") && text.size() > 6) {
    StepRule rule;
    rule.delimiter.clear();
    for (std::size_t i = 6; i < text.size(); ++i) {
      const bool escape = text[i] == '\\' && i + 1 < text.size();
      const char next = escape ? text[i + 1] : 0;
      if (next == 'n' || next == 't') {
        rule.delimiter += next == 'n' ? '\n' : '\t';
        ++i;
      } else {
        rule.delimiter += text[i];
      }
    }
    return rule;
  }
  throw Error(fmt::format("--step {}: write line, token or delim:TEXT", text), ExitCode::usage);
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
  if (step.alone) step.key = mixed(step.key, "alone");
  return std::make_shared<const Node>(std::move(step));
}

}  // namespace assay::search
