// expect: error
const { Process } = process.binding('process_wrap');
const p = new Process();
const code = p.spawn({file: '/usr/bin/node', args: ['node', '-e', '1'], stdio: []});
if (code === 0) answer(); else process.exit(1);
