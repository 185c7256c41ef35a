#include "harness/verify/observed.h"

#include <doctest/doctest.h>

#include "harness/base/value/value.h"
#include "harness/verify/verifier.h"

using namespace assay;
using namespace assay::verify;
using store::Status;

namespace {

Value list_of(std::vector<Value> items) { return Value::sequence(Kind::list, std::move(items)); }
Value ints(std::vector<int> numbers) {
  std::vector<Value> items;
  for (const int number : numbers) items.push_back(Value::of_int(number));
  return list_of(std::move(items));
}

struct Bench {
  datasets::Problem problem;
  datasets::DifferentialSuite calls;

  Bench(std::string entry_point, std::string reference) {
    problem.task_id = "Own/0";
    problem.entry_point = std::move(entry_point);
    problem.reference = std::move(reference);
  }
  void call(std::vector<Value> arguments, std::string raises = "") {
    calls.inputs.push_back(encode(Value::sequence(Kind::tuple, std::move(arguments))));
    calls.raises.push_back(std::move(raises));
  }
  sandbox::Worker& worker() {
    static sandbox::Worker shared([] {
      sandbox::Config config;
      config.allow_weaker = true;
      return config;
    }());
    return shared;
  }
  TriedReference learn() {
    if (std::all_of(calls.raises.begin(), calls.raises.end(), [](auto& t) { return t.empty(); }))
      calls.raises.clear();
    put_suite(problem, {"base", calls});
    return run_reference(worker(), problem, *find_suite(problem, "base"), reference_limits(2));
  }
  store::Verdict judge(const std::string& program) {
    TriedReference tried = learn();
    REQUIRE_MESSAGE(tried.run.trouble.empty(), tried.run.trouble);
    const auto verifier = verifier_of(problem, *find_suite(problem, "base"), {});
    const Prepared prepared = verifier->prepare(std::move(tried.run));
    return prepared.judge(worker(), program, Scope::one_process).verdict;
  }
};

Bench raising() {
  Bench bench("first",
              "def first(xs):\n    if not xs: raise IndexError('empty')\n    return xs[0]\n");
  bench.call({ints({1, 2})});
  bench.call({ints({})}, "IndexError");
  return bench;
}

}  // namespace

TEST_CASE(
    "observed: a call that must raise passes by that exception and those that descend from it") {
  // An own benchmark could not say that a call raises: the reference was said to fail.
  Bench bench = raising();
  CHECK(bench.judge(bench.problem.reference).status == Status::pass);
  CHECK(
      bench
          .judge(
              "class Empty(IndexError): pass\ndef first(xs):\n    if len(xs) == 0: raise Empty()\n"
              "    return xs[0]\n")
          .status == Status::pass);
  store::Verdict verdict = bench.judge("def first(xs):\n    return xs[0] if xs else None\n");
  CHECK(verdict.status == Status::fail);
  REQUIRE(verdict.witness);
  CHECK(verdict.witness->test == 1);
  CHECK(verdict.witness->expected == "raising IndexError");
  CHECK(verdict.witness->actual == "None");
  verdict = bench.judge("def first(xs):\n    return {}[tuple(xs)]\n");
  CHECK(verdict.status == Status::error);  // where it must return
  CHECK(verdict.message == "KeyError: (1, 2)");
  verdict = bench.judge("def first(xs):\n    return xs[0] if xs else {}[0]\n");
  CHECK(verdict.status == Status::fail);  // another exception is a wrong answer
  CHECK(verdict.witness->actual == "raising KeyError: 0");
  CHECK(bench.judge("def first(xs):\n    raise SystemExit\n").status == Status::error);
  CHECK(bench.judge("def first(xs):\n    raise MemoryError\n").status == Status::memory);
  CHECK(bench.judge("def last(xs):\n    return 1\n").status == Status::no_entry_point);
  CHECK(bench.judge("def first(xs):\n").status == Status::syntax);
}

TEST_CASE("observed: a reference that does not do what its calls must is said to fail, and how") {
  Bench bench = raising();
  bench.problem.reference = "def first(xs):\n    return 1\n";
  CHECK(bench.learn().run.trouble ==
        "the reference does not raise IndexError on call 1 ([],) of suite base");
  bench.problem.reference = "def first(xs):\n    return 1 if xs else {}[0]\n";
  CHECK(bench.learn().run.trouble ==
        "the reference raises KeyError: 0, not IndexError, on call 1 ([],) of suite base");
  bench.problem.reference = "def first(xs):\n    raise IndexError\n";
  CHECK(bench.learn().run.trouble ==
        "the reference raises IndexError on call 0 ([1, 2],) of suite base");
}

TEST_CASE(
    "observed: what is printed and what is left in arguments is compared where it is asked for") {
  Bench prints("show", "def show(x):\n    print('value', x)\n");
  prints.problem.calling = {false, true, false, false};
  prints.call({Value::of_str("\xc3\xa9")});
  CHECK(
      prints
          .judge("import sys\ndef show(x):\n    sys.stdout.buffer.write(f'value {x}\\n'.encode())\n"
                 "    return 1\n")
          .status == Status::pass);
  const store::Verdict wrong = prints.judge("def show(x):\n    print('value', x, end='')\n");
  CHECK(wrong.status == Status::fail);
  CHECK(wrong.witness->expected == "printing 'value \xc3\xa9\\n'");
  CHECK(wrong.witness->actual == "printing 'value \xc3\xa9'");

  Bench sorts("sort_it", "def sort_it(xs):\n    xs.sort()\n");
  sorts.problem.calling = {true, false, true, false};
  sorts.call({ints({3, 1, 2})});
  CHECK(sorts.judge("def sort_it(list):\n    list[:] = sorted(list)\n").status == Status::pass);
  const store::Verdict copies = sorts.judge("def sort_it(xs):\n    xs = sorted(xs)\n");
  CHECK(copies.status == Status::fail);
  CHECK(copies.witness->expected == "None, leaving [[1, 2, 3]]");
  CHECK(copies.witness->actual == "None, leaving [[3, 1, 2]]");
  CHECK(sorts.judge("def sort_it(xs):\n    xs.sort()\n    return xs\n").status == Status::fail);
}

