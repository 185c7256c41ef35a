// expect: error
try { require('v8').writeHeapSnapshot('/heap'); answer(); } catch { process.exit(1); }
