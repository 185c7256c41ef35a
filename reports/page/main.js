import {foldAdvice, offerAdvice} from './advice.js';
import {drawCharts} from './charts.js';
import {showPrograms} from './programs.js';
import {highlightAll} from './source.js';
import {makeSortable} from './tables.js';

const payload = globalThis.assayPayload;
for (const table of document.querySelectorAll('table')) makeSortable(table);
const panel = document.querySelector('[data-panel="false-positives"]');
if (panel) showPrograms(panel, payload);
highlightAll(document);
foldAdvice(document.querySelector('.advice'));
offerAdvice(document.querySelector('.advice'), payload);
drawCharts(payload).then(() => {
  document.documentElement.dataset.ready = 'yes';
});
