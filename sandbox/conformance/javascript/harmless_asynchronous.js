// expect: pass
new Promise((r) => setTimeout(r, 10)).then(answer);
