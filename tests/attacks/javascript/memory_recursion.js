// expect: error
const f = () => f() + 1; f();
