// A headless Chromium, driven by its DevTools protocol: the few calls that the
// page's test needs.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function browser(binary) {
  const dir = mkdtempSync(join(tmpdir(), 'ccproxy-page-'));
  const child = spawn(binary, ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
    '--remote-debugging-pipe', `--user-data-dir=${dir}`, '--no-first-run', '--hide-scrollbars', 'about:blank'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const [, , , out, input] = child.stdio;
  const waiting = new Map(), listeners = [];
  let id = 0, rest = '';

  input.on('data', chunk => {
    rest += chunk;
    let at;
    while ((at = rest.indexOf('\0')) >= 0) {
      const message = JSON.parse(rest.slice(0, at));
      rest = rest.slice(at + 1);
      if (message.id) {
        const { done, fail } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) fail(new Error(message.error.message)); else done(message.result);
      } else {
        listeners.forEach(f => f(message));
      }
    }
  });
  child.on('exit', () => { for (const w of waiting.values()) w.fail(new Error('the browser ended')); });

  const send = (method, params = {}, sessionId) => new Promise((done, fail) => {
    waiting.set(++id, { done, fail });
    out.write(JSON.stringify({ id, method, params, sessionId }) + '\0');
  });

  return {
    async page() {
      const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
      const call = (method, params) => send(method, params, sessionId);
      const errors = [];
      listeners.push(m => {
        if (m.sessionId !== sessionId) return;
        if (m.method === 'Runtime.exceptionThrown') errors.push(m.params.exceptionDetails.exception?.description);
        if (m.method === 'Log.entryAdded' && m.params.entry.level === 'error') errors.push(m.params.entry.text);
        if (m.method === 'Runtime.consoleAPICalled' && m.params.type === 'error') errors.push('console: ' + m.params.args[0]?.value);
        if (m.method === 'Page.javascriptDialogOpening') {
          dialogs.push(m.params.message);
          call('Page.handleJavaScriptDialog', { accept: true, promptText: '7' });
        }
      });
      const dialogs = [];
      await call('Page.enable');
      await call('Runtime.enable');
      await call('Log.enable');
      return {
        errors, dialogs, call,
        async look(width, height, scheme) {
          await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 500 });
          await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
        },
        async open(url) {
          await call('Page.navigate', { url });
          await this.until('document.readyState === "complete" && location.href !== "about:blank"');
        },
        async run(expression) {
          const r = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
          if (r.exceptionDetails) throw new Error(r.exceptionDetails.exception?.description ?? expression);
          return r.result.value;
        },
        async until(expression, patience = 20000) {
          const end = Date.now() + patience;
          while (Date.now() < end) {
            try { if (await this.run(`!!(${expression})`)) return true; } catch { /* the document is another one now */ }
            await new Promise(r => setTimeout(r, 50));
          }
          return false;
        },
        async shot(file, whole = true) {
          const { data } = await call('Page.captureScreenshot', { format: 'png', captureBeyondViewport: whole });
          writeFileSync(file, Buffer.from(data, 'base64'));
        },
        async key(key, text) {
          for (const type of ['keyDown', 'keyUp']) {
            await call('Input.dispatchKeyEvent', { type, key, text: type === 'keyDown' ? text : undefined,
              windowsVirtualKeyCode: key === 'Tab' ? 9 : key === 'Enter' ? 13 : 0 });
          }
        },
      };
    },
    async close() {
      child.kill();
      await new Promise(r => child.exitCode === null && child.signalCode === null ? child.once('exit', r) : r());
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
