// expect: syntax, error, crash
eval("(".repeat(1e6)); answer();
