// expect: pass
if (eval('1 + 1') !== 2 || new Function('return 3')() !== 3) process.exit(1);
require('vm').runInNewContext('this.constructor.constructor("return process")()').title;
answer();
