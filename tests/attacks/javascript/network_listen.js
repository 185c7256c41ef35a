// expect: error
try {
  require('net').createServer().listen('/socket').on('listening', answer).on('error', () =>
    require('net').createServer().listen(8080).on('listening', answer).on('error', () => process.exit(1)));
} catch { process.exit(1); }
