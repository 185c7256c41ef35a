// expect: syntax
function add(a, b) { return a +; }
