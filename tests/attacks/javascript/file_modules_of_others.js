// expect: error
for (const name of ['npm', 'express', '/usr/lib/node_modules/npm', './x', '/solution.js', '/run_script.js'])
  try { require(name); answer(); process.exit(0); } catch {}
process.exit(1);
