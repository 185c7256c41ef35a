// expect: crash
process.abort();
