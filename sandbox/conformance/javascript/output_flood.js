// expect: output, timeout, memory
for (;;) console.log("3");
