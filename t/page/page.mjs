// The status page in a headless Chromium: node page.mjs BINARY URL FOLDER.
// Screenshots of both widths and schemes are left in the folder.
import { browser } from './browse.mjs';

const [binary, url, folder] = process.argv.slice(2);
let failed = 0;

function check(ok, what) {
  if (!ok) failed = 1;
  console.log(`${ok ? 'ok' : 'not ok'} - ${what}`);
}

const ask = (model, stream) => fetch(url + '/v1/messages', { method: 'POST', body: JSON.stringify({ model, max_tokens: 9, stream,
  messages: [{ role: 'user', content: 'private prompt' }] }) }).then(r => r.text());

const b = await browser(binary);
try {
  const p = await b.page();
  const text = () => p.run('document.body.innerText');

  await ask('x');
  await p.look(1280, 900, 'light');
  await p.open(url + '/operate');
  check(await p.until('document.querySelector(".live.on")'), 'the page is live');
  check(await p.until('/rate limit, 1:\\d\\d/.test(document.body.innerText)'), 'a cooldown has a clock');
  check(!/secret|private/.test(await text()), 'no secret and no prompt is shown');
  check(await p.run('document.querySelectorAll("#app img, #app b:not(.chart b), #app script").length === 0'), 'names are no markup');
  check(/<img src=x onerror=alert\(1\)>/.test(await text()), 'but text');

  const before = await p.run('state.requests_served');
  await ask('small');
  check(await p.until(`state.requests_served > ${before}`), 'a request is seen');

  // what a person types and has focused stays while events come
  await p.run('document.body.focus()');
  await p.key('/', '/');
  check(await p.run('document.activeElement.id === "search"'), 'a key leads to the search');
  await p.call('Input.insertText', { text: 'SMALL' });
  check(await p.until('[...document.querySelectorAll(".pool h3")].map(e => e.textContent).join() === "cheap"'), 'the search leaves what it finds');
  const seen = await p.run('got');
  await p.until(`got > ${seen}`);
  check(await p.run('document.activeElement.id === "search" && document.activeElement.value === "SMALL"'), 'events leave it alone');
  await p.run('$("search").value = ""; $("search").dispatchEvent(new Event("input", { bubbles: true }))');

  // the operator, by keyboard
  await p.run('document.querySelector("[data-act=hold][data-what=target][data-provider=demo][data-model=large]").focus()');
  await p.key('Enter', '\r');
  check(await p.until('/on hold: target/.test(document.body.innerText)'), 'a target is held by the keyboard');
  await p.run('document.querySelector("[data-act=release]").click()');
  check(await p.until('!/on hold/.test(document.body.innerText)'), 'and released');
  await p.run('document.querySelector("[data-act=weight][data-key=one]").click()');
  check(await p.until('/weight 7 \\(set here; 1\\)/.test(document.body.innerText)'), 'a weight is set');
  await p.run('document.querySelector("[data-act=thaw]").click()');
  check(await p.until('state.pools[0].pairs.every(x => x.state !== "cooling")'), 'a cooldown is ended');

  // try it, in all protocols
  for (const protocol of ['anthropic', 'chat', 'responses', 'gemini', 'ollama']) {
    for (const stream of [true, false]) {
      await p.run(`(f => { f.elements.protocol.value = '${protocol}'; f.elements.model.value = 'small';
        f.elements.stream.checked = ${stream}; f.elements.prompt.value = 'tell <b>me</b>'; f.requestSubmit(); })($('try'))`);
      const done = await p.until('/^200, /.test($("tried").textContent) && $("sent").textContent');
      const said = await p.run('[$("answer").textContent, $("sent").textContent]');
      check(done && said[0].length > 8 && !said[0].startsWith('{'), `try it: ${protocol}${stream ? ', streamed' : ''}: an answer`);
      check(/^POST \/demo\/v1\/chat\/completions to demo\n[^]*tell <b>me<\/b>/.test(said[1]), `try it: ${protocol}: what was sent`);
    }
  }

  // what a screen reader has: names of buttons, fields and pictures; one main part
  check(await p.run(`[...document.querySelectorAll('button, input, select, textarea')].every(e =>
    e.getAttribute('aria-label') || e.textContent.trim() || e.labels && e.labels.length)`), 'all that can be used has a name');
  check(await p.run('[...document.querySelectorAll("svg")].every(e => e.getAttribute("role") === "img" && e.getAttribute("aria-label"))'),
    'charts are told in words');
  check(await p.run('document.querySelectorAll("main").length === 1 && document.documentElement.lang === "en"'), 'landmarks and language');

  // both widths and schemes
  const colors = {};
  for (const [width, scheme] of [[1280, 'light'], [1280, 'dark'], [390, 'light'], [390, 'dark']]) {
    await p.look(width, 900, scheme);
    await p.until(`innerWidth === ${width}`);
    check(await p.run('document.documentElement.scrollWidth <= innerWidth'), `${width} px, ${scheme}: nothing sticks out`);
    colors[scheme] = await p.run('getComputedStyle(document.body).backgroundColor');
    await p.look(width, await p.run('document.documentElement.scrollHeight'), scheme);
    await p.shot(`${folder}/page-${width}-${scheme}.png`);
  }
  check(colors.light !== colors.dark, 'light and dark differ');

  await p.look(1280, 900, 'light');
  await p.open(url + '/');
  check(await p.until(`document.body.innerText.includes('${url}/v1')`), 'the root tells its own address');
  await p.shot(`${folder}/index-1280-light.png`);

  check(p.errors.length === 0, 'no error in the console ' + p.errors.join('; '));
  check(!p.dialogs.some(d => /^[12]$/.test(d)), 'no name was run as a script');
} finally {
  await b.close();
}
process.exit(failed);
