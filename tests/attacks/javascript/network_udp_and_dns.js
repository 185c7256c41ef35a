// expect: error
const s = require('dgram').createSocket('udp4');
s.on('error', () => require('dns').lookup('localhost', {}, (e, a) => require('dns').resolve4('example.com', (f) => f ? process.exit(1) : answer())));
s.bind(0, answer);
