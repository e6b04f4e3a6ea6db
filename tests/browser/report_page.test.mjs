// report.html as a person uses it: in Chromium, by mouse and keyboard. R18
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Browser } from './webdriver.mjs';

let browser, folder;
const page = (kind, hash = '') => 'file://' + join(folder, kind + '.html') + hash;
const rows = () => browser.texts('#list .row .name');
const count = () => browser.text('#count');
const focused = () => browser.run('return document.activeElement.id');

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cleave-pages-'));
  for (const kind of ['green', 'red', 'hostile', 'huge']) execFileSync(process.env.CLEAVE_REPORT_PAGE, [kind, join(folder, kind + '.html')]);
  browser = await Browser.start();
});
after(async () => {
  await browser?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await browser.resize(1280, 860);
  await browser.prefer('light');
  await browser.complaints();
});
// Of every test: an error in a script, or anything that the page wanted to load, is told on the console.
afterEach(async () => assert.deepEqual(await browser.complaints(), []));

test('a red run opens with its problems and failures', async () => {
  await browser.open(page('red'));
  assert.equal(await browser.text('h1'), '3 of 427 tests failed, 1 did not run');
  assert.equal(await browser.visible('#overview'), true);
  assert.equal(await browser.visible('#tests'), false);
  const titles = await browser.texts('#overview h2');
  assert.match(titles[0], /^Problems of the run\s*1$/);
  assert.match(titles[1], /^Failures\s*4$/);
  const card = (await browser.texts('#overview a.failure'))[0];
  assert.match(card, /OrderStore\.SettlesWhenPaidInFull/);
  assert.match(card, /store_test\.cpp:42/);
  assert.match(card, /Which is: 41\.97/);
});

test('a green run says so and shows no failures', async () => {
  await browser.open(page('green'));
  assert.match(await browser.text('h1'), /^475 tests passed, 5 skipped$/);
  assert.ok(!(await browser.texts('#overview h2')).some((title) => /Failures|Problems|Flaky/.test(title)));
});

test('the time is compared with what no schedule beats, where that is known', async () => {
  await browser.open(page('green'));
  const balance = () => browser.run("return [...document.querySelectorAll('#overview section')].find((s) => /^Balance/.test(s.innerText)).innerText");
  const told = await balance();
  assert.match(told, /Predicted\s+1\.10 s/);
  assert.match(told, /At best\s+1\.00 s/);
  assert.match(told, /No schedule over \d+ shards ends before 1\.00 s: lock:db\./);
  assert.match(told, /Faster: let fewer hold lock:db\./);
  await browser.open(page('red'));
  assert.match(await balance(), /How short it could be is not known/);
});

test('a chip leaves only the tests of its outcome', async () => {
  await browser.open(page('red'));
  await browser.click('.chip.c');
  assert.equal(await count(), '1 of 427 tests');
  assert.deepEqual(await rows(), ['SearchIndex.FindsLateRows']);
  await browser.click('.chip.y');
  assert.equal(await count(), '2 of 427 tests', 'chips add up');
  await browser.click('.chip.c');
  await browser.click('.chip.y');
  assert.equal(await count(), '427 tests');
});

test('search, tag, shard and order work together', async () => {
  await browser.open(page('red', '#view=tests'));
  await browser.click('#search');
  await browser.keys('schema rebuilds');
  assert.deepEqual(await rows(), ['Schema.SERIAL_Rebuilds'], 'all words, in any case');
  await browser.run("for (const [id, value] of [['tag', 'serial'], ['shard', 'serial']]) { const s = document.getElementById(id); s.value = value; s.dispatchEvent(new Event('change')); }");
  assert.equal(await count(), '1 of 427 tests');
  await browser.run("const s = document.getElementById('tag'); s.value = 'lock:db'; s.dispatchEvent(new Event('change'))");
  assert.equal(await count(), '0 of 427 tests');
  await browser.click('#clear');
  assert.equal(await count(), '427 tests');
  await browser.run("const s = document.getElementById('sort'); s.value = 'slow'; s.dispatchEvent(new Event('change'))");
  assert.equal((await rows())[0], 'RateLimiterTest.WaitsForTokens');
});

test('a click opens the whole failure', async () => {
  await browser.open(page('red'));
  await browser.click('#overview a.failure');
  const sheet = await browser.text('#detail');
  for (const part of ['OrderStore.SettlesWhenPaidInFull', 'store_test.cpp:42', 'tests/order_test.cpp:91', 'Actual: false', 'row 1 of 5000 written',
    '81,089 bytes left out', 'rounding 41.974999', 'postgres 15', '/runs/1/tmp/s3']) assert.ok(sheet.includes(part), part + ' in ' + sheet);
  assert.equal(await browser.text('#again'), "/build/tests/store_tests --gtest_filter='OrderStore.SettlesWhenPaidInFull'");
  assert.ok(!sheet.includes('\u001b'), 'colours of the terminal are left out');
});

