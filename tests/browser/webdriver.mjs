// As much of WebDriver as the tests need, over the fetch() that Node.js has.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
export const KEYS = { Enter: '\uE007', Escape: '\uE00C', Tab: '\uE004', ArrowDown: '\uE015', End: '\uE010' };

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), 'cleave-chromium-'));
    browser.driver = spawn(process.env.CLEAVE_CHROMEDRIVER, ['--port=0'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const port = await new Promise((resolve, reject) => {
      let said = '';
      browser.driver.stdout.on('data', (bytes) => {
        said += bytes;
        const found = /started successfully on port (\d+)/.exec(said);
        if (found) resolve(found[1]);
      });
      browser.driver.on('exit', () => reject(new Error('chromedriver ended: ' + said)));
      browser.driver.on('error', reject);
    });
    browser.base = 'http://127.0.0.1:' + port;
    const { sessionId } = await browser.post('/session', { capabilities: { alwaysMatch: {
      browserName: 'chrome',
      'goog:loggingPrefs': { browser: 'ALL' },
      'goog:chromeOptions': { binary: process.env.CLEAVE_CHROMIUM, args: [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--user-data-dir=' + browser.profile] },
    } } });
    browser.base += '/session/' + sessionId;
    return browser;
  }

  async stop() {
    try { await this.request('DELETE', ''); } finally {
      const ended = new Promise((resolve) => this.driver.on('exit', resolve));
      this.driver.kill();
      await ended;
      rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
    }
  }

  async request(method, path, body) {
    const answer = await fetch(this.base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(value.error + ': ' + value.message);
    return value;
  }
  post(path, body) { return this.request('POST', path, body); }

  // Opens the page anew, also when only what stands behind # differs.
  async open(url) {
    await this.post('/url', { url: 'about:blank' });
    await this.post('/url', { url });
    await this.until("return document.documentElement.dataset.ready !== undefined", 'the page is ready');
  }
  run(script, ...args) { return this.post('/execute/sync', { script, args }); }
  devtools(cmd, params) { return this.post('/goog/cdp/execute', { cmd, params }); }

  // Waits until the script says yes; what it waits for is told when it never does.
  async until(script, what, ...args) {
    const end = Date.now() + 30000;
    while (!(await this.run(script, ...args))) {
      if (Date.now() > end) throw new Error('30 s are over and not: ' + what);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async find(css) { return this.post('/element', { using: 'css selector', value: css }); }
  async click(css) { return this.post('/element/' + (await this.find(css))[ELEMENT] + '/click', {}); }
  text(css) { return this.run('return document.querySelector(arguments[0])?.innerText ?? null', css); }
  texts(css) { return this.run('return [...document.querySelectorAll(arguments[0])].map((e) => e.innerText)', css); }
  visible(css) { return this.run('return document.querySelector(arguments[0])?.checkVisibility() ?? false', css); }

  // Keys to whatever has the focus, as a keyboard sends them.
  keys(...keys) {
    const actions = keys.flatMap((key) => (KEYS[key] ? [KEYS[key]] : [...key]))
      .flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
    return this.post('/actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }
  // To a place in the element, from its upper left corner.
  async point(css, x, y, click = false) {
    const box = await this.run('const b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.left, b.top]', css);
    const actions = [{ type: 'pointerMove', duration: 0, x: Math.round(box[0] + x), y: Math.round(box[1] + y) }];
    if (click) actions.push({ type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 });
    return this.post('/actions', { actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }] });
  }
  resize(width, height) {
    return this.devtools('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  }
  prefer(scheme) {
    return this.devtools('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
  }
  // What the console was told since the last call, without what is only information.
  async complaints() {
    const entries = await this.post('/se/log', { type: 'browser' });
    return entries.filter((entry) => ['WARNING', 'SEVERE'].includes(entry.level)).map((entry) => entry.message);
  }
}
