// expect: fail
process.reallyExit(0);
