// expect: fail
Object.prototype.toString = () => 'x'; Array.prototype.map = () => []; JSON.stringify = () => '';
answer();
