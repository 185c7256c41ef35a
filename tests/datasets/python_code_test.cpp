#include "datasets/python_code.h"

#include <doctest/doctest.h>

using assay::datasets::code_of;

TEST_CASE("comments, spacing and quotes are no part of a program") {
  const char* programs[] = {
      "def f(x):\n    return x + 'a'\n",
      "def f( x ) :\n\n  # a comment\n  return x+\"a\"",
      "def f(x):\r\n\treturn x \\\r\n +'a' # '''\r\n",
      "def f(x):\n    '''What it\n  does.'''\n    return x + 'a'\n",
      "\n\n# first\ndef f(\n    x  # the input\n):\n        return x + 'a'\n",
  };
  for (const char* program : programs) {
    CAPTURE(program);
    CHECK(code_of(program) == "def f ( x ) :\n\treturn x + 'a'\n");
  }
}

TEST_CASE("what a program does is a part of it") {
  const char* programs[] = {
      "def f(x):\n    return x\n",
      "def f(x):\n    return  'x'\n",
      "def f(x):\n    return 'x '\n",
      "def f(x):\n    return '# x'\n",
      "def f(x):\n    return r'x'\n",
      "def f(x):\n    return '\\'x'\n",
      "def f(x):\n    return '''x\n  '''\n",
      "def f(x):\n    return '''x\n '''\n",
      "def f(x):\n    return not x\n",
      "def f(x):\n    return notx\n",
      "def f(x):\n    if x:\n        x = 1\n    return x\n",
      "def f(x):\n    if x:\n        x = 1\n        return x\n",
      "def f(x):\n    f'{x.pop()}'\n    return x\n",
      "def f(x):\n    x.pop\n    return x\n",
      "def f(x):\n    return x == 1\n",
      "def f(x):\n    return x == 1.\n",
  };
  for (const char* one : programs)
    for (const char* other : programs) {
      CAPTURE(one);
      CAPTURE(other);
      CHECK((code_of(one) == code_of(other)) == (one == other));
    }
}

TEST_CASE("an indent is a depth, and what follows a deeper block stands where it stood") {
  CHECK(code_of("if a:\n  if b:\n     c\n  d\ne\n") == "if a :\n\tif b :\n\t\tc\n\td\ne\n");
  CHECK(code_of("if a:\n\tif b:\n\t        c\n        d\n") == "if a :\n\tif b :\n\t\tc\n\td\n");
}

TEST_CASE("what is no program has some code too") {
  for (const char* text :
       {"\\", "'", "'''", "\"\\", "f'", ")))", "(((", "rb", "'a\nb", "\xff'", "  a\n b\n"}) {
    CAPTURE(text);
    CHECK_NOTHROW(code_of(text));
  }
  CHECK(code_of("").empty());
  CHECK(code_of("'''only words'''").empty());
}
