// Programs in other languages than Python, as scripts.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <string>
#include <thread>

#include "harness/base/error.h"
#include "sandbox/runtime/process/language.h"
#include "sandbox/runtime/process/products.h"
#include "tests/sandbox/jobs.h"
#include "tests/sandbox/processes.h"

using namespace assay;
using namespace assay::sandbox;

namespace {

struct Written {
  Outcome outcome;
  std::string output;
};

Written run_in(const char* language, std::string program, std::string input = "",
               Limits limits = {}) {
  ScriptJob job;
  job.language = language;
  job.program = std::move(program);
  job.input = std::move(input);
  job.limits = limits;
  Written out;
  out.outcome = shared_worker().script(job, out.output);
  return out;
}
Written cpp(std::string program, std::string input = "", Limits limits = {}) {
  return run_in("cpp", std::move(program), std::move(input), limits);
}
Written javascript(std::string program, std::string input = "", Limits limits = {}) {
  return run_in("javascript", std::move(program), std::move(input), limits);
}

Limits short_limits() {
  Limits limits;
  limits.test_cpu_s = 0.4, limits.wall_s_min = 1, limits.wall_factor = 1;
  limits.memory_mib = 256, limits.reply_mib = 1;
  return limits;
}

void check_completes(const Written& w, const std::string& output) {
  CHECK(w.outcome.end == End::completed);
  CHECK(w.outcome.message == "");
  CHECK(w.output == output);
}

void check_ends(const Written& w, End end, const char* type, int line) {
  CAPTURE(w.outcome.message);
  CHECK(name_of(w.outcome.end) == std::string(name_of(end)));
  CHECK(w.outcome.exception_type == type);
  CHECK(w.outcome.line == line);
}

}  // namespace

TEST_CASE("sandbox process: what is read and written is what the shell would see") {
  check_completes(
      cpp("#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b; }",
          "1 2\nand more"),
      "3");
  check_completes(cpp("#include <cstdio>\nint main() { printf(\"kept without a line's end\"); }"),
                  "kept without a line's end");
  check_completes(
      cpp("#include <cstdio>\n#include <thread>\nint main() { std::thread t([] { puts(\"late\"); }); t.join(); }"),
      "late\n");
  check_completes(cpp("int main() {}", "unread"), "");
  check_completes(
      run_in(
          "c",
          "#include <stdio.h>\nint main() { char s[9]; puts(fgets(s, 9, stdin)); int class = 1; return !class; }",
          "line"),
      "line\n");
  check_completes(
      javascript("console.log(require('fs').readFileSync('/dev/stdin', 'utf8').length)", "12345"),
      "5\n");
  check_completes(
      javascript(
          "require('readline').createInterface({input: process.stdin}).on('line', (l) => console.log(l + '!'))",
          "a\nb\n"),
      "a!\nb!\n");
  check_completes(
      javascript(
          "console.log(require.main === module, process.argv.length, __filename); setTimeout(() => console.log('late'), 20)"),
      "true 2 /solution.js\nlate\n");
  check_completes(
      javascript(
          "import { readFileSync } from 'fs';\nconsole.log(readFileSync('/dev/stdin', 'utf8'), await 5);",
          "in"),
      "in 5\n");
  // What a benchmark puts in front stands on the same line, so that programs keep their line numbers.
  check_completes(javascript("let n = 5; export const f = () => n;\nconsole.log(f());"), "5\n");
}

TEST_CASE("sandbox process: an input of megabytes arrives, read or not") {
  std::string lines;
  for (int i = 0; i < 400000; ++i) lines += "1234567\n";
  check_completes(
      cpp("#include <iostream>\nint main() { long n = 0, x; while (std::cin >> x) ++n; std::cout << n; }",
          lines),
      "400000");
  check_completes(
      javascript(
          "let n = 0; process.stdin.on('data', (d) => n += d.length).on('end', () => console.log(n))",
          lines),
      "3200000\n");
}

