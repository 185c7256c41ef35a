// expect: fail, error
const { Worker } = require('worker_threads');
new Worker('setTimeout(() => process.stdout.write("3\\n"), 50)', {eval: true});
process.exit(0);
