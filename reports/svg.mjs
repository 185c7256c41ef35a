// Draws a chart that `assay report --charts` wrote as SVG, for pages that cannot run scripts.
// node svg.mjs SPECIFICATION OUTPUT MODULES [PARAMETER=VALUE ...]: MODULES is build/.../page/node_modules.
import {readFile, writeFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const [input, output, modules, ...settings] = process.argv.slice(2);
const require = createRequire(path.resolve(modules, 'here.js'));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const [vega, lite] = [await load('vega'), await load('vega-lite')];

const spec = JSON.parse(await readFile(input, 'utf8'));
for (const setting of settings) {
  const [name, value] = setting.split(/=(.*)/s);
  const known = spec.params?.find((param) => param.name === name);
  if (!known) throw new Error(`${input} has no parameter ${name}`);
  known.value = typeof known.value === 'number' ? Number(value) : value;
}
const config = {background: 'white', font: 'sans-serif', view: {stroke: null}, padding: 8,
  style: {halo: {color: 'white'}, over_bars: {color: 'black'}}};
const view = new vega.View(vega.parse(lite.compile({...spec, width: 640}, {config}).spec), {renderer: 'none'});
await writeFile(output, `${await view.toSVG()}\n`);
