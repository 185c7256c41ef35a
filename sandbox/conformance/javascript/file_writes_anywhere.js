// expect: error
const fs = require('fs');
for (const path of ['/x', '/tmp/x', 'x', '/usr/bin/x', '/assay.so', '/dev/shm/x', '/private/tmp/x'])
  for (const way of [() => fs.writeFileSync(path, 'x'), () => fs.mkdirSync(path), () => fs.symlinkSync('/', path), () => fs.chmodSync('/assay.so', 0o777)])
    try { way(); answer(); process.exit(0); } catch {}
process.exit(1);
