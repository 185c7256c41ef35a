#include "datasets/python_text.h"

#include <doctest/doctest.h>

using assay::datasets::cut_completion;
using assay::datasets::extract_program;

TEST_CASE("a completion ends before the next top-level statement") {
  const std::string body = "    x = 1\n\n    return x\n";
  for (const char* next : {"def other():\n    pass\n", "class A:\n", "print(f(1))\n", "if __name__",
                           "# a", "@decorator\n", "from x import y", "import x", "assert f(1)",
                           "x = 2", "Here is how it works", "\"\"\"text\"\"\"", "\xc3\xa9"}) {
    CAPTURE(next);
    CHECK(cut_completion(body + next) == body);
    CHECK(cut_completion(body + "\n\n" + next) == body + "\n\n");
  }
  CHECK(cut_completion(body) == body);
  CHECK(cut_completion("") == "");
  CHECK(cut_completion("\n\ndef f():\n    pass\n") == "\n\n");
}

TEST_CASE("lines at the margin that continue a statement do not end it") {
  const std::string texts[] = {
      "    s = \"\"\"\ndef no():\n\"\"\"\n    return s\n",
      "    s = '''a\n\"\"\"b\n# c'''\n    return s\n",
      "    x = [\n1,\n2]\n    return x\n",
      "    x = f(a,  # ( a comment\nb)\n    return x\n",
      "    x = 1 + \\\n2\n    return x\n",
      "    s = '(' \n    t = \"\\\"[\"\n    return s\n",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(cut_completion(text) == text);
    CHECK(cut_completion(text + "def g(): pass") == text);
  }
}

TEST_CASE("a completion that begins at the margin is a whole program") {
  const std::string program = "import re\n\ndef helper():\n    pass\n\ndef f():\n    helper()\n";
  CHECK(cut_completion(program) == program);
}

TEST_CASE("CRLF and form feeds do not hide the margin") {
  CHECK(cut_completion("    return 1\r\n\r\ndef g():\r\n") == "    return 1\r\n\r\n");
  CHECK(cut_completion("    x = 1 \\\r\n+ 2\r\nprint(x)") == "    x = 1 \\\r\n+ 2\r\n");
  CHECK(cut_completion("    x = 1\n\f\n    return x\n") == "    x = 1\n\f\n    return x\n");
}

TEST_CASE("the program in a chat answer") {
  const std::string usage =
      "```python\nprint(f(1), 'a rather long example of how it is used')\n```\n";
  const std::string program = "```python\ndef f(x):\n    return x\n```\n";
  CHECK(extract_program("Sure!\n" + usage + program + usage, "f") == "def f(x):\n    return x\n");
  CHECK(extract_program(program + "Or:\n```\ndef f(x): return 1\n```", "f") ==
        "def f(x):\n    return x\n");
  CHECK(extract_program("```\nshort\n```\n```\nlonger one\n```", "f") == "longer one\n");
  CHECK(extract_program("no fence", "f") == "no fence");
  CHECK(extract_program("cut off\n```python\ndef f(x):\n    return", "f") ==
        "def f(x):\n    return\n");
  CHECK(extract_program("1. so\n   ```py\n   def f(x):\n       return x\n   ```\n", "f") ==
        "def f(x):\n    return x\n");
  CHECK(extract_program("~~~~\n```\nf = lambda: 1\n~~~\n~~~~\n", "f") ==
        "```\nf = lambda: 1\n~~~\n");
  // `f` inside another name is no definition; inline code is no fence.
  CHECK(extract_program("```\ndef ff(): return 'a long line here'\n```\n```\ndef f(): 1\n```",
                        "f") == "def f(): 1\n");
  CHECK(extract_program("```f(x)``` is\n```\nasync def f(): 1\n```", "f") == "async def f(): 1\n");
}

TEST_CASE("a definition is told by its whole name at the front of its line") {
  using assay::datasets::defines;
  CHECK(defines("x = 1\n    async  def f(): pass", "f"));
  CHECK(defines("class f(A):", "f"));
  CHECK(defines("f = lambda: 1", "f"));
  CHECK(!defines("f == 1", "f"));
  CHECK(!defines("def ff(): pass\ndef f_(): pass\nundef f", "f"));
  CHECK(!defines("g(def f)", "f"));
  CHECK(!defines("", "f"));
}

TEST_CASE("a test text that defines check, however it is spaced, is called") {
  using assay::datasets::defines_function_at_margin;
  CHECK(defines_function_at_margin("x = 1\ndef check (candidate):\n    pass\n", "check"));
  CHECK(defines_function_at_margin("def  check(candidate): pass", "check"));
  CHECK(!defines_function_at_margin("    def check(candidate): pass", "check"));
  CHECK(!defines_function_at_margin("check = 1", "check"));
  CHECK(!defines_function_at_margin("def checker(candidate): pass", "check"));
}

TEST_CASE("a whole program begins at the margin and defines the entry point there") {
  using assay::datasets::is_whole_program;
  CHECK(is_whole_program("\n# so\nimport x\ndef f(): pass", "f"));
  CHECK(is_whole_program("f = lambda: 1", "f"));
  CHECK(!is_whole_program("    return 1\n\ndef f(): pass", "f"));
  CHECK(!is_whole_program("def f_one(): pass", "f"));
  CHECK(!is_whole_program("class A:\n    def f(self): pass", "f"));
  CHECK(!is_whole_program("", "f"));
}

TEST_CASE("the entry point many times in one line takes no longer than a line of its length") {
  // Each occurrence went back to the line's beginning: 1.5 MB took 15 s (attack 71).
  std::string line = "```\n";
  for (int i = 0; i < 1 << 20; ++i) line += "f ";
  CHECK(extract_program(line + "\n```\n```\ndef f(): 1\n```", "f") == "def f(): 1\n");
  CHECK(assay::datasets::entry_point_of("def f(): pass\n" + line, line + "f(1)") == "f");
}
