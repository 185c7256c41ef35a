#include "sandbox/conformance/conformance.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "harness/base/error.h"
#include "harness/base/value/value.h"

extern "C" const char assay_answer_java_begin[], assay_answer_java_end[];
extern "C" const char assay_answer_go_begin[], assay_answer_go_end[];
extern "C" const char assay_answer_rust_begin[], assay_answer_rust_end[];
extern "C" const char assay_answer_cpp_begin[], assay_answer_cpp_end[];
extern "C" const char assay_answer_javascript_begin[], assay_answer_javascript_end[];
extern "C" const char assay_conformance_begin[], assay_conformance_end[];

namespace assay::sandbox {

static constexpr char kHonest[] = "def add(a, b):\n    return a + b\n";
static constexpr int kCalls[][2] = {{1, 2}, {-5, 3}, {100, 1000}, {7, 0}, {123456, 654321}};

static std::string expanded(std::string text) {
  for (std::size_t at; (at = text.find("{{")) != std::string::npos;) {
    const std::size_t end = text.find("}}", at);
    const std::string inner = text.substr(at + 2, end - at - 2);
    const std::size_t times = inner.rfind(" x ");
    std::string many;
    for (std::size_t left = std::stoul(inner.substr(times + 3)); left > 0; --left) {
      many.append(inner, 0, times);
    }
    text.replace(at, end + 2 - at, many);
  }
  return text;
}

Case read_case(std::string name, std::string_view text) {
  constexpr std::string_view kMark = "# expect: ", kOther = "// expect: ";
  if (text.starts_with(kOther))
    text.remove_prefix(kOther.size() - kMark.size());
  else if (!text.starts_with(kMark))
    throw Error(name + ": its first line is no '# expect:' line");
  const std::size_t line = std::min(text.find('\n'), text.size() - 1);
  Case one{std::move(name), expanded(std::string(text.substr(line + 1))), {}};
  std::istringstream words(std::string(text.substr(kMark.size(), line - kMark.size())));
  for (std::string word; std::getline(words, word, ',');) {
    one.expected.insert(word.substr(word.find_first_not_of(' ')));
  }
  return one;
}

std::vector<Case> conformance_cases() {
  // The build joins the files, each behind a line "#: NAME".
  constexpr std::string_view kMark = "#: ";
  std::string_view rest(assay_conformance_begin,
                        static_cast<std::size_t>(assay_conformance_end - assay_conformance_begin));
  std::vector<Case> cases;
  while (rest.starts_with(kMark)) {
    const std::size_t line = rest.find('\n');
    const std::size_t end = std::min(rest.find("\n#: ", line), rest.size() - 1);
    cases.push_back(read_case(std::string(rest.substr(kMark.size(), line - kMark.size())),
                              rest.substr(line + 1, end - line)));
    rest.remove_prefix(end + 1);
  }
  return cases;
}

static Limits short_limits() {
  Limits limits;
  limits.load_cpu_s = 1;
  limits.test_cpu_s = 0.4;
  limits.suite_cpu_s = 3;
  limits.wall_s_min = 1.5;
  limits.wall_factor = 1;
  limits.memory_mib = 256;
  limits.reply_mib = 4;
  return limits;
}

/// The word that the case files have for an end: some ends share one. An internal error keeps its
/// cause.
static std::string word_of(const Outcome& outcome) {
  switch (outcome.end) {
    case End::completed:
      return "pass";
    case End::stopped:
    case End::assertion:
      return "fail";
    case End::raised:
    case End::exited:
      return "error";
    case End::timeout_cpu:
    case End::timeout_wall:
      return "timeout";
    case End::missing:
      return "missing: " + outcome.message;
    default:
      return name_of(outcome.end);
  }
}

std::string judge_by_run(Worker& worker, const std::string& program) {
  Job job;
  job.program = program;
  job.entry_point = "add";
  job.limits = short_limits();
  std::vector<std::string> inputs;
  for (const auto& call : kCalls) {
    inputs.push_back(
        encode(Value::sequence(Kind::tuple, {Value::of_int(call[0]), Value::of_int(call[1])})));
  }
  job.inputs = Inputs::make(inputs);
  std::string first_wrong;
  const auto wrong = [&first_wrong](const char* word) {
    if (first_wrong.empty()) first_wrong = word;
  };
  const Outcome outcome = worker.run(job, [&](const Reply& reply) {
    Value value;
    const auto& call = kCalls[reply.index];
    if (reply.raised) {
      wrong("error");
    } else if (!decode_whole(reply.value, value)) {
      wrong("tampered");
    } else if (value.kind != Kind::integer || value.integer != call[0] + call[1]) {
      wrong("fail");
    }
    return Next::go_on;
  });
  return outcome.end == End::completed && !first_wrong.empty() ? first_wrong : word_of(outcome);
}

std::string judge_by_check(Worker& worker, const std::string& program) {
  CheckJob job;
  job.program = program;
  job.entry_point = "add";
  job.limits = short_limits();
  for (const auto& call : kCalls) {
    job.checker +=
        fmt::format("assert candidate({}, {}) == {}\n", call[0], call[1], call[0] + call[1]);
  }
  return word_of(worker.check(job));
}

/// What stands before the last white space.
static std::string_view trimmed(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

std::string judge_by_script(Worker& worker, const std::string& program) {
  ScriptJob job;
  job.program = program;
  job.limits = short_limits();
  for (const auto& call : kCalls) {
    job.input = fmt::format("{} {}\n", call[0], call[1]);
    std::string written;
    const Outcome outcome = worker.script(job, written);
    if (outcome.end != End::completed) return word_of(outcome);
    if (trimmed(written) != std::to_string(call[0] + call[1])) return "fail";
  }
  return "pass";
}

bool passes_honest_script(Worker& worker) {
  return judge_by_script(worker, "open(1, 'w').write(str(sum(map(int, input().split()))))\n") ==
         "pass";
}

std::string Case::language() const {
  const std::size_t folder = name.find('/');
  return folder == std::string::npos ? "python" : name.substr(0, folder);
}

namespace {

/// What stands in front of the programs of a language, and an honest one.
struct Beginning {
  const char *language, *defines, *defines_end, *honest;
};
const Beginning kBeginnings[] = {
    {"cpp", assay_answer_cpp_begin, assay_answer_cpp_end, "int main() { return answer(); }"},
    {"rust", assay_answer_rust_begin, assay_answer_rust_end, "fn main() { answer(); }"},
    {"go", assay_answer_go_begin, assay_answer_go_end, "func main() { answer() }"},
    {"java", assay_answer_java_begin, assay_answer_java_end,
     "public class Main { public static void main(String[] a) { Answer.answer(); } }"},
    {"javascript", assay_answer_javascript_begin, assay_answer_javascript_end, "answer();"},
};

const Beginning& beginning_of(const std::string& language) {
  for (const Beginning& one : kBeginnings) {
    if (one.language == language) return one;
  }
  throw Error("no hostile programs in " + language);
}

}  // namespace

std::string judge_by_script(Worker& worker, const std::string& language,
                            const std::string& program) {
  ScriptJob job;
  job.language = language;
  const Beginning& beginning = beginning_of(language);
  // An import of JavaScript, a package clause of Go stand at the beginning of a file.
  const bool alone = program.starts_with("import ") || program.starts_with("package ");
  if (!alone) job.program.assign(beginning.defines, beginning.defines_end);
  job.program += program;
  job.limits = short_limits();
  std::string expected, output;
  for (const auto& call : kCalls) {
    job.input += fmt::format("{} {}\n", call[0], call[1]);
    expected += fmt::format("{}\n", call[0] + call[1]);
  }
  const Outcome outcome = worker.script(job, output);
  return outcome.end == End::completed && output != expected ? "fail" : word_of(outcome);
}

Conformance try_case(Worker& worker, const Case& one) {
  Conformance found;
  const std::size_t restarts = worker.restarts();
  if (const std::string language = one.language(); language != "python") {
    found.by_run = found.by_check = judge_by_script(worker, language, one.program);
    found.honest = judge_by_script(worker, language, beginning_of(language).honest) == "pass";
    found.expected = one.expected.count(found.by_run) > 0;
    found.restarted = worker.restarts() > restarts;
    return found;
  }
  found.by_run = judge_by_run(worker, one.program);
  found.honest = judge_by_run(worker, kHonest) == "pass";
  found.by_check = judge_by_check(worker, one.program);
  found.honest &= judge_by_check(worker, kHonest) == "pass";
  found.expected = one.expected.count(found.by_run) && one.expected.count(found.by_check);
  found.restarted = worker.restarts() > restarts;
  return found;
}

}  // namespace assay::sandbox