test('every attempt and its stacks are shown', async () => {
  await browser.open(page('red', '#test=SearchIndex.FindsLateRows'));
  const attempts = await browser.texts('#detail .attempt');
  assert.equal(attempts.length, 2);
  for (const attempt of attempts) assert.match(attempt, /killed by SIGSEGV[\s\S]*Index::find\(Key const&\) const {2}src\/index\.cpp:118/);
});

test('the address leads to the test again, and back out of it', async () => {
  await browser.open(page('red', '#view=tests'));
  await browser.click('#list .row');
  const address = await browser.run('return location.href');
  assert.match(address, /#view=tests&test=OrderStore\.SettlesWhenPaidInFull$/);
  await browser.open(address);
  assert.match(await browser.text('#detail h2'), /SettlesWhenPaidInFull/);
  assert.equal(await browser.run("return document.querySelector('.row[aria-selected=true] .name').innerText"), 'OrderStore.SettlesWhenPaidInFull');
  await browser.open(page('red'));
  await browser.click('#overview a.failure');
  await browser.post('/back', {});
  await browser.until("return document.getElementById('detail').hidden", 'the sheet is closed');
});

test('tests of one name have addresses of their own', async () => {
  await browser.open(page('red', '#test=OrderStore.ReadsEmptyInput&nth=2'));
  const second = await browser.text('#detail .place');
  await browser.open(page('red', '#test=OrderStore.ReadsEmptyInput'));
  assert.notEqual(await browser.text('#detail .place'), second);
  await browser.open(page('red', '#test=No.Such'));
  assert.equal(await browser.visible('#detail'), false);
});

test('the keyboard reaches everything', async () => {
  await browser.open(page('red'));
  await browser.keys('/');
  assert.equal(await focused(), 'search');
  await browser.keys('order');
  await browser.keys('Enter');
  assert.equal(await focused(), 'list');
  const chosen = () => browser.run("return document.querySelector('.row[aria-selected=true]')?.getAttribute('aria-posinset') ?? null");
  assert.equal(await chosen(), '1');
  await browser.keys('jj');
  assert.equal(await chosen(), '3');
  await browser.keys('k');
  assert.equal(await chosen(), '2');
  assert.equal(await browser.run("return document.getElementById(document.getElementById('list').getAttribute('aria-activedescendant')).getAttribute('aria-posinset')"), '2');
  await browser.keys('Enter');
  assert.equal(await focused(), 'detail');
  const first = await browser.run('return location.hash');
  await browser.keys('j');
  assert.notEqual(await browser.run('return location.hash'), first, 'j goes on while the test is open');
  assert.equal(await chosen(), '3');
  await browser.keys('Escape');
  assert.equal(await browser.visible('#detail'), false);
  assert.equal(await focused(), 'list');
  await browser.keys('Escape');
  assert.equal(await count(), '427 tests', 'the search is cleared');
  await browser.keys('3');
  assert.equal(await browser.visible('#timeline'), true);
  await browser.keys('?');
  assert.equal(await browser.visible('#keys'), true);
  await browser.keys('Escape');
  assert.equal(await browser.visible('#keys'), false);
});

test('the focus can be seen', async () => {
  await browser.open(page('red'));
  for (let i = 0; i < 14; ++i) {
    await browser.keys('Tab');
    const outline = await browser.run('const s = getComputedStyle(document.activeElement); return s.outlineStyle + " " + s.outlineWidth');
    assert.match(outline, /^solid 2px$/, await browser.run('return document.activeElement.outerHTML.slice(0, 80)'));
  }
});

test('what has a role has a name', async () => {
  await browser.open(page('red', '#view=tests&test=OrderStore.SettlesWhenPaidInFull'));
  const nameless = await browser.run(`return [...document.querySelectorAll('button, a, input, select, [role]')]
    .filter((e) => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.innerText.trim() || e.closest('label')?.textContent.trim() || e.textContent.trim()))
    .map((e) => e.outerHTML.slice(0, 90))`);
  assert.deepEqual(nameless, []);
  assert.equal(await browser.run("return document.querySelectorAll('[role=tab][aria-selected=true]').length"), 1);
});

test('it is light or dark as the system is, until it is switched', async () => {
  const paper = () => browser.run("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0)");
  await browser.open(page('red'));
  assert.ok((await paper()) > 600);
  await browser.prefer('dark');
  await browser.until("return document.documentElement.dataset.theme === 'dark'", 'it turns dark');
  assert.ok((await paper()) < 150);
  await browser.click('#theme');
  assert.ok((await paper()) > 600);
  await browser.run('localStorage.clear()');
});

test('names and output cannot break out', async () => {
  await browser.open(page('hostile'));
  assert.equal(await browser.run('return window.broken ?? null'), null);
  assert.deepEqual(await browser.run("return [document.images.length, document.scripts.length, document.querySelectorAll('iframe, object, embed').length]"), [0, 3, 0]);
  await browser.open(page('hostile', '#view=tests'));
  assert.equal(await count(), '4 tests');
  await browser.click('#list .row');
  const sheet = await browser.text('#detail');
  assert.ok(sheet.includes("</script><script>window.broken=1</script><img src=x onerror='window.broken=2'><!-- {{details}}"), sheet);
  assert.ok(sheet.includes('⟨U+202E⟩'), 'what would turn a line around is spelled out');
  await browser.click('#tab-timeline');
  await browser.point('#canvas', 100, 36);
  assert.equal(await browser.run('return window.broken ?? null'), null);
});

test('it fits a phone', async () => {
  await browser.resize(360, 740);
  for (const kind of ['red', 'hostile']) {
    for (const hash of ['', '#view=tests', '#view=timeline', '#view=tests&only=f', '#test=OrderStore.SettlesWhenPaidInFull']) {
      await browser.open(page(kind, hash));
      const [wide, inner] = await browser.run('return [document.documentElement.scrollWidth, innerWidth]');
      assert.ok(wide <= inner, `${kind}${hash}: ${wide} of ${inner} pixels`);
    }
  }
});

test('the timeline tells, zooms and opens', async () => {
  await browser.open(page('red', '#view=timeline'));
  assert.match(await browser.text('#chain'), /^The run ended with serial\./);
  assert.equal((await browser.texts('#lane-table tbody tr')).length, 9);
  const colours = await browser.run(`const c = document.getElementById('canvas'), seen = new Set();
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    for (let i = 0; i < d.length; i += 4) seen.add(d[i] + ',' + d[i + 1] + ',' + d[i + 2]);
    return seen.size`);
  assert.ok(colours > 8, colours + ' colours');
  const middle = await browser.run("return document.getElementById('canvas').clientWidth * 0.6");
  await browser.point('#canvas', middle, 36);
  assert.match(await browser.text('#tip'), /RateLimiterTest\.WaitsForTokens\s+timed out · 250 ms · shard-0/);
  const before = await browser.run("return document.getElementById('canvas').getAttribute('aria-label')");
  await browser.click('#zoom-in');
  assert.notEqual(await browser.run("return document.getElementById('canvas').getAttribute('aria-label')"), before);
  await browser.click('#zoom-fit');
  await browser.point('#canvas', middle, 36, true);
  assert.match(await browser.text('#detail h2'), /WaitsForTokens/);
});

test('100,000 tests are there at once and can be searched without lag', async (t) => {
  // From the start of the navigation until it can be used, by the page's own clock; the best of three, since what else the
  // machine does at the time can only add to it.
  const times = [];
  for (let load = 0; load < 3; ++load) {
    await browser.open(page('huge', '#view=tests'));
    times.push(Number(await browser.run('return document.documentElement.dataset.ready')));
  }
  const ready = Math.min(...times);
  assert.equal(await count(), '100,000 tests');
  // Each key is timed from the event to the end of the frame that shows what it found.
  const key = () => browser.run(`const s = document.getElementById('search'); const from = performance.now();
    s.value = arguments[0]; s.dispatchEvent(new Event('input', { bubbles: true }));
    document.getElementById('list').offsetHeight; return performance.now() - from`, 'compactshuge');
  const first = await key(), second = await key();
  assert.match(await count(), /^1,\d\d\d of 100,000 tests$/);
  assert.ok((await rows()).length < 100, 'only what can be seen is made');
  await browser.run("location.hash = '#view=tests&sort=source'");
  await browser.until("return document.getElementById('count').innerText === '100,000 tests'", 'all are back');
  await browser.run("document.getElementById('list').focus()");
  await browser.keys('End');
  await browser.until("return document.querySelector('.row[aria-selected=true]')?.getAttribute('aria-posinset') === '100000'", 'the last row is shown');
  t.diagnostic(`100,000 tests: ready after ${times.join(', ')} ms, first search ${Math.round(first)} ms, next ${Math.round(second)} ms`);
  // Measured 0.3 to 0.55 s and 0.1 s; the second bound leaves room for machines that are busy.
  assert.ok(ready > 0 && ready < 2000, `ready after ${times.join(', ')} ms`);
  assert.ok(second < 1500, `a search took ${second} ms`);
});
