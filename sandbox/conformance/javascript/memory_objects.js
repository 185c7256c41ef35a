// expect: memory, timeout
const kept = []; for (;;) kept.push({a: kept.length, b: [kept.length]});
