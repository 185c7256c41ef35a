// expect: error, crash, memory, timeout
const { Worker } = require('worker_threads');
for (let i = 0; i < 2000; ++i) new Worker('for (;;) {}', {eval: true});