TEST_CASE("sandbox process: what does not compile is told with its line") {
  check_ends(cpp("int main() {\n  return x;\n}"), End::syntax, "CompileError", 2);
  CHECK(cpp("int main() {\n  return x;\n}").outcome.message ==
        "'x' was not declared in this scope");
  check_ends(cpp("int f();\nint main() { return f(); }"), End::syntax, "CompileError", 0);
  CHECK(cpp("int f();\nint main() { return f(); }").outcome.message.find("undefined reference") !=
        std::string::npos);
  check_ends(cpp(""), End::syntax, "CompileError", 0);
  check_ends(javascript("let a = 1;\nlet b = ;"), End::syntax, "SyntaxError", 2);
  CHECK(javascript("let b = ;").outcome.message == "Unexpected token ';'");
  // A module that does not compile was `raised` by Debian's Node.js 18, whose stack names other functions.
  check_ends(javascript("import fs from 'fs';\nlet let;"), End::syntax, "SyntaxError", 0);
  check_ends(javascript("import fs from 'fs';\nJSON.parse('{')"), End::raised, "SyntaxError", 0);
}

TEST_CASE("sandbox process: what went wrong is told") {
  check_ends(cpp("int main() { return 3; }"), End::exited, "", 0);
  CHECK(cpp("#include <cstdio>\nint main() { fputs(\"why\\n\", stderr); return 3; }")
            .outcome.message == "the process ended itself with status 3: why");
  check_ends(cpp("#include <stdexcept>\nint main() { throw std::runtime_error(\"so\"); }"),
             End::raised, "std::runtime_error", 0);
  CHECK(cpp("#include <stdexcept>\nint main() { throw std::runtime_error(\"so\"); }")
            .outcome.message == "so");
  check_ends(cpp("#include <cassert>\nint main() {\n  assert(1 == 2);\n}"), End::raised, "assert",
             3);
  check_ends(cpp("int main() { *(volatile int*)nullptr = 1; }"), End::crash, "", 0);
  check_ends(cpp("int f(volatile int n) { return f(n + 1) + n; }\nint main() { return f(1); }"),
             End::crash, "", 0);
  check_ends(javascript("process.exit(3)"), End::exited, "", 0);
  check_ends(javascript("\nnull.x"), End::raised, "TypeError", 2);
  check_ends(javascript("require('assert').strictEqual(1, 2)"), End::raised, "AssertionError", 1);
  check_ends(javascript("class MyError extends Error {}\nthrow new MyError('so')"), End::raised,
             "Error", 2);
  check_ends(javascript("process.abort()"), End::crash, "", 0);
}

TEST_CASE("sandbox process: limits are for the whole process") {
  const Limits limits = short_limits();
  CHECK(cpp("int main() { for (volatile int i = 0;; ++i) {} }", "", limits).outcome.end ==
        End::timeout_cpu);
  CHECK(cpp("#include <unistd.h>\nint main() { sleep(9); }", "", limits).outcome.end ==
        End::timeout_wall);
  CHECK(
      cpp("#include <thread>\nint main() { std::thread t([] { for (volatile int i = 0;; ++i) {} }); t.join(); }",
          "", limits)
          .outcome.end == End::timeout_cpu);
  const Written flood =
      cpp("#include <cstdio>\nint main() { for (;;) puts(\"many words\"); }", "", limits);
  CHECK(flood.outcome.end == End::output);
  CHECK(flood.output.size() == 1 << 20);
  CHECK(javascript("for (;;) {}", "", limits).outcome.end == End::timeout_cpu);
  CHECK(javascript("setTimeout(() => {}, 9e6)", "", limits).outcome.end == End::timeout_wall);
  CHECK(javascript("console.log('x'.repeat((1 << 20) - 1))", "", limits).outcome.end ==
        End::completed);
  CHECK(javascript("console.log('x'.repeat(1 << 20))", "", limits).outcome.end == End::output);
}

TEST_CASE("sandbox process: memory ends as memory") {
  Limits limits = short_limits();
  limits.test_cpu_s = 60;  // on a slow machine memory took more than 5 s to fill
  CHECK(cpp("#include <vector>\nint main() { std::vector<int> v; for (;;) v.push_back(1); }", "",
            limits)
            .outcome.end == End::memory);
  CHECK(cpp("#include <vector>\nint main() { std::vector<char> v(200 << 20, 1); return v[5] - 1; }",
            "", limits)
            .outcome.end == End::completed);
  CHECK(javascript("const a = []; for (;;) a.push({a: a.length})", "", limits).outcome.end ==
        End::memory);
  CHECK(javascript("const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1))", "", limits)
            .outcome.end == End::memory);
  CHECK(javascript("const a = Buffer.alloc(150 << 20, 1); process.exit(a[7] - 1)", "", limits)
            .outcome.end == End::completed);
}

