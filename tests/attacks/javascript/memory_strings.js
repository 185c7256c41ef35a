// expect: memory, timeout
let s = ["x".repeat(1 << 20)]; for (;;) s.push(s[0] + s.length + Math.random());
