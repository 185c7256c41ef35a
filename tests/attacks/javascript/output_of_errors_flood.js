// expect: timeout, memory, error
for (;;) console.error("no");
