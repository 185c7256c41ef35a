// The false positives: filters, and one fold per distinct program.
import {element, plural, select} from './dom.js';
import {remembered} from './memory.js';
import {difference, highlighted} from './source.js';

const kPage = 25;
const copiesOf = (program) => program.copies.reduce((sum, [, n]) => sum + n, 0);

function distinct(values) {
  return [...new Set(values)].sort((a, b) => a.localeCompare(b, 'en', {numeric: true}));
}

function caught(program) {
  if (!program.judged) return '';
  const of = `${program.failed.toLocaleString('en')} of ${plural(program.judged, program.suite + ' test')}`;
  return program.whole ? `${of} catch it` : `${of} judged catch it; the rest was not run`;
}

function witness(program) {
  const row = (name, text) => text === '' ? null
    : element('div', {}, element('dt', {}, name), element('dd', {}, element('pre', {tabIndex: 0}, text)));
  const input = program.test === undefined ? 'Input' : `Input, test ${program.test} of ${program.suite}`;
  return element('dl', {className: 'witness'}, row(input, program.input), row('Expected', program.expected),
    row(program.kind === 'wrong value' ? 'Returned instead' : program.kind, program.actual || program.message));
}

function body(program, texts) {
  const source = texts[program.source];
  const wrong = element('div', {}, element('h4', {}, 'The program'),
    element('pre', {className: 'code', tabIndex: 0}, highlighted(source)));
  const right = program.nearest === undefined ? element('p', {className: 'hint'}, 'No correct program for this problem is in the data.')
    : element('div', {}, element('h4', {}, 'Against the nearest correct program'), difference(source, texts[program.nearest]),
      program.compared_in_part ? element('p', {className: 'hint'}, 'The programs here are too long or too many to compare all of them whole: another correct one may be nearer.') : null);
  const models = element('p', {}, 'From ', program.copies.map(([model, n]) => n > 1 ? `${model} (${plural(n, 'sample')})` : model).join(', '), '.');
  return [witness(program), element('div', {className: 'pair'}, wrong, right), models];
}

const keyOf = (program, texts) => program.problem + '\n' + texts[program.source];

function fold(program, texts, open) {
  const copies = copiesOf(program);
  const details = element('details', {className: 'program'}, element('summary', {},
    element('strong', {}, program.problem), ' ',
    element('span', {className: 'failure'}, program.kind), ' ',
    element('span', {className: 'from'}, program.copies.length > 2 ? plural(program.copies.length, 'model') : program.copies.map(([m]) => m).join(', '),
      copies > 1 ? `, ${plural(copies, 'sample')}` : ''), ' ',
    element('small', {}, caught(program))));
  details.dataset.key = keyOf(program, texts);
  const fill = () => {
    if (details.open && details.children.length === 1) details.append(...body(program, texts));
  };
  details.open = open.has(details.dataset.key);
  fill();
  details.addEventListener('toggle', () => {
    fill();
    if (details.open) open.add(details.dataset.key);
    else open.delete(details.dataset.key);
  });
  return details;
}

export function showPrograms(panel, {programs, texts}) {
  const state = remembered('programs', {problem: '', model: '', kind: '', order: 'copies', shown: kPage, open: new Set()});
  const list = element('div', {className: 'programs'});
  const status = element('p', {role: 'status', className: 'status'});
  const more = element('button', {type: 'button', className: 'more'});
  const orders = {
    problem: (a, b) => a.problem.localeCompare(b.problem, 'en', {numeric: true}),
    copies: (a, b) => copiesOf(b) - copiesOf(a),
    hardest: (a, b) => a.failed / Math.max(1, a.judged) - b.failed / Math.max(1, b.judged),
  };
  const choose = () => programs.filter((p) => (!state.problem || p.problem === state.problem) &&
    (!state.kind || p.kind === state.kind) && (!state.model || p.copies.some(([m]) => m === state.model)))
    .sort(orders[state.order]);
  const update = () => {
    const chosen = choose();
    const samples = chosen.reduce((sum, p) => sum + copiesOf(p), 0);
    status.textContent = `${plural(chosen.length, 'distinct program')}, ${plural(samples, 'sample')}` +
      (chosen.length < programs.length ? `, of ${programs.length.toLocaleString('en')} programs` : '');
    list.replaceChildren(...chosen.slice(0, state.shown).map((p) => fold(p, texts, state.open)));
    more.hidden = chosen.length <= state.shown;
    more.textContent = `Show ${Math.min(kPage, chosen.length - state.shown)} more`;
  };
  // The first one open shows what a fold holds.
  const updateAndOpen = () => {
    update();
    if (list.firstChild) list.firstChild.open = true;
  };
  const filter = (name) => (value) => { state[name] = value; state.shown = kPage; updateAndOpen(); };
  const any = (label, values) => [['', label], ...values.map((value) => [value, value])];
  more.addEventListener('click', () => { state.shown += kPage; update(); });
  panel.replaceChildren(element('div', {className: 'filters'},
    select('Problem', any('all', distinct(programs.map((p) => p.problem))), state.problem, filter('problem')),
    select('Model', any('all', distinct(programs.flatMap((p) => p.copies.map(([m]) => m)))), state.model, filter('model')),
    select('Kind', any('all', distinct(programs.map((p) => p.kind))), state.kind, filter('kind')),
    select('Order', [['copies', 'most samples first'], ['hardest', 'hardest to catch first'], ['problem', 'by problem']], state.order, filter('order'))),
    status, list, more);
  // Programs that a followed run adds before what the reader has open must not push it off the list.
  state.shown = Math.max(state.shown, 1 + choose().findLastIndex((p) => state.open.has(keyOf(p, texts))));
  if (state.open.size === 0) updateAndOpen();
  else update();
}
