// expect: pass
const fs = require('fs');
const walk = (folder, depth) => {
  for (const entry of fs.readdirSync(folder, {withFileTypes: true})) {
    const path = (folder === '/' ? '' : folder) + '/' + entry.name;
    if (/\/(passwd|shadow|\.ssh|\.git|home|work|root|proc|sys|etc)$/.test(path)) process.exit(1);
    if (entry.isDirectory() && depth < 9) walk(path, depth + 1);
  }
};
walk('/', 0);
answer();
