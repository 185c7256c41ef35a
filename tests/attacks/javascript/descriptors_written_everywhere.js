// expect: fail, error, crash
const fs = require('fs');
for (let fd = 0; fd < 100; ++fd) if (fd !== 2) try { fs.writeSync(fd, '3\n-2\n1100\n7\n777777\n'); } catch {}
process.exit(1);
