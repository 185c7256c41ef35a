#include "harness/samples/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "datasets/fenced.h"
#include "datasets/languages.h"
#include "datasets/python_text.h"
#include "harness/base/crew.h"
#include "harness/base/text.h"
#include "harness/base/value/value.h"

extern "C" const char assay_intake_py_begin[], assay_intake_py_end[];

namespace assay::samples {

namespace {

constexpr std::size_t kTextsPerProcess = 64;
constexpr std::size_t kTextBytesMax =
    1 << 20;                                 ///< nobody wrote more than that; intake.py's BYTES_MAX
constexpr std::size_t kWordsBytesMax = 300;  ///< of the rules, and of what was chosen

/// What the rules cannot add to a text: the prompt apart, a few lines.
constexpr std::size_t kAddedBytesMax = 1 << 12;

sandbox::Limits limits() {
  sandbox::Limits out;
  out.test_cpu_s = 2;  // an ordinary answer takes milliseconds
  out.load_cpu_s = 5;
  out.suite_cpu_s = 2 * kTextsPerProcess;
  out.reply_mib = 4;
  return out;
}

Found as_it_is(const Answer& answer, const char* rules = "") {
  Found found;
  if (answer.is_completion) found.program = answer.problem->prompt;
  found.program += answer.text;
  found.rules = rules;
  return found;
}

/// The rules of intake.py are Python's. Of a chat answer in another language the last fenced block is the
/// program, of those that name the language if there are any.
Found foreign_program(const Answer& answer) {
  const datasets::Language* asked = datasets::language_named(answer.problem->language);
  const datasets::FencedBlock* found = nullptr;
  const std::vector<datasets::FencedBlock> blocks = datasets::fenced_blocks(answer.text);
  bool named = false;
  for (const datasets::FencedBlock& block : blocks) {
    const bool fits = asked && datasets::language_named(block.language) == asked;
    if (named && !fits) continue;
    named |= fits;
    found = &block;
  }
  if (!found) return as_it_is(answer);
  Found out = as_it_is({answer.problem, answer.is_completion, found->text}, "fence");
  out.chosen = blocks.size() == 1
                   ? "the fenced block"
                   : fmt::format("fenced block {} of {}", found - blocks.data() + 1, blocks.size());
  return out;
}

/// Calls `at(place, depth)` behind each brace of a text in a language like C that stands in no string,
/// character or comment, until it says false. The depth at the end.
template <class At>
int walk_braces(std::string_view text, const At& at) {
  const auto is = [&](std::size_t place, char c) {
    return place < text.size() && text[place] == c;
  };
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is(i, '/') && is(i + 1, '/')) {
      i = std::min(text.find('\n', i), text.size());
    } else if (is(i, '/') && is(i + 1, '*')) {
      i = std::min(text.find("*/", i + 2), text.size());
    } else if (is(i, '"')) {
      for (++i; i < text.size() && !is(i, '"') && !is(i, '\n'); ++i) i += is(i, '\\');
    } else if (is(i, '\'') && (is(i + 1, '\\') || is(i + 2, '\''))) {
      i = std::min(text.find('\'', i + (is(i + 1, '\\') ? 3 : 2)), text.size());
    } else if (is(i, '{') || is(i, '}')) {
      depth += is(i, '{') ? 1 : -1;
      if (!at(i, depth)) break;
    }
  }
  return depth;
}

/// How many braces the tests close that stand behind a program and begin with one: MultiPL-E's end the
/// function, and in Java the class.
int left_open_by(const datasets::Problem& problem) {
  for (const datasets::Suite& suite : problem.suites) {
    const auto* tests = std::get_if<datasets::AppendedSuite>(&suite.tests);
    const std::size_t first = tests ? tests->after.find_first_not_of(" \t\r\n") : std::string::npos;
    if (first != std::string::npos && tests->after[first] == '}')
      return -walk_braces(tests->after, [](std::size_t, int) { return true; });
  }
  return 0;
}

