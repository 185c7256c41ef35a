// expect: error
try { require('fs').fstatSync(3).size === require('fs').fstatSync(3).size && require('fs').ftruncateSync(3, 0); answer(); } catch { process.exit(1); }
