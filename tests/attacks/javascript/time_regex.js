// expect: timeout
/^(a+)+$/.test("a".repeat(60) + "b"); answer();
