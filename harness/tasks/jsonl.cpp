// Problems of one's own, one a line: {"task_id": "a/1", "prompt": "...", "answer": "42"}. The answer
// is a text or a whole number; other keys are passed over. What a text answers stands behind its last
// "####", in its last \boxed{}, behind its last "answer:", or else on its last line with anything on
// it; it is right where it equals the answer, white space at the ends aside.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "harness/base/error.h"
#include "harness/base/text_file.h"
#include "harness/base/words.h"
#include "harness/tasks/tasks.h"

namespace assay::tasks {

using nlohmann::json;
using search::Prefix;
using search::Problem;

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

std::string_view line_at(std::string_view text, std::size_t begin) {
  return trimmed(text.substr(begin, text.find('\n', begin) - begin));
}

/// What the braces hold that the text begins within; nothing where they are not closed.
std::optional<std::string_view> braced(std::string_view text) {
  int depth = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    depth += (text[i] == '{') - (text[i] == '}');
    if (depth == 0) return trimmed(text.substr(0, i));
  }
  return std::nullopt;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

struct Asked {
  std::string task_id, prompt, answer;
};

std::string text_at(const json& row, const char* key, bool number, const std::string& where) {
  const auto found = row.find(key);
  if (found == row.end()) {
    std::vector<std::string> keys;
    for (const auto& [name, value] : row.items()) keys.push_back(name);
    const bool answer = std::string_view(key) == "answer";
    throw Error(fmt::format(
        "{}: there is no `{}`{}; the row has {}", where, key,
        answer ? ", and no suite (`base`, `plus`, `tests` or `suites`, with `entry_point` and "
                 "`reference`) in its place"
               : "",
        fmt::join(keys, ", ")));
  }
  if (number && found->is_number_integer()) return found->dump();
  if (!found->is_string())
    throw Error(
        fmt::format("{}: `{}` must be a text{}", where, key, number ? " or a whole number" : ""));
  return found->get<std::string>();
}

std::vector<Asked> read(const std::string& path) {
  std::vector<Asked> out;
  std::set<std::string> seen;
  LineReader reader(path);
  for (std::string line; reader.next_filled(line);) {
    const json row = json::parse(line, nullptr, false);
    if (!row.is_object()) throw Error(reader.at("the line is no JSON object"));
    const std::string where = reader.at("the problem");
    Asked one{text_at(row, "task_id", true, where), text_at(row, "prompt", false, where),
              text_at(row, "answer", true, where)};
    if (const auto trouble = trouble_of_name(one.task_id); trouble || one.task_id.empty())
      throw Error(fmt::format("{}: `task_id` {}", where, trouble.value_or("is empty")));
    if (!seen.insert(one.task_id).second)
      throw Error(fmt::format("{}: `task_id` {} stands twice", where, one.task_id));
    one.answer = answer_in(one.answer);
    if (one.answer.empty()) throw Error(fmt::format("{}: `answer` is empty", where));
    out.push_back(std::move(one));
  }
  if (out.empty()) throw Error(fmt::format("{}: there is no problem in it", path));
  return out;
}

using Rows = std::shared_ptr<const std::vector<Asked>>;

/// The rows from `begin` up to `end`.
explore::Task part(const std::string& path, const Rows& rows, std::size_t begin, std::size_t end) {
  explore::Task task;
  task.name = path;
  for (std::size_t i = begin; i < end; ++i) {
    Problem problem;
    problem.task_id = (*rows)[i].task_id;
    problem.prompt = (*rows)[i].prompt;
    problem.answer = [](const Prefix& prefix) {
      return prefix->finish == search::Finish::refused ? "" : answer_in(search::text_of(prefix));
    };
    problem.index = i - begin;
    problem.data = std::shared_ptr<const void>(rows, &(*rows)[i]);
    task.problems.push_back(std::move(problem));
  }
  task.truth = [](const Problem& problem, const Prefix& answer) {
    const auto& asked = *static_cast<const Asked*>(problem.data.get());
    return problem.answer(answer) == asked.answer ? 1. : 0.;
  };
  task.fault = fault_of_answers(task.truth);
  return task;
}

}  // namespace

std::string answer_in(std::string_view text) {
  if (const std::size_t at = text.rfind("####"); at != text.npos)
    return std::string(line_at(text, at + 4));
  constexpr std::string_view kBoxed = "\\boxed{";
  if (const std::size_t at = text.rfind(kBoxed); at != text.npos)
    if (const auto held = braced(text.substr(at + kBoxed.size()))) return std::string(*held);
  if (const std::size_t at = lower(text).rfind("answer:"); at != text.npos)
    return std::string(line_at(text, at + 7));
  const std::string_view all = trimmed(text);
  const std::size_t newline = all.rfind('\n');
  return std::string(trimmed(newline == all.npos ? all : all.substr(newline + 1)));
}

explore::Task jsonl_task(const std::string& path, const Options& options) {
  const auto rows = std::make_shared<const std::vector<Asked>>(read(path));
  const std::size_t all = rows->size(),
                    count = options.problems ? std::min(options.problems, all) : all;
  explore::Task task = part(path, rows, 0, count);
  if (count < all) task.calibration = [=] { return part(path, rows, count, all); };
  return task;
}

}  // namespace assay::tasks
