// Python source, highlighted; and the difference between two programs.
import {diffLines} from 'diff';
import hljs from 'highlight.js/lib/core';
import python from 'highlight.js/lib/languages/python';
import {element} from './dom.js';

hljs.registerLanguage('python', python);

// highlight.js answers with markup in which it has escaped the source; it is parsed apart from the
// page and only its text nodes and hljs- classes are taken over.
function copy(from, to) {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      to.append(child.data);
    } else {
      const span = element('span', {className: child.className});
      copy(child, span);
      to.append(span);
    }
  }
}

export function highlighted(source) {
  const code = element('code');
  const {value} = hljs.highlight(source, {language: 'python', ignoreIllegals: true});
  copy(new DOMParser().parseFromString(value, 'text/html').body, code);
  return code;
}

export function highlightAll(root) {
  for (const block of root.querySelectorAll('pre[data-language="python"]'))
    block.replaceChildren(highlighted(block.textContent));
}

// Lines of `wrong` and `correct`, those that differ marked.
export function difference(wrong, correct) {
  const ended = (text) => (text.endsWith('\n') ? text : text + '\n');
  const lines = [];
  for (const part of diffLines(ended(wrong), ended(correct))) {
    const kind = part.added ? 'added' : part.removed ? 'removed' : 'same';
    for (const line of part.value.replace(/\n$/, '').split('\n')) lines.push([kind, line]);
  }
  const sign = {added: '+', removed: '\u2212', same: ' '};
  const spoken = {added: 'in the correct one: ', removed: 'in the wrong one: ', same: ''};
  return element('pre', {className: 'code diff', tabIndex: 0}, ...lines.map(([kind, line]) =>
    element('span', {className: 'line ' + kind},
      element('span', {className: 'sign', 'aria-hidden': 'true'}, sign[kind]),
      element('span', {className: 'spoken'}, spoken[kind]), line, '\n')));
}
