// expect: memory, crash, timeout, error
const { Worker } = require('worker_threads');
new Worker('const kept = []; for (;;) kept.push(new Array(1e6).fill({}))', {eval: true, resourceLimits: {maxOldGenerationSizeMb: 100000}});