/// Before such tests a program must end inside of the function. A completion ends where it closes the
/// function; a whole program before its last brace, and without a main of its own.
void leave_open(const Answer& answer, Found& found) {
  const int open = left_open_by(*answer.problem);
  if (open <= 0) return;
  const std::string_view text = found.program;
  const std::size_t begin = answer.is_completion ? answer.problem->prompt.size() : 0;
  std::size_t closing = text.npos, last = 0;
  walk_braces(text, [&](std::size_t place, int depth) {
    const std::string_view head = text.substr(last, place - last);
    last = place;
    if (place < begin) return true;
    if (text[place] == '}' && depth == open - 1) {
      closing = place;
      return !answer.is_completion;
    }
    if (text[place] == '{' && depth == open) {
      if (closing != text.npos && head.find(" main(") != head.npos) return false;
      closing = text.npos;
    }
    return true;
  });
  if (closing == text.npos) return;
  found.program.resize(closing);
  found.rules += found.rules.empty() ? "left_open" : " left_open";
}

const char* kind_of(Reading reading, const Answer& answer) {
  if (reading == Reading::chat) return answer.is_completion ? "chat completion" : "chat";
  return answer.is_completion ? "completion" : "solution";
}

/// Whether a text may need more than to be taken as it is. Told from the text alone: where it says
/// no, intake.py would change nothing.
bool needs_reading(Reading reading, const Answer& answer) {
  if (reading == Reading::as_is || answer.text.size() > kTextBytesMax) return false;
  if (answer.problem->language != "python") return false;  // foreign_program() reads it
  if (reading == Reading::chat) return true;
  if (answer.is_completion) return !datasets::is_plain_body(answer.text);
  const std::string_view name = datasets::defined_name(*answer.problem);
  return datasets::defines(answer.text, name) && !datasets::defines_at_margin(answer.text, name);
}

std::string encoded(Reading reading, const Answer& answer) {
  return encode(Value::sequence(
      Kind::tuple, {Value::of_str(kind_of(reading, answer)),
                    Value::of_str(std::string(answer.text)), Value::of_str(answer.problem->prompt),
                    Value::of_str(std::string(datasets::defined_name(*answer.problem)))}));
}

/// Only letters, digits and a few marks: it comes out of a jail and goes into tables.
bool are_words(const std::string& text) {
  return text.size() <= kWordsBytesMax && is_utf8(text) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < ' '; });
}

/// False for what intake.py cannot have answered.
bool take(const Value& value, const Answer& answer, Found& found) {
  if (value.kind != Kind::dict) return false;
  for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) {
    const Value &key = value.items[i], &item = value.items[i + 1];
    if (key.text == "program" && item.kind == Kind::str) found.program = item.text;
    if (key.text == "chosen" && item.kind == Kind::str) found.chosen = item.text;
    if (key.text == "rules" && item.kind == Kind::list) {
      for (const Value& rule : item.items)
        found.rules += (found.rules.empty() ? "" : " ") + rule.text;
    }
  }
  return found.program.size() <=
             answer.text.size() + 2 * answer.problem->prompt.size() + kAddedBytesMax &&
         is_utf8(found.program) && are_words(found.rules) && are_words(found.chosen);
}

/// Reads what one process will: the answers before the first that gave trouble. `end`: how it ended.
std::vector<Found> read_together(sandbox::Executor& executor, Reading reading,
                                 const std::vector<const Answer*>& answers, sandbox::End& end) {
  sandbox::Job job;
  job.program.assign(assay_intake_py_begin, assay_intake_py_end);
  job.entry_point = "intake";
  job.limits = limits();
  std::vector<std::string> arguments;
  for (const Answer* answer : answers) arguments.push_back(encoded(reading, *answer));
  job.inputs = sandbox::Inputs::make(arguments);
  std::vector<Found> out;
  const sandbox::Outcome outcome = executor.run(job, [&](const sandbox::Reply& reply) {
    Value value;
    Found found;
    if (reply.raised || !decode_whole(reply.value, value) ||
        !take(value, *answers[out.size()], found))
      return sandbox::Next::stop;
    out.push_back(std::move(found));
    return sandbox::Next::go_on;
  });
  end = outcome.end;
  return out;
}

