// expect: fail
process.exit(0);
