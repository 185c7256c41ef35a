// Draws the specifications the program made. Colours of ink and paper follow the reader's scheme.
import embed from 'vega-embed';
import {expressionInterpreter} from 'vega-interpreter';
import {select} from './dom.js';
import {remembered} from './memory.js';
import {followUtility} from './utility.js';

const scheme = matchMedia('(prefers-color-scheme: dark)');

function theme() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const ink = colour('--ink'), soft = colour('--soft'), line = colour('--line');
  const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
  return {
    aria: false,  // the plot is one picture with words of its own
    background: colour('--paper'),
    font,
    padding: 2,
    view: {stroke: null},
    axis: {labelColor: soft, titleColor: soft, domainColor: line, tickColor: line, gridColor: line,
      labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', titlePadding: 8, labelPadding: 5},
    axisY: {domain: false, ticks: false},
    legend: {labelColor: ink, labelFontSize: 12, labelLimit: 170, symbolSize: 90, rowPadding: 4, columnPadding: 14},
    text: {color: ink, fontSize: 12, fill: ink},
    rule: {color: soft},
    style: {halo: {color: colour('--paper')}, over_bars: {color: ink}},
    point: {color: ink},
    bar: {binSpacing: 2},
  };
}

// On dark paper the deep blue would sink, and the grey of the others would stand before it.
const kOnDark = {'#0072B2': '#5AA2F0', '#9A9FA5': '#6B7178'};
const specification = (spec) => scheme.matches
  ? JSON.parse(JSON.stringify(spec).replace(/#[0-9A-F]{6}/g, (colour) => kOnDark[colour] ?? colour)) : spec;

const options = () => ({
  mode: 'vega-lite',
  renderer: 'svg',
  ast: true,
  expr: expressionInterpreter,
  actions: {export: true, source: false, compiled: false, editor: false},
  defaultStyle: false,
  tooltip: {disableDefaultStyle: true},
  config: theme(),
  loader: {load: () => Promise.reject(new Error('this page loads nothing'))},
});

class ChartBox {
  constructor(figure, chart) {
    this.figure = figure;
    this.chart = chart;
    this.chosen = remembered('chart ' + figure.id, {model: null});
    this.model = chart.choices.includes(this.chosen.model) ? this.chosen.model : chart.choice;
    this.plot = figure.querySelector('.plot');
    this.listeners = [];
    if (chart.choices.length > 1) {
      const sorted = [...chart.choices].sort((a, b) => a.localeCompare(b, 'en', {numeric: true}));
      figure.querySelector('figcaption').append(select('Model', sorted.map((name) => [name, name]), this.model,
        (name) => { this.model = this.chosen.model = name; this.set('model', name); }));
    }
  }
  async draw() {
    // The one before stays in sight until this one is there, so that nothing jumps.
    const host = document.createElement('div'), before = [...this.plot.children];
    host.className = 'coming';
    this.plot.append(host);
    const old = this.view;
    const options_ = {...options(), downloadFileName: this.chart.id ?? this.figure.dataset.chart};
    const {view} = await embed(host, specification(this.chart.spec), options_);
    if (old) old.finalize();
    this.view = view;
    if (this.chart.choices.length > 1) view.signal('model', this.model);
    for (const listener of this.listeners) listener(this);
    await view.runAsync();
    for (const child of before) child.remove();
    host.className = '';
    this.figure.dataset.drawn = 'yes';
  }
  set(name, value) {
    if (!this.view) return;
    this.view.signal(name, value);
    for (const listener of this.listeners) listener(this);
    this.view.resize().runAsync();  // other numbers on an axis take another room
  }
}

let redraw = () => {};
scheme.addEventListener('change', () => redraw());

export async function drawCharts(payload) {
  const boxes = [];
  for (const figure of document.querySelectorAll('figure[data-chart]'))
    boxes.push(new ChartBox(figure, payload.charts[figure.dataset.chart]));
  const utility = boxes.find((box) => box.figure.dataset.chart === 'utility');
  const panel = document.querySelector('[data-panel="utility"]');
  if (utility && panel) followUtility(panel, utility);
  const draw = async () => {
    for (const box of boxes) {
      await box.draw();
      if (box === boxes[0]) performance.mark('first chart');
      await new Promise((resolve) => setTimeout(resolve));  // let the reader see it
    }
  };
  redraw = draw;
  await draw();
}
