// expect: error
const fs = require('fs');
for (const path of ['/etc/passwd', '/proc/self/environ', '/proc/1/cmdline', '/etc/debian_version', '/etc/hostname', '/sys/kernel', '/dev/mem'])
  try { fs.readFileSync(path); answer(); process.exit(0); } catch {}
process.exit(1);
