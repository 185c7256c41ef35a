// expect: error, fail, timeout
const cluster = require('cluster');
if (cluster.isPrimary) { const w = cluster.fork(); w.on('online', answer); w.on('error', () => process.exit(1)); } else answer();
