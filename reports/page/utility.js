// The sliders for lambda and kappa: the optimum of every model, recomputed from the exact curves.
import {element} from './dom.js';
import {remembered} from './memory.js';

// As `assay limits` has them: K within kBand of the best do as well; a later K must be better by more
// than rounding.
const kBand = 0.01, kTieWidth = 1e-12;

// Best K (smallest on ties), its worth, and the run of K around it that does as well.
export function optimum(row, lambda, kappa) {
  const worth = row.k.map((_, i) => row.tp[i] - lambda * row.fp[i] - kappa * row.draws[i]);
  let at = 0;
  for (let i = 1; i < worth.length; ++i) if (worth[i] > worth[at] + kTieWidth) at = i;
  const best = worth[at];
  let lo = at, hi = at;
  while (lo > 0 && worth[lo - 1] >= best - kBand) --lo;
  while (hi + 1 < worth.length && worth[hi + 1] >= best - kBand) ++hi;
  return {k: row.k[at], worth: worth[at], lo: row.k[lo], hi: row.k[hi], censored: at > 0 && worth[worth.length - 1] >= best - kTieWidth};
}

// Signs as the tables have them; what rounds to nothing has none.
const shown = (value) => value.toFixed(3).replace(/^-(0\.000)$/, '$1').replace('-', '\u2212');

function slider(name, explanation, max, step, value, changed) {
  const number = element('input', {type: 'number', min: 0, max, step, value, inputMode: 'decimal'});
  const range = element('input', {type: 'range', min: 0, max, step, value});
  number.setAttribute('aria-label', `${name}, ${explanation}`);
  range.setAttribute('aria-label', `${name}, ${explanation}`);
  const take = (from, to) => from.addEventListener('input', () => {
    const given = Number(from.value);
    if (from.value === '' || !Number.isFinite(given) || given < 0) return;
    to.value = given;
    changed(given);
  });
  take(number, range);
  take(range, number);
  return element('div', {className: 'slider'}, element('strong', {}, name), range, number,
    element('small', {}, explanation));
}

export function followUtility(panel, box) {
  const rows = box.chart.spec.data.values;
  const state = remembered('utility', {lambda: 1, kappa: 0});
  const body = element('tbody');
  const head = ['model', 'best K', 'do as well', 'worth in these samples'].map((name, i) =>
    element('th', {scope: 'col', className: i ? 'number' : ''}, name));
  const caption = element('caption');
  const update = () => {
    caption.textContent = `Best number of samples at \u03bb = ${state.lambda}, \u03ba = ${state.kappa}`;
    body.replaceChildren(...rows.map((row) => {
      const best = optimum(row, state.lambda, state.kappa);
      const cells = [(best.censored ? '\u2265 ' : '') + best.k, best.lo === best.hi ? '\u2013' : `${best.lo}\u2013${best.hi}`,
        shown(best.worth)];
      return element('tr', {className: row.model === box.model ? 'chosen' : ''},
        element('th', {scope: 'row'}, row.model), ...cells.map((text) => element('td', {className: 'number'}, text)));
    }));
  };
  const signals = () => {
    const row = rows.find((candidate) => candidate.model === box.model);
    const best = optimum(row, state.lambda, state.kappa);
    box.view.signal('lambda', state.lambda).signal('kappa', state.kappa)
      .signal('band_lo', best.lo).signal('band_hi', best.hi);
  };
  box.listeners.push(() => { signals(); update(); });
  const changed = (name) => (value) => { state[name] = value; update(); box.set(name, value); };
  panel.replaceChildren(
    element('div', {className: 'sliders'},
      slider('\u03bb', 'what a wrong answer costs, in right answers', 16, 0.1, state.lambda, changed('lambda')),
      slider('\u03ba', 'what one sample costs, in right answers', 0.05, 0.0005, state.kappa, changed('kappa'))),
    element('div', {className: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Best number of samples'},
      element('table', {id: 'optimum', 'aria-live': 'polite'}, caption, element('thead', {}, element('tr', {}, ...head)), body)));
  box.figure.querySelector('.plot').before(panel.querySelector('.sliders'));
  update();
}