/// All of them, in order; `stop` leaves the rest out.
std::vector<Found> read_all(sandbox::Executor& executor, Reading reading,
                            const std::vector<const Answer*>& answers,
                            const std::atomic<bool>& stop) {
  std::vector<Found> out;
  while (out.size() < answers.size() && !stop) {
    const auto rest = answers.begin() + static_cast<std::ptrdiff_t>(out.size());
    sandbox::End end{};
    std::vector<Found> read = read_together(executor, reading, {rest, answers.end()}, end);
    if (read.empty() && !stop) {
      // The first in a new process: it would fare no better alone, unless the trouble was ours.
      const Answer& first = **rest;
      if (end == sandbox::End::missing) read = read_together(executor, reading, {&first}, end);
      if (read.empty()) read.push_back(as_it_is(first, "not_read"));
    }
    std::move(read.begin(), read.end(), std::back_inserter(out));
  }
  return out;
}

}  // namespace

const char* name_of(Reading reading) {
  switch (reading) {
    case Reading::as_is:
      return "as-is";
    case Reading::repaired:
      return "repaired";
    case Reading::chat:
      return "extract";
  }
  return "";
}

Intake::Intake(Reading reading, std::vector<sandbox::Executor*> executors,
               const std::atomic<bool>& stop)
    : reading_(reading), executors_(std::move(executors)), stop_(stop) {}

std::vector<Found> Intake::read(const std::vector<Answer>& answers) {
  std::vector<Found> out(answers.size());
  // Models repeat themselves: the same text of the same problem is read once.
  std::unordered_map<std::string_view, std::vector<std::size_t>> same;
  std::vector<std::size_t> first_of(answers.size());
  std::vector<const Answer*> asked;
  std::vector<std::size_t> asked_at;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    first_of[i] = i;
    const Answer& answer = answers[i];
    if (!needs_reading(reading_, answer)) {
      const bool foreign = reading_ == Reading::chat && answer.problem->language != "python";
      out[i] = foreign ? foreign_program(answer) : as_it_is(answer);
      if (reading_ != Reading::as_is && answer.problem->language != "python")
        leave_open(answer, out[i]);
      continue;
    }
    std::vector<std::size_t>& alike = same[answer.text];
    const auto twin = std::find_if(alike.begin(), alike.end(), [&](std::size_t j) {
      return answers[j].problem == answer.problem &&
             answers[j].is_completion == answer.is_completion;
    });
    if (twin != alike.end()) {
      first_of[i] = *twin;
      continue;
    }
    alike.push_back(i);
    asked.push_back(&answer);
    asked_at.push_back(i);
  }
  if (!asked.empty()) ASSAY_INVARIANT(!executors_.empty());

  std::atomic<std::size_t> next = 0;
  Crew crew([this] {
    for (sandbox::Executor* executor : executors_) executor->interrupt();
  });
  const std::size_t threads =
      std::min(executors_.size(), (asked.size() + kTextsPerProcess - 1) / kTextsPerProcess);
  for (std::size_t t = 0; t < threads; ++t) {
    crew.start([&, t] {
      for (;;) {
        const std::size_t begin = next.fetch_add(kTextsPerProcess);
        if (begin >= asked.size() || stop_) return;
        const std::size_t end = std::min(begin + kTextsPerProcess, asked.size());
        const auto from = asked.begin() + static_cast<std::ptrdiff_t>(begin);
        std::vector<Found> found =
            read_all(*executors_[t], reading_,
                     {from, from + static_cast<std::ptrdiff_t>(end - begin)}, stop_);
        for (std::size_t i = 0; i < found.size(); ++i)
          out[asked_at[begin + i]] = std::move(found[i]);
      }
    });
  }
  crew.join();
  if (stop_) throw Interrupted();
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (first_of[i] != i) out[i] = out[first_of[i]];
  return out;
}

}  // namespace assay::samples
