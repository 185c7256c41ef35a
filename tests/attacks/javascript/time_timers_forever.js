// expect: timeout
setInterval(() => {}, 1);
