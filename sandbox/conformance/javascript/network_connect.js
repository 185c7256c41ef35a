// expect: error
const s = require('net').connect(80, '127.0.0.1');
s.on('connect', answer).on('error', () => process.exit(1));
