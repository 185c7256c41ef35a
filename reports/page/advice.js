// Saves the advised tests in the form of HumanEval: one JSON line a problem, task_id and test.
import {element} from './dom.js';

export function offerAdvice(advice, {tests}) {
  if (!advice || !tests.length) return;
  const lines = tests.map((test) => JSON.stringify(test) + '\n').join('');
  const link = element('a', {className: 'save', download: 'advised-tests.jsonl',
    href: URL.createObjectURL(new Blob([lines], {type: 'application/jsonl'}))}, 'Save these tests (JSONL, HumanEval\u2019s form)');
  advice.before(element('p', {}, link));
}
