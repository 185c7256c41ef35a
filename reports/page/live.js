// While a run goes on: asks for the next page and puts it in place of this one, where the reader is.
import {element} from './dom.js';
import {unpack} from './unpack.js';

const kAnchors = 'section, figure, table, details, h3, tr, h1, li';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The reader is choosing, typing or marking text: nothing may move under his hands.
function isBusy() {
  const active = document.activeElement;
  return active?.matches('select, input') || !document.getSelection().isCollapsed;
}

const keyOf = (node) => node.id || node.dataset.key || node.closest('[id]')?.id + '/' + node.tagName +
  '/' + (node.querySelector('summary, th, .name') ?? node).textContent.slice(0, 200);

// The first thing in sight, and where it stands.
function place() {
  for (const node of document.querySelectorAll(kAnchors)) {
    const {top, height} = node.getBoundingClientRect();
    if (height > 0 && top >= 0 && top < innerHeight) return {key: keyOf(node), top};
  }
  return null;
}

function returnTo(was) {
  if (!was || scrollY === 0) return;
  for (const node of document.querySelectorAll(kAnchors))
    if (keyOf(node) === was.key) {
      scrollBy({top: node.getBoundingClientRect().top - was.top, behavior: 'instant'});
      return;
    }
}

// Which of the focusable parts of the nearest named part has the focus.
const kFocusable = 'a, button, select, input, summary, [tabindex]';
function focused() {
  const active = document.activeElement, home = active?.closest('[id]');
  return home && home !== active ? {id: home.id, index: [...home.querySelectorAll(kFocusable)].indexOf(active)} : null;
}

function focusOn(was) {
  if (was) document.getElementById(was.id)?.querySelectorAll(kFocusable)[was.index]?.focus({preventScroll: true});
}

// Charts stay as they are until the new ones are drawn.
function keepPlots(next) {
  for (const figure of document.querySelectorAll('figure[data-drawn]')) {
    const plot = next.querySelector(`#${CSS.escape(figure.id)} .plot`);
    if (plot) plot.replaceChildren(...figure.querySelector('.plot').children);
  }
}

async function read(text) {
  const next = new DOMParser().parseFromString(text, 'text/html');
  return {next, payload: JSON.parse(await unpack(next.getElementById('payload').textContent))};
}

async function show({next, payload}, start) {
  const was = place(), focus = focused();
  keepPlots(next);
  document.title = next.title;
  const words = document.querySelector('.live');
  if (words) next.querySelector('header').prepend(words);
  for (const part of ['header', 'nav', 'main'])
    document.querySelector(part).replaceWith(document.adoptNode(next.querySelector(part)));
  const drawn = start(payload);
  returnTo(was);
  focusOn(focus);
  await drawn;
  returnTo(was);
}

function say(words) {
  document.querySelector('.live')?.remove();
  document.querySelector('header').prepend(element('p', {className: 'live', role: 'status'}, words));
}

export async function follow(number, start) {
  let latest = null, isOver = false;
  // Asks on while a page is drawn or the reader is busy, so that the last one is never missed.
  const receive = async () => {
    for (let seen = number; seen > 0;) {
      const answer = await fetch(`next?seen=${seen}`);
      if (answer.status === 204) continue;
      if (!answer.ok) return;
      latest = await read(await answer.text());
      seen = latest.payload.live;
    }
  };
  receive().catch(() => {}).finally(() => { isOver = true; });
  say('Live. This page follows the run.');
  for (;;) {
    while (latest ? isBusy() : !isOver) await pause(200);
    if (!latest) return say('The run has ended or was stopped. This page stays as it is; assay report makes the last one.');
    const page = latest;
    latest = null;
    await show(page, start);
    if (page.payload.live === 0) return say('The run has ended. This is the last page.');
    say(`Live. This page follows the run; last at ${new Date().toLocaleTimeString()}.`);
  }
}
