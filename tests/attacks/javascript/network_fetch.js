// expect: error
fetch("http://127.0.0.1/").then(answer, () => process.exit(1));
