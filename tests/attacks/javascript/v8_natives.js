// expect: crash, error, fail, syntax, timeout
require('v8').setFlagsFromString('--allow-natives-syntax');
eval('%AbortJS("no")');
