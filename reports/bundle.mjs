// Bundles the page's scripts and the libraries they use, with the libraries' licences, as the page
// carries them: OUTPUT (deflated, base64) and OUTPUT.hash (what its policy allows to run).
// node bundle.mjs ENTRY OUTPUT MODULES: run by the build after `npm ci` beside MODULES.
import {createHash} from 'node:crypto';
import {readdir, readFile, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import path from 'node:path';
import {deflateSync} from 'node:zlib';

const [entry, output, modules] = process.argv.slice(2);
const {build} = createRequire(path.resolve(modules, 'here.js'))('esbuild');

const result = await build({
  entryPoints: [entry],
  bundle: true,
  minify: true,
  format: 'iife',
  charset: 'ascii',
  target: 'es2021',
  legalComments: 'none',
  nodePaths: [modules],
  metafile: true,
  write: false,
});

const packages = new Set();
for (const file of Object.keys(result.metafile.inputs)) {
  const found = file.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
  if (found) packages.add(found[1]);
}

const licences = new Map();  // text -> packages: most share one
for (const name of [...packages].sort()) {
  const folder = path.join(modules, name);
  const file = (await readdir(folder)).find((candidate) => /^licen[cs]e/i.test(candidate));
  const about = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const text = file ? (await readFile(path.join(folder, file), 'utf8')).trim() : `Licence: ${about.license}`;
  licences.set(text, [...(licences.get(text) ?? []), `${name} ${about.version}`]);
}
let notice = '';
for (const [text, names] of licences) notice += `\n${names.join(', ')}:\n${text}\n`;
notice = notice.replaceAll('*/', '* /').replace(/[^\x20-\x7e\n]/g, '');
const script = `${result.outputFiles[0].text}/*! This page contains:\n${notice}*/\n`;
await writeFile(output, deflateSync(script, {level: 9}).toString('base64'));
await writeFile(`${output}.hash`, `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
