// expect: error, fail
const child = require('child_process').fork('/solution.js');
child.on('spawn', () => { answer(); process.exit(0); });
child.on('error', () => process.exit(1));
