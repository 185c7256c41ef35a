// expect: error
let written = '';
try { written = process.report.writeReport('/report.json'); } catch {}
try { require('inspector').open(9229, '127.0.0.1'); if (require('inspector').url()) written = 'x'; } catch {}
if (written) answer(); else process.exit(1);
