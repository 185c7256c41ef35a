// expect: error, syntax
require('fs').writeSync(2, 'assay: does not compile\n1\nnot at all\n');
process.exit(1);
