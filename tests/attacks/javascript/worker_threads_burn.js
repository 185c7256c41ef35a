// expect: timeout
const { Worker } = require('worker_threads');
new Worker('for (;;) {}', {eval: true});
setTimeout(answer, 100000);
