// Sorting by a column's exact values, and folding of long tables.
import {element} from './dom.js';
import {remembered} from './memory.js';

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? null : Number(cell.dataset.value);
}

function compare(a, b, column, numeric) {
  if (!numeric) return a.cells[column].textContent.localeCompare(b.cells[column].textContent, 'en', {numeric: true});
  return value(a, column) - value(b, column);
}

function sort(table, column, descending) {
  const body = table.tBodies[0];
  const numeric = table.tHead.rows[0].cells[column].classList.contains('number');
  const rows = [...body.rows];
  rows.sort((a, b) => {
    // Undefined stays last, whichever way.
    if (numeric && (value(a, column) === null || value(b, column) === null))
      return (value(a, column) === null) - (value(b, column) === null);
    return (descending ? -1 : 1) * compare(a, b, column, numeric);
  });
  body.append(...rows);
}

function fold(table, state) {
  const shown = Number(table.dataset.shown);
  const total = table.tBodies[0].rows.length;
  if (!shown || total <= shown + 3) return () => {};
  const button = element('button', {type: 'button', className: 'more'});
  const apply = () => {
    [...table.tBodies[0].rows].forEach((row, i) => { row.hidden = !state.open && i >= shown; });
    button.textContent = state.open ? `Show the first ${shown}` : `Show all ${total.toLocaleString('en')}`;
  };
  button.addEventListener('click', () => { state.open = !state.open; apply(); });
  table.closest('.scroll').after(button);
  apply();
  return apply;
}

export function makeSortable(table) {
  const state = remembered('table ' + table.id, {open: false, column: null, descending: false});
  const refold = fold(table, state);
  if (table.tBodies[0].rows.length < 2) return;
  const headers = [...table.tHead.rows[0].cells];
  const apply = () => {
    for (const header of headers) header.removeAttribute('aria-sort');
    const header = headers.find((candidate) => candidate.textContent === state.column);
    if (!header) return;
    header.setAttribute('aria-sort', state.descending ? 'descending' : 'ascending');
    sort(table, headers.indexOf(header), state.descending);
    refold();
  };
  for (const header of headers) {
    const name = header.querySelector('.name');
    const button = element('button', {type: 'button', className: 'sort'}, name.textContent);
    name.replaceChildren(button);
    button.addEventListener('click', () => {
      const again = state.column === header.textContent;
      state.descending = again ? !state.descending : header.classList.contains('number');
      state.column = header.textContent;
      apply();
    });
  }
  apply();
}
