// expect: memory, timeout
require('v8').setFlagsFromString('--max-old-space-size=100000');
const kept = []; for (;;) kept.push(new Array(1e5).fill(kept.length + 0.5));
