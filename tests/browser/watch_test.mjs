// A run watched in headless Chromium: node watch_test.mjs CHROMIUM ASSAY NODE_MODULES
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

const [chromiumPath, assay, modules] = process.argv.slice(2);
const {chromium} = createRequire(path.resolve(modules, 'here.js'))('playwright-core');

const folder = mkdtempSync(path.join(tmpdir(), 'assay-watch-'));
let browser, run, url, ended;

before(async () => {
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
  run = spawn(assay, ['run', '--dataset', 'builtin', '--samples', 'builtin', '-j', '1', '--watch', '0',
    '--db', path.join(folder, 'watch.db')], {stdio: ['ignore', 'ignore', 'pipe']});
  ended = new Promise((resolve) => run.on('exit', resolve));
  url = await new Promise((resolve, reject) => {
    let said = '';
    run.stderr.on('data', (bytes) => {
      said += bytes;
      const found = said.match(/http:\/\/127\.0\.0\.1:\d+\//);
      if (found) resolve(found[0]);
    });
    ended.then(() => reject(new Error('it ended at once: ' + said)));
  });
});
after(async () => {
  run?.kill('SIGKILL');
  await browser?.close();
  rmSync(folder, {recursive: true, force: true});
});

/// Asked from outside: a wait inside the page would need eval, which its policy forbids.
async function until(holds, milliseconds) {
  const deadline = Date.now() + milliseconds;
  while (!await holds()) {
    assert.ok(Date.now() < deadline, `not within ${milliseconds} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('the page follows the run and leaves the reader where he is', {timeout: 240000}, async () => {
  const page = await browser.newPage({viewport: {width: 1024, height: 900}});
  const said = [];
  page.on('console', (message) => said.push(message.text()));
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => { if (!request.url().startsWith(url) && !/^(data|blob):/.test(request.url())) said.push(request.url()); });
  const done = () => page.locator('.notes').innerText();

  await page.goto(url);
  await page.waitForSelector('html[data-ready]', {state: 'attached', timeout: 60000});
  // Until there is something to read: false positives, and advice.
  await page.waitForSelector('details.program', {state: 'attached', timeout: 120000});
  await page.waitForSelector('#rates tbody tr', {timeout: 60000});

  await page.locator('#rates thead').getByRole('button', {name: /^accuracy/}).click();
  const panel = page.locator('[data-panel="false-positives"]');
  const kind = panel.locator('label', {hasText: /^Kind/}).locator('select');
  await kind.selectOption('wrong value');
  const second = panel.locator('details.program').nth(1);
  await second.locator('summary').click();
  const key = await second.getAttribute('data-key');
  await page.evaluate(() => document.activeElement.blur());
  await second.evaluate((node) => node.scrollIntoView({block: 'start', behavior: 'instant'}));
  const top = () => page.evaluate((k) => [...document.querySelectorAll('details.program')]
    .find((node) => node.dataset.key === k)?.getBoundingClientRect().top, key);

  const before = await done(), was = await top();
  await until(async () => await done() !== before, 120000);
  await page.waitForTimeout(1500);
  assert.match(await done(), /The run goes on: \d+ of \d+ done/);
  assert.ok(Math.abs(await top() - was) < 3, `from ${was} to ${await top()}`);
  assert.equal(await kind.inputValue(), 'wrong value');
  assert.equal(await page.locator('#rates th[aria-sort="descending"]').textContent(), 'accuracy');
  const open = await page.evaluate(() => [...document.querySelectorAll('details.program[open]')].map((node) => node.dataset.key));
  assert.ok(open.includes(key));
  assert.deepEqual(said, []);

  run.kill('SIGINT');
  await until(() => page.evaluate(() => /The run has ended/.test(document.querySelector('.live')?.innerText ?? '')), 60000);
  assert.equal(await ended, 130);
  await assert.rejects(fetch(url), 'the server stops with the run');
  // The run once added so many programs that the open one fell off the end of the list.
  // The last page was once missed by who was just drawing the one before.
  assert.match(await page.locator('.live').innerText(), /This is the last page/);
  assert.doesNotMatch(await done(), /The run goes on/);
  assert.ok(Math.abs(await top() - was) < 3, `from ${was} to ${await top()}`);
});
