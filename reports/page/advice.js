// Saves the advised tests in the form of HumanEval: one JSON line a problem, task_id and test.
import {element} from './dom.js';
import {remembered} from './memory.js';

const kShown = 10;

// The problems with most wrong passes first; the rest behind a button.
export function foldAdvice(advice) {
  if (!advice) return;
  const state = remembered('advice', {all: false, open: null});
  for (const problem of advice.children) problem.dataset.key = 'advice ' + problem.querySelector('strong').textContent;
  state.open ??= new Set([...advice.children].filter((problem) => problem.open).map((problem) => problem.dataset.key));
  for (const problem of advice.children) {
    problem.open = state.open.has(problem.dataset.key);
    problem.addEventListener('toggle', () => {
      if (problem.open) state.open.add(problem.dataset.key);
      else state.open.delete(problem.dataset.key);
    });
  }
  const rest = [...advice.children].slice(kShown);
  if (rest.length < 3 || state.all) return;
  const button = element('button', {type: 'button', className: 'more'}, `Show all ${advice.children.length}`);
  for (const problem of rest) problem.hidden = true;
  button.addEventListener('click', () => {
    state.all = true;
    for (const problem of rest) problem.hidden = false;
    button.remove();
  });
  advice.after(button);
}

export function offerAdvice(advice, {tests}) {
  if (!advice || !tests.length) return;
  const lines = tests.map((test) => JSON.stringify(test) + '\n').join('');
  const link = element('a', {className: 'save', download: 'advised-tests.jsonl',
    href: URL.createObjectURL(new Blob([lines], {type: 'application/jsonl'}))}, 'Save these tests (JSONL, HumanEval\u2019s form)');
  advice.before(element('p', {}, link));
}
