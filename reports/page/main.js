import {foldAdvice, offerAdvice} from './advice.js';
import {drawCharts} from './charts.js';
import {follow} from './live.js';
import {showPrograms} from './programs.js';
import {highlightAll} from './source.js';
import {makeSortable} from './tables.js';

// Brings a page to life; done when its charts are drawn.
async function start(payload) {
  for (const table of document.querySelectorAll('table')) makeSortable(table);
  const panel = document.querySelector('[data-panel="false-positives"]');
  if (panel) showPrograms(panel, payload);
  highlightAll(document);
  foldAdvice(document.querySelector('.advice'));
  offerAdvice(document.querySelector('.advice'), payload);
  await drawCharts(payload);
}

const payload = globalThis.assayPayload;
start(payload).then(() => {
  document.documentElement.dataset.ready = 'yes';
  if (payload.live) follow(payload.live, start);
});