TEST_CASE("sandbox process: a compiler that goes beyond its limits is not a text that is wrong") {
  const Written bomb =
      cpp("#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(x)))\nint main() { B(B(B(0;))) }");
  check_ends(bomb, End::syntax, "CompilerLimit", 0);
  CHECK(bomb.outcome.message.starts_with("the compiler "));
  check_ends(cpp("char data[1 << 29] = {1};\nint main() {}"), End::syntax, "CompilerLimit", 0);
  check_ends(
      cpp("template <int N> struct T { static const int v = T<N + 1>::v; };\nint main() { return T<0>::v; }"),
      End::syntax, "CompileError", 1);
}

TEST_CASE("sandbox process: a text is compiled once") {
  const std::string program =
      "#include <iostream>\nint main() { std::cout << std::cin.get(); } // once";
  const Written first = cpp(program, "a"), second = cpp(program, "b");
  CHECK(first.outcome.compile_cpu_s > 0.01);
  CHECK(second.outcome.compile_cpu_s == 0);
  CHECK(first.output == "97");
  CHECK(second.output == "98");
  CHECK(first.outcome.cpu_s < 0.05);
  const Written wrong = cpp("int main() { once }"), again = cpp("int main() { once }");
  CHECK(wrong.outcome.compile_cpu_s > 0);
  CHECK(again.outcome.compile_cpu_s == 0);
  CHECK(again.outcome.message == wrong.outcome.message);
}

TEST_CASE("sandbox process: what was used longest ago makes room") {
  Products kept(7 << 20);
  const auto product = [](std::uint64_t bytes) {
    auto made = std::make_shared<Product>();
    made->bytes = bytes;
    return made;
  };
  kept.keep("a", product(1 << 20));
  kept.keep("b", product(1 << 20));
  CHECK(kept.find("a"));
  kept.keep("c", product(1 << 20));
  CHECK(kept.find("a"));
  CHECK_FALSE(kept.find("b"));
  CHECK(kept.find("c"));
  kept.keep("larger than all room", product(90 << 20));
  CHECK(kept.find("larger than all room"));
  CHECK_FALSE(kept.find("a"));
}

TEST_CASE("sandbox process: Go and Rust, and their tests without a main") {
  check_completes(
      run_in(
          "go",
          "package main\n\nimport \"fmt\"\n\nfunc main() { var a, b int; fmt.Scan(&a, &b); fmt.Print(a + b) }",
          "1 2"),
      "3");
  check_completes(
      run_in(
          "rust",
          "fn main() { let mut s = String::new(); std::io::stdin().read_line(&mut s).unwrap(); print!(\"{}\", s.trim()); }",
          "1 2\n"),
      "1 2");
  check_ends(run_in("go", "package main\n\nfunc main() {\n\tx := 1\n}"), End::syntax,
             "CompileError", 4);
  check_ends(run_in("rust", "fn main() {\n    let x: u32 = \"\";\n}"), End::syntax, "CompileError",
             2);
  check_ends(run_in("go", "package main\n\nfunc main() {\n\tvar a []int\n\tprintln(a[len(a)])\n}"),
             End::raised, "runtime error", 5);
  check_ends(
      run_in("rust", "fn main() {\n    let v: Vec<u8> = vec![];\n    assert_eq!(v.len(), 1);\n}"),
      End::raised, "panic", 3);
  const std::string go =
      "package main\n\nimport \"testing\"\n\nfunc TestAll(t *testing.T) {\n\tif 1+1 != ";
  CHECK(run_in("go", go + "2 {\n\t\tt.Fatal()\n\t}\n}\n").outcome.end == End::completed);
  CHECK(run_in("go", go + "3 {\n\t\tt.Fatal()\n\t}\n}\n").outcome.end == End::exited);
  const std::string rust =
      "#[cfg(test)]\nmod tests {\n    #[test]\n    fn all() { assert_eq!(1 + 1, ";
  CHECK(run_in("rust", rust + "2); }\n}\n").outcome.end == End::completed);
  CHECK(run_in("rust", rust + "3); }\n}\n").outcome.end != End::completed);
}

