// Sorting by a column's exact values, and folding of long tables.
import {element} from './dom.js';

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

function fold(table) {
  const shown = Number(table.dataset.shown);
  const total = table.tBodies[0].rows.length;
  if (!shown || total <= shown + 3) return () => {};
  let open = false;
  const button = element('button', {type: 'button', className: 'more'});
  const apply = () => {
    [...table.tBodies[0].rows].forEach((row, i) => { row.hidden = !open && i >= shown; });
    button.textContent = open ? `Show the first ${shown}` : `Show all ${total.toLocaleString('en')}`;
  };
  button.addEventListener('click', () => { open = !open; apply(); });
  table.closest('.scroll').after(button);
  apply();
  return apply;
}

export function makeSortable(table) {
  const refold = fold(table);
  if (table.tBodies[0].rows.length < 2) return;
  const headers = [...table.tHead.rows[0].cells];
  headers.forEach((header, column) => {
    const name = header.querySelector('.name');
    const button = element('button', {type: 'button', className: 'sort'}, name.textContent);
    name.replaceChildren(button);
    button.addEventListener('click', () => {
      const numeric = header.classList.contains('number');
      const was = header.getAttribute('aria-sort');
      const descending = was ? was === 'ascending' : numeric;
      for (const other of headers) other.removeAttribute('aria-sort');
      header.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      sort(table, column, descending);
      refold();
    });
  });
}