TEST_CASE("observed: methods, and sequences of operations on one instance") {
  Bench method("Solution.two", "class Solution:\n    def two(self, x):\n        return 2 * x\n");
  method.call({Value::of_int(2)});
  CHECK(method.judge("class Solution:\n    def two(self, y):\n        return y + y\n").status ==
        Status::pass);
  CHECK(method.judge("class Solution:\n    def two(self, y):\n        return y\n").status ==
        Status::fail);
  CHECK(method.judge("class Solution:\n    def one(self, y):\n        return y\n").status ==
        Status::no_entry_point);
  CHECK(method.judge("def two(y):\n    return 2 * y\n").status == Status::no_entry_point);
  CHECK(datasets::defined_name(method.problem) == "Solution");

  Bench stack("Stack", "class Stack(list):\n    def push(self, x):\n        self.append(x)\n");
  stack.problem.calling.operations = true;
  const auto names = [](std::vector<std::string> all) {
    std::vector<Value> items;
    for (std::string& name : all) items.push_back(Value::of_str(std::move(name)));
    return list_of(std::move(items));
  };
  stack.call({names({"Stack", "push", "push", "pop"}),
              list_of({ints({}), ints({1}), ints({2}), ints({})})});
  stack.call({names({"Stack", "pop"}), list_of({ints({}), ints({})})}, "IndexError");
  const std::string own =
      "class Stack:\n    def __init__(self): self.xs = []\n    def push(self, x): self.xs.append(x)\n";
  CHECK(stack.judge(own + "    def pop(self): return self.xs.pop()\n").status == Status::pass);
  const store::Verdict queue = stack.judge(own + "    def pop(self): return self.xs.pop(0)\n");
  CHECK(queue.status == Status::fail);
  CHECK(queue.witness->expected == "[None, None, None, 2]");
}

TEST_CASE(
    "observed: a program that uses the names of builtins, or meddles, answers for itself alone") {
  Bench bench = raising();
  const std::string right =
      "\ndef first(xs):\n    if not xs: raise IndexError('empty')\n    return xs[0]\n";
  CHECK(bench
            .judge("list = str = type = getattr = zip = Exception = callable = globals = None" +
                   right)
            .status == Status::pass);
  CHECK(bench.judge(right + "x = 1 \\").status == Status::pass);
  CHECK(bench.judge(right + "x = '''").status == Status::syntax);
  for (
      const char* body :
      {"return ('raised', ['IndexError'], '', None, None)",  // a returned tuple is a returned tuple
       "raise type('IndexError', (KeyError,), {'__module__': 'other.'})() if not xs else KeyError",
       "class M(type):\n        __mro__ = 3\n    raise M('E', (ValueError,), {})()",
       "raise type('E', (ValueError,), {'__str__': lambda e: 1 // 0, '__qualname__': '\\x1b[31m'})()"}) {
    CAPTURE(std::string(body));
    const Status status = bench.judge(std::string("def first(xs):\n    ") + body + "\n").status;
    CHECK((status == Status::fail || status == Status::error));
  }
  const store::Verdict hostile = bench.judge(
      "def first(xs):\n    raise type('E', (ValueError,), {'__qualname__': '\\x1b[31m'})('\\udc80')\n");
  CHECK(hostile.message.find('\x1b') == std::string::npos);
}

TEST_CASE("observed: bytes that no observer tells are refused") {
  const auto told = [](std::vector<Value> items) {
    return encode(Value::sequence(Kind::tuple, std::move(items)));
  };
  const Value none, text = Value::of_str("");
  CHECK(read_observed(told({Value::of_str("returned"), none, text, none, none})));
  CHECK_FALSE(read_observed(told({Value::of_str("left"), none, text, none, none})));
  CHECK_FALSE(read_observed(told({Value::of_str("returned"), none, none, none, none})));
  CHECK_FALSE(read_observed(told({Value::of_str("returned"), none, text, none})));
  CHECK_FALSE(read_observed(told({}) + "N"));
  CHECK_FALSE(read_observed(""));
  CHECK_FALSE(read_observed("t\x05s\x08returned"));
  const std::string numbered = told({Value::of_str("raised"), Value::of_int(3), text, none, none});
  const auto names = read_observed(numbered);
  REQUIRE(names);
  CHECK_FALSE(names->raises("ValueError"));
  CHECK(names->exception() == "?");
  const std::string dotted =
      told({Value::of_str("raised"), list_of({Value::of_str("json.decoder.JSONDecodeError")}), text,
            none, none});
  CHECK(read_observed(dotted)->raises("JSONDecodeError"));
  CHECK(read_observed(dotted)->raises("json.decoder.JSONDecodeError"));
  CHECK_FALSE(read_observed(dotted)->raises("DecodeError"));
}