TEST_CASE("sandbox process: Java, whatever its class is named") {
  const std::string head = "import java.util.*;\n",
                    main = " {\n  public static void main(String[] a) {\n    ";
  check_completes(
      run_in(
          "java",
          head + "class Helper { int one() { return 1; } }\npublic class Solution" + main +
              "System.out.println(new Scanner(System.in).nextInt() + new Helper().one());\n  }\n}\n",
          "4"),
      "5\n");
  // A helper with a main of its own before the public class gave the file its name: javac refused it.
  check_completes(run_in("java",
                         "class Helper { public static void main(String[] a) {} }\npublic class "
                         "Solution" +
                             main + "System.out.println(7);\n  }\n}\n"),
                  "7\n");
  check_ends(run_in("java", "class Main" + main + "int x = \"\";\n  }\n}\n"), End::syntax,
             "CompileError", 3);
  check_ends(
      run_in("java", "class Main" + main + "throw new IllegalStateException(\"so\");\n  }\n}\n"),
      End::raised, "java.lang.IllegalStateException", 3);
  check_ends(run_in("java", "class Main" + main + "System.exit(3);\n  }\n}\n"), End::exited, "", 0);
  Limits limits = short_limits();
  limits.test_cpu_s = 5;
  CHECK(run_in("java",
               head + "class Main" + main +
                   "List<int[]> l = new ArrayList<>(); for (;;) l.add(new int[1 << 18]);\n  }\n}\n",
               "", limits)
            .outcome.end == End::memory);
}

TEST_CASE("sandbox process: a header compiled ahead changes no program") {
  const std::string header = "#include <bits/stdc++.h>\n", main = "int main() { std::cout << N; }";
  check_completes(cpp(header + "#define N 1\n" + main), "1");
  check_completes(cpp("// words\n#include <assert.h>\n\n" + header + "#define N 2\n" + main), "2");
  // Where something stands before it, the header is read as it stands.
  check_completes(cpp("#define _GLIBCXX_DEBUG\n" + header +
                      "#ifdef _GLIBCXX_DEBUG_MACRO_SWITCH_H\n#define N 3\n#endif\n" + main),
                  "3");
  check_ends(cpp("#include <assert.h>\nint main() { std::vector<int> v; }"), End::syntax,
             "CompileError", 2);
  Limits limits = short_limits();
  const Written large =
      cpp("char data[1 << 29];\nint main(int n, char**) { return data[n]; }", "", limits);
  check_ends(large, End::memory, "", 0);
}

TEST_CASE("sandbox process: an unknown language and a weaker level are one sentence each") {
  Worker& worker = shared_worker();
  CHECK_THROWS_WITH_AS(worker.toolchain("cobol"), doctest::Contains("there is no language 'cobol'"),
                       Error);
  CHECK(worker.toolchain("cpp").starts_with("g++ "));
  CHECK(worker.toolchain("python") == worker.interpreter().identity());
  Config weaker;
  weaker.level_max = Level::no_namespace;
  Worker weak{weaker};
  CHECK_THROWS_WITH_AS(weak.toolchain("cpp"), doctest::Contains("are run at level full alone"),
                       Error);
  ScriptJob job;
  job.language = "cpp";
  job.program = "int main() {}";
  std::string output;
  CHECK(weak.script(job, output).end == End::missing);
}

// A supervisor that is killed while a compiler or a program is at work takes both along.
TEST_CASE("sandbox process: kill -9 of the supervisor leaves nothing") {
  for (
      const char* program :
      {"int main() { for (;;) {} }",
       "template <int N, int M> struct T { static const int v = T<N - 1, 2 * M>::v + T<N - 1, 2 * M + 1>::v; };\n"
       "template <int M> struct T<0, M> { static const int v = 1; };\nint main() { return T<22, 0>::v; }"}) {
    const pid_t supervisor = fork();
    if (supervisor == 0) {
      Worker worker{Config{}};
      ScriptJob job;
      job.language = "cpp";
      job.program = program;
      job.limits.test_cpu_s = 60;
      std::string output;
      worker.script(job, output);
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2500));
    std::vector<pid_t> all = children_of(supervisor);
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (const pid_t child : children_of(all[i])) all.push_back(child);
    }
    CHECK(all.size() >= 3);
    kill(supervisor, SIGKILL);
    waitpid(supervisor, nullptr, 0);
    bool left = true;
    for (int i = 0; i < 100 && left; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      left = false;
      for (const pid_t pid : all) left |= runs(pid);
    }
    CHECK_FALSE(left);
  }
}
