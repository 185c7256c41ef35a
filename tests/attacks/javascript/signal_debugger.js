// expect: error, crash, fail, timeout
process.kill(process.pid, 'SIGUSR1');
setTimeout(() => require('inspector').url() ? answer() : process.exit(1), 50);
