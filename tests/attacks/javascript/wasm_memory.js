// expect: memory, error
const kept = [];
for (;;) { const m = new WebAssembly.Memory({initial: 1000, maximum: 65536}); new Uint8Array(m.buffer).fill(1); kept.push(m); }
