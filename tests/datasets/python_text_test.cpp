#include "datasets/python_text.h"

#include <doctest/doctest.h>

using assay::datasets::is_plain_body;

TEST_CASE("a body with anything at the margin is more than a body") {
  const std::string body = "    x = 1\n\n    return x\n";
  for (const char* next : {"def other():\n    pass\n", "class A:\n", "print(f(1))\n", "if __name__",
                           "# a", "@decorator\n", "from x import y", "import x", "assert f(1)",
                           "x = 2", "Here is how it works", "\"\"\"text\"\"\"", "\xc3\xa9"}) {
    CAPTURE(next);
    CHECK(!is_plain_body(body + next));
    CHECK(!is_plain_body(body + "\n\n" + next));
    CHECK(!is_plain_body(next));
  }
  CHECK(is_plain_body(body));
  CHECK(is_plain_body(""));
  CHECK(!is_plain_body("\n\ndef f():\n    pass\n"));
}

TEST_CASE("lines at the margin that continue a statement belong to the body") {
  const std::string texts[] = {
      "    s = \"\"\"\ndef no():\n\"\"\"\n    return s\n",
      "    s = '''a\n\"\"\"b\n# c'''\n    return s\n",
      "    x = [\n1,\n2]\n    return x\n",
      "    x = f(a,  # ( a comment\nb)\n    return x\n",
      "    x = 1 + \\\n2\n    return x\n",
      "    s = '(' \n    t = \"\\\"[\"\n    return s\n",
      "    x = 1\n\f\n    return x\n",
      "    x = 1 \\\r\n+ 2\r\n",
  };
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(is_plain_body(text));
    CHECK(!is_plain_body(text + "def g(): pass"));
  }
}

TEST_CASE("marks of chat text in a body are looked at by who can parse it") {
  for (const char* mark : {"```", "<|endoftext|>", "</s>", "<eos>", "[EOS]"})
    CHECK(!is_plain_body(std::string("    return x") + mark));
  CHECK(is_plain_body("    return a < b and c<d\n"));
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

TEST_CASE("what is defined at the margin, and by which names") {
  using assay::datasets::defines_at_margin;
  CHECK(defines_at_margin("\n# so\nimport x\ndef f(): pass", "f"));
  CHECK(defines_at_margin("f = lambda: 1", "f"));
  CHECK(!defines_at_margin("def f_one(): pass", "f"));
  CHECK(!defines_at_margin("class A:\n    def f(self): pass", "f"));
  CHECK(assay::datasets::functions_at_margin("def a(): 1\nx = 2\nclass B:\n  def c(): 1\n") ==
        std::vector<std::string>{"a", "B"});
}

TEST_CASE("the entry point many times in one line takes no longer than a line of its length") {
  // Each occurrence went back to the line's beginning: 1.5 MB took 15 s (attack 71).
  std::string line = "```\n";
  for (int i = 0; i < 1 << 20; ++i) line += "f ";
  CHECK(!assay::datasets::defines_at_margin(line, "f"));
  CHECK(assay::datasets::entry_point_of("def f(): pass\n" + line, line + "f(1)") == "f");
}
