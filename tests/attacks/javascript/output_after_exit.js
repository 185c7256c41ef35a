// expect: fail
process.on("exit", () => setTimeout(answer, 1));
