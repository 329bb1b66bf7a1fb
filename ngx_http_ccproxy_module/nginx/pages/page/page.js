'use strict';
// Names and numbers come from the status alone and go into the page as text.
const $ = id => document.getElementById(id);
const operator = JSON.parse($('operator').textContent);
const here = location.pathname;
const SVG = 'http://www.w3.org/2000/svg';
let state = JSON.parse($('state').textContent), got = Date.now(), live = false, query = '', all = false;

// ---- elements ----

function h(tag, attrs, ...children) {
  const svg = /^(svg|rect|path|line|title)$/.test(tag);
  const e = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [k, v] of Object.entries(attrs || {})) {
    if (v !== undefined && v !== null && v !== false) e.setAttribute(k, v === true ? '' : v);
  }
  for (const c of children.flat(Infinity)) {
    if (c !== undefined && c !== null && c !== false) e.append(c);
  }
  return e;
}

// Makes old what fresh is, and leaves alone what a person has focused or typed.
function morph(old, fresh) {
  if (old.nodeName !== fresh.nodeName || (old.dataset && old.dataset.k !== fresh.dataset.k)) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType !== 1) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.dataset.keep !== undefined) return;
  for (const a of [...old.attributes]) {
    if (!fresh.hasAttribute(a.name) && a.name !== 'style' && a.name !== 'open') old.removeAttribute(a.name);
  }
  for (const a of fresh.attributes) {
    if (a.name === 'style') old.style.cssText = fresh.style.cssText;
    else if (old.getAttribute(a.name) !== a.value) old.setAttribute(a.name, a.value);
  }
  const a = [...old.childNodes], b = [...fresh.childNodes];
  b.forEach((c, i) => a[i] ? morph(a[i], c) : old.append(c));
  a.slice(b.length).forEach(c => c.remove());
}

// ---- numbers ----

const many = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const plain = new Intl.NumberFormat('en');
const count = n => n < 10000 ? plain.format(n) : many.format(n);
const money = n => n === 0 ? '0' : n < 0.01 ? n.toFixed(5) : n < 100 ? n.toFixed(2) : count(Math.round(n));
const ms = n => n === null ? '–' : n < 1000 ? Math.round(n) + ' ms' : (n / 1000).toFixed(n < 10000 ? 1 : 0) + ' s';
function span(s) {
  s = Math.max(0, Math.round(s));
  if (s < 60) return s + ' s';
  if (s < 3600) return Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0');
  if (s < 86400) return Math.floor(s / 3600) + ' h ' + Math.floor(s % 3600 / 60) + ' min';
  return Math.floor(s / 86400) + ' d ' + Math.floor(s % 86400 / 3600) + ' h';
}
const clock = t => new Date(t * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const since = () => (Date.now() - got) / 1000;
const found = (...words) => !query || words.some(w => w && String(w).toLowerCase().includes(query));

// ---- charts ----

const W = 240, H = 56;
function bars(series) {
  const n = series[0].data.length, w = W / n;
  const top = Math.max(1e-12, ...series[0].data.map((_, i) => series.reduce((s, x) => s + x.data[i], 0)));
  const out = [];
  for (let i = 0; i < n; i++) {
    let y = H;
    for (const s of series) {
      const t = s.data[i] / top * (H - 2);
      if (!t) continue;
      y -= Math.max(t, 1);
      out.push(h('rect', { class: s.cls, x: (i * w + .4).toFixed(1), y: y.toFixed(1), width: (w - .8).toFixed(1),
        height: Math.max(t, 1).toFixed(1), rx: 1 }));
    }
  }
  return out;
}
function lines(series) {
  const values = series.flatMap(s => s.data).filter(v => v !== null);
  const top = Math.max(1, ...values);
  return series.map(s => {
    let d = '', gap = true;
    s.data.forEach((v, i) => {
      if (v === null) { gap = true; return; }
      const x = ((i + .5) * W / s.data.length).toFixed(1), y = (H - 2 - v / top * (H - 6)).toFixed(1);
      const alone = gap && (s.data[i + 1] === null || s.data[i + 1] === undefined);
      d += (gap ? 'M' : 'L') + x + ' ' + y + (alone ? 'h.01' : '');
      gap = false;
    });
    return h('path', { class: s.cls, d });
  });
}
function chart(title, value, note, marks, label) {
  return h('section', { class: 'card chart' },
    h('h3', {}, title), h('b', {}, value), h('div', { class: 'soft' }, note),
    h('svg', { viewBox: `0 0 ${W} ${H}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': label },
      h('line', { class: 'base', x1: 0, x2: W, y1: H - .5, y2: H - .5 }), marks),
    h('div', { class: 'axis', 'aria-hidden': 'true' }, h('span', {}, '60 min ago'), h('span', {}, 'now')));
}
function charts() {
  const m = state.hour, a = m.all;
  const most = k => Math.max(0, ...m[k].filter(v => v !== null));
  return h('div', { class: 'charts' },
    chart('Requests, last hour', count(a.requests),
      a.errors ? `${count(a.errors)} failed, ${(a.errors / a.requests * 100).toFixed(1)} %` : 'none failed',
      bars([{ cls: 's2', data: m.errors }, { cls: 's1', data: m.requests.map((n, i) => Math.max(0, n - m.errors[i])) }]),
      `Requests of each minute: ${a.requests} in the last hour, ${a.errors} failed, ${most('requests')} in the busiest minute`),
    chart('Time to first token', ms(a.ttft_p50_ms), `95 % within ${ms(a.ttft_p95_ms)}`,
      lines([{ cls: 'l2', data: m.ttft_p95_ms }, { cls: 'l1', data: m.ttft_p50_ms }]),
      `Time to the first token: half within ${ms(a.ttft_p50_ms)}, 95 % within ${ms(a.ttft_p95_ms)}`),
    chart('Duration', ms(a.duration_p50_ms), `95 % within ${ms(a.duration_p95_ms)}`,
      lines([{ cls: 'l2', data: m.duration_p95_ms }, { cls: 'l1', data: m.duration_p50_ms }]),
      `Duration of requests: half within ${ms(a.duration_p50_ms)}, 95 % within ${ms(a.duration_p95_ms)}`),
    chart('Tokens', count(a.input_tokens + a.output_tokens), `${count(a.input_tokens)} in, ${count(a.output_tokens)} out`,
      bars([{ cls: 's1', data: m.output_tokens }, { cls: 's3', data: m.input_tokens }]),
      `Tokens of each minute: ${a.input_tokens} of prompts and ${a.output_tokens} of answers in the last hour`),
    chart('Cost', money(a.cost), a.cost ? 'by the prices that are set' : 'nothing with a price',
      bars([{ cls: 's1', data: m.cost }]), `Cost of each minute: ${money(a.cost)} in the last hour`));
}

// ---- pools ----

const WHY = { rate_limit: 'rate limit', key_refused: 'key refused', no_credit: 'no credit', server_error: 'server error',
  unreachable: 'unreachable', proxy_error: 'proxy error', plan_limit: 'plan limit', refused: 'refused' };
function chip(p) {
  if (p.state === 'held') return h('span', { class: 'chip hold' }, 'on hold: ' + p.held.join(', '));
  if (p.state === 'cooling' || p.cooling_some_models) {
    const left = h('span', { 'data-left': p.cooling_seconds }, span(p.cooling_seconds - since()));
    return h('span', { class: 'chip ' + (p.state === 'cooling' ? 'bad' : 'warn') },
      (WHY[p.why] || 'cooling') + (p.cooling_some_models ? ', some models, ' : ', '), left);
  }
  if (p.state === 'probing') return h('span', { class: 'chip warn' }, 'on probation');
  return h('span', { class: 'chip good' }, 'ready');
}
function ops(pool, p) {
  if (!operator.admin) return null;
  const d = { 'data-pool': pool.name, 'data-provider': p.provider, 'data-model': p.model ?? '', 'data-key': p.key ?? '' };
  const who = `${p.provider} ${p.model ?? ''} ${p.key ?? ''}`;
  const b = (act, what, text, label) => h('button', { class: 'small', type: 'button', 'data-act': act, 'data-what': what,
    'aria-label': `${label} ${who}`, ...d }, text);
  const held = p.held || [];
  return h('td', { class: 'whole' }, h('div', { class: 'ops' },
    p.state === 'cooling' && b('thaw', '', 'End cooldown', 'End the cooldown of'),
    b(held.includes('target') ? 'release' : 'hold', 'target', held.includes('target') ? 'Release target' : 'Hold target',
      'target'),
    p.key && b(held.includes('key') ? 'release' : 'hold', 'key', held.includes('key') ? 'Release key' : 'Hold key', 'key'),
    b('weight', '', p.operator_weight !== undefined ? 'Own weight' : 'Weight…', 'Weight of')));
}
function pool(p) {
  const pairs = p.pairs.filter(x => found(p.name, x.provider, x.model, x.key, x.state, WHY[x.why]));
  if (!pairs.length) return null;
  const weight = x => x.operator_weight ?? x.weight;
  const total = p.pairs.reduce((s, x) => s + (x.backup || x.state === 'held' ? 0 : weight(x)), 0);
  const served = p.pairs.reduce((s, x) => s + x.served, 0), under = p.pairs.reduce((s, x) => s + x.inflight, 0);
  const ready = p.pairs.filter(x => x.state === 'ready').length;
  const key = p.pairs.some(x => x.key);
  return h('section', { class: 'card pool', 'data-k': p.name },
    h('div', { class: 'head' }, h('h3', {}, p.name),
      h('span', { class: 'chip ' + (ready ? ready < p.pairs.length ? 'warn' : 'good' : 'bad') }, `${ready} of ${p.pairs.length} ready`),
      h('span', { class: 'soft' }, `${p.balancing.replace('_', ' ')} · ${under} under way · ${count(served)} served`)),
    h('table', { class: 'wrap' }, h('caption', { class: 'vh' }, 'Pairs of pool ' + p.name),
      h('thead', {}, h('tr', {}, h('th', {}, 'Target'), key && h('th', {}, 'Key'), h('th', {}, 'State'), h('th', {}, 'Share'),
        h('th', { class: 'num' }, 'Under way'), h('th', { class: 'num' }, 'Served'), h('th', { class: 'num' }, 'Failed'),
        operator.admin && h('th', {}, h('span', { class: 'vh' }, 'Operate')))),
      h('tbody', {}, pairs.map(x => {
        const share = x.backup || x.state === 'held' ? 0 : weight(x) / total;
        const fill = h('i');
        fill.style.width = (share * 100).toFixed(1) + '%';
        return h('tr', {},
          h('td', { class: 'whole' }, h('span', { class: 'name' }, x.provider), h('span', { class: 'soft' }, x.model ?? 'the client’s model')),
          key && h('td', { 'data-l': 'Key' }, x.key ?? '–'),
          h('td', {}, chip(x)),
          h('td', { 'data-l': 'Share' }, x.backup ? 'backup' : `${Math.round(share * 100)} %`,
            h('span', { class: 'soft' }, `weight ${weight(x)}` + (x.operator_weight !== undefined ? ` (set here; ${x.weight})` : '')),
            h('span', { class: 'bar', 'aria-hidden': 'true' }, fill)),
          h('td', { class: 'num', 'data-l': 'Under way' }, x.max_inflight ? `${x.inflight} of ${x.max_inflight}` : x.inflight),
          h('td', { class: 'num', 'data-l': 'Served' }, count(x.served)),
          h('td', { class: 'num', 'data-l': 'Failed' }, count(x.failed)),
          ops(p, x));
      }))));
}

// ---- requests, clients, failures, providers ----

function section(title, note, body) {
  return h('section', { 'data-k': title, 'aria-label': title }, h('h2', {}, title, h('small', {}, note)), body);
}
function open() {
  const rows = (state.open || []).filter(o => found(o.client, o.model, o.pool, o.provider, o.target_model, o.id, o.protocol));
  return section('Under way', rows.length ? String(rows.length) : '', h('div', { class: 'card' }, rows.length ?
    h('table', { class: 'wrap' }, h('caption', { class: 'vh' }, 'Requests under way'),
      h('thead', {}, h('tr', {}, ['Client', 'Asks for', 'Goes to', 'For'].map(t => h('th', {}, t)),
        operator.admin && h('th', {}, h('span', { class: 'vh' }, 'Operate')))),
      h('tbody', {}, rows.slice(0, 200).map(o => h('tr', { 'data-k': o.id },
        h('td', { class: 'whole' }, h('span', { class: 'name' }, o.client ?? 'no name'), h('span', { class: 'soft mono' }, o.id)),
        h('td', {}, o.model ?? '–', h('span', { class: 'soft' }, o.protocol + (o.stream ? ', streams' : ''))),
        h('td', {}, o.provider + (o.target_model ? ' ' + o.target_model : ''),
          h('span', { class: 'soft' }, o.pool + (o.key ? ', ' + o.key : ''))),
        h('td', { 'data-l': 'For' }, h('span', { 'data-age': o.ms / 1000 }, span(o.ms / 1000 + since()))),
        operator.admin && h('td', { class: 'whole' }, h('div', { class: 'ops' },
          h('button', { class: 'small', type: 'button', 'data-act': 'stop', 'data-id': o.id, 'aria-label': 'End request ' + o.id }, 'End'))))))) :
    h('div', { class: 'none' }, 'Nothing is under way.')));
}
function clients() {
  const rows = (state.clients || []).filter(c => found(c.name, c.group && 'group'));
  if (!rows.length) return null;
  const meter = (label, used, limit, show) => {
    const fill = h('i', { class: used >= limit ? 'full' : undefined });
    fill.style.width = Math.min(100, limit ? used / limit * 100 : 0).toFixed(1) + '%';
    return h('div', {}, `${label}: ${show(used)} of ${show(limit)}`, h('span', { class: 'bar', 'aria-hidden': 'true' }, fill));
  };
  return section('Clients', String(rows.length), h('div', { class: 'card' }, h('table', { class: 'wrap' },
    h('caption', { class: 'vh' }, 'Clients and their budgets'),
    h('thead', {}, h('tr', {}, h('th', {}, 'Client'), h('th', { class: 'num' }, 'Under way'), h('th', { class: 'num' }, 'Requests'),
      h('th', {}, 'This minute'), h('th', {}, 'Budgets'))),
    h('tbody', {}, rows.map(c => h('tr', {},
      h('td', { class: 'whole' }, h('span', { class: 'name' }, c.name), c.group && h('span', { class: 'soft' }, 'group')),
      h('td', { class: 'num', 'data-l': 'Under way' }, c.concurrency ? `${c.inflight} of ${c.concurrency}` : c.inflight),
      h('td', { class: 'num', 'data-l': 'Requests' }, count(c.requests)),
      h('td', {}, c.rpm ? meter('requests', c.minute_requests, c.rpm, count) : null,
        c.tpm ? meter('tokens', c.minute_tokens, c.tpm, count) : null, !c.rpm && !c.tpm ? '–' : null),
      h('td', { class: 'whole' }, c.budgets && c.budgets.length ? c.budgets.map(b =>
        meter(b.period + (b.unit === 'tokens' ? ', tokens' : ''), b.used, b.limit, b.unit === 'tokens' ? count : money)) : '–')))))));
}
function failures() {
  const rows = (state.failures || []).filter(f => found(f.cause, f.provider, f.model, f.key, f.pool, f.client, f.status));
  const shown = all ? rows : rows.slice(0, 8);
  return section('Recent failures', rows.length ? `the last ${rows.length}` : '', h('div', { class: 'card' }, rows.length ?
    [h('ul', { class: 'list' }, shown.map(f => h('li', {},
      h('time', { datetime: new Date(f.time * 1000).toISOString() }, clock(f.time)),
      h('span', {}, f.status ? h('span', { class: 'chip ' + (f.status === 429 || f.status < 400 ? 'warn' : 'bad') }, f.status) : ''),
      h('div', {}, f.cause[0].toUpperCase() + f.cause.slice(1) + '.', h('span', { class: 'soft' }, ' ',
        [f.provider && f.provider + (f.model ? ' ' + f.model : '') + (f.key ? ', ' + f.key : ''), f.pool && 'pool ' + f.pool,
          f.client && 'client ' + f.client].filter(Boolean).join(' · ')))))),
    rows.length > 8 && h('div', { class: 'more' }, h('button', { class: 'small', type: 'button', 'data-act': 'all' },
      all ? 'Show fewer' : `Show all ${rows.length}`))] :
    h('div', { class: 'none' }, 'Nothing failed lately.')));
}
function providers() {
  const rows = state.providers.filter(p => found(p.name, p.protocol, p.host));
  if (!rows.length) return null;
  return section('Providers', String(rows.length), h('div', { class: 'card' }, h('table', { class: 'wrap' },
    h('caption', { class: 'vh' }, 'Providers'),
    h('thead', {}, h('tr', {}, ['Name', 'Protocol', 'Host', 'Keys'].map(t => h('th', {}, t)))),
    h('tbody', {}, rows.map(p => h('tr', {}, h('td', { class: 'name whole' }, p.name), h('td', {}, p.protocol),
      h('td', { class: 'mono' }, (p.tls ? 'https://' : 'http://') + p.host, p.resolved ? null : h('span', { class: 'chip bad' }, 'no address')),
      h('td', { 'data-l': 'Keys' }, p.keys)))))));
}
function groups() {
  if (!state.groups || !state.groups.length) return null;
  return section('Active group', '', h('div', { class: 'card none row' }, state.groups.map(g => h('button', {
    type: 'button', class: g === state.active_group ? 'main' : undefined, 'aria-pressed': String(g === state.active_group),
    'data-act': 'group', 'data-group': g }, g))));
}
function footer() {
  const t = state.transcripts;
  return h('footer', {}, `ccproxy ${state.version} on nginx ${state.nginx_version}`,
    t ? ` · transcripts: ${count(t.written)} written` + (t.dropped + t.failed ? `, ${count(t.dropped + t.failed)} lost` : '') : '',
    state.pairs_not_listed ? ` · ${state.pairs_not_listed} pairs are not listed` : '');
}

// ---- try it ----

const PROTOCOLS = {
  anthropic: { path: () => 'v1/messages', body: (m, p, s) => ({ model: m, max_tokens: 1024, stream: s, messages: [{ role: 'user', content: p }] }),
    headers: { 'anthropic-version': '2023-06-01' }, piece: e => e.delta && (e.delta.text || e.delta.thinking),
    whole: d => d.content && d.content.map(b => b.text || '').join('') },
  chat: { path: () => 'v1/chat/completions', body: (m, p, s) => ({ model: m, stream: s, messages: [{ role: 'user', content: p }] }),
    piece: e => e.choices && e.choices[0] && (e.choices[0].delta.content || e.choices[0].delta.reasoning_content),
    whole: d => d.choices && d.choices[0].message.content },
  responses: { path: () => 'v1/responses', body: (m, p, s) => ({ model: m, input: p, stream: s }),
    piece: e => /text\.delta$/.test(e.type || '') && e.delta,
    whole: d => d.output && d.output.flatMap(o => o.content || []).map(c => c.text || '').join('') },
  gemini: { path: (m, s) => 'v1beta/models/' + encodeURIComponent(m) + (s ? ':streamGenerateContent?alt=sse' : ':generateContent'),
    body: (m, p) => ({ contents: [{ role: 'user', parts: [{ text: p }] }] }),
    piece: e => e.candidates && (e.candidates[0].content?.parts || []).map(x => x.text || '').join(''),
    whole: d => d.candidates && (d.candidates[0].content?.parts || []).map(x => x.text || '').join('') },
  ollama: { path: () => 'api/chat', body: (m, p, s) => ({ model: m, stream: s, messages: [{ role: 'user', content: p }] }),
    piece: e => e.message && (e.message.content || e.message.thinking), whole: d => d.message && d.message.content },
};
function form() {
  if (!operator.try) return null;
  const models = [...new Set(state.pools.flatMap(p => p.pairs.map(x => x.model).filter(Boolean)))];
  return h('section', { 'data-k': 'try', 'data-keep': true, 'aria-label': 'Try it' },
    h('h2', {}, 'Try it', h('small', {}, 'a prompt to a pool, in any protocol')),
    h('form', { class: 'card', id: 'try' },
      h('label', {}, 'Protocol', h('select', { name: 'protocol' }, Object.keys(PROTOCOLS).map(p => h('option', {}, p)))),
      h('label', {}, 'Model', h('input', { name: 'model', list: 'models', required: true, value: models[0] ?? 'demo', autocomplete: 'off' }),
        h('datalist', { id: 'models' }, models.map(m => h('option', { value: m })))),
      h('label', {}, 'Path before the endpoint', h('input', { name: 'base', value: '/', autocomplete: 'off' })),
      h('label', {}, 'Access key, if one is needed', h('input', { name: 'key', type: 'password', autocomplete: 'off' })),
      h('label', { class: 'wide' }, 'Prompt', h('textarea', { name: 'prompt', required: true }, 'Say hello in five languages.')),
      h('div', { class: 'wide row' }, h('button', { class: 'main', id: 'send' }, 'Send'),
        h('label', {}, h('input', { type: 'checkbox', name: 'stream', checked: true }), 'as a stream'),
        h('span', { class: 'soft', id: 'tried', role: 'status' })),
      h('div', { class: 'wide' }, h('pre', { id: 'answer', tabindex: 0, 'aria-label': 'Answer' })),
      h('details', { class: 'wide' }, h('summary', {}, 'What the client was sent'), h('pre', { id: 'raw', tabindex: 0 })),
      h('details', { class: 'wide' }, h('summary', {}, 'What the upstream was sent'), h('pre', { id: 'sent', tabindex: 0 }))));
}
let trying = null;
async function tryIt(f) {
  const v = name => f.elements[name].value, p = PROTOCOLS[v('protocol')], stream = f.elements.stream.checked;
  const base = '/' + v('base').replace(/^\/+|\/+$/g, ''), started = performance.now();
  const tell = t => { $('tried').textContent = t; };
  $('answer').textContent = $('raw').textContent = $('sent').textContent = '';
  trying = new AbortController();
  $('send').textContent = 'Stop';
  tell('…');
  try {
    const r = await fetch(base.replace(/\/$/, '') + '/' + p.path(v('model'), stream), { method: 'POST', signal: trying.signal,
      headers: { 'content-type': 'application/json', 'x-ccproxy-try': operator.token, ...(p.headers || {}),
        ...(v('key') ? { authorization: 'Bearer ' + v('key') } : {}) },
      body: JSON.stringify(p.body(v('model'), v('prompt'), stream)) });
    const id = r.headers.get('x-ccproxy-request-id');
    const reader = r.body.getReader(), text = new TextDecoder();
    let rest = '', first = 0, whole = '';
    for (;;) {
      const { done, value } = await reader.read();
      const part = done ? '' : text.decode(value, { stream: true });
      whole += part;
      $('raw').textContent = whole;
      rest += part;
      let at;
      while (stream && r.ok && (at = rest.indexOf('\n')) >= 0) {
        const line = rest.slice(0, at).replace(/^data: ?/, '').trim();
        rest = rest.slice(at + 1);
        if (line[0] !== '{') continue;
        let said = '';
        try { said = p.piece(JSON.parse(line)) || ''; } catch { /* not an event of text */ }
        if (said && !first) first = performance.now() - started;
        $('answer').textContent += said;
      }
      if (done) break;
    }
    if (!stream || !r.ok) {
      let d = null;
      try { d = JSON.parse(whole); } catch { /* told as it is */ }
      $('answer').textContent = d ? (r.ok && p.whole(d)) || d.error?.message || d.error || whole : whole;
    }
    tell(`${r.status}, ${ms(performance.now() - started)}` + (first ? `, first token after ${ms(first)}` : ''));
    if (id) await sent(id);
  } catch (e) {
    tell(e.name === 'AbortError' ? 'stopped' : String(e.message || e));
  }
  trying = null;
  $('send').textContent = 'Send';
}
async function sent(id) {
  const r = await fetch(here + '?sent=' + id, { headers: { 'x-ccproxy-token': operator.token, accept: 'application/json' } });
  const d = await r.json();
  $('sent').textContent = r.ok ? `POST ${d.uri} to ${d.provider}\n\n` + (typeof d.body === 'string' ? d.body : JSON.stringify(d.body, null, 2)) : d.error;
}

// ---- the page ----

function draw() {
  const up = state.uptime_seconds + since();
  morph($('top'), h('header', { id: 'top' }, h('h1', {}, 'ccproxy'),
    h('span', { class: 'live' + (live ? ' on' : '') }, live ? 'live' : 'connecting'),
    h('span', { class: 'soft' }, `up ${span(up)} · ${count(state.requests_served)} requests served`),
    h('span', { class: 'grow' }),
    h('label', { 'data-keep': true }, h('span', { class: 'vh' }, 'Search'),
      h('input', { type: 'search', id: 'search', placeholder: 'Search (press /)', autocomplete: 'off' }))));
  const pools = state.pools.map(pool).filter(Boolean);
  morph($('app'), h('main', { id: 'app', tabindex: '-1' }, charts(),
    section('Pools', state.pools.length ? String(state.pools.length) : '', pools.length ? h('div', {}, pools) :
      h('div', { class: 'card none' }, query ? 'No pair has that in its names.' : 'No pool is configured.')),
    h('div', { 'data-k': 'group' }, groups()), open(), h('div', { 'data-k': 'clients' }, clients()), failures(),
    h('div', { 'data-k': 'providers' }, providers()), h('div', { 'data-k': 'try-it' }, $('try') ? $('try').parentNode.cloneNode(false) : form()),
    footer()));
}
function say(text) { $('say').textContent = text; }
function news(old) {
  const name = p => `${p.provider} ${p.model ?? ''} ${p.key ?? ''}`;
  const was = new Map(old.pools.flatMap(p => p.pairs.map(x => [p.name + name(x), x.state])));
  for (const p of state.pools) for (const x of p.pairs) {
    const before = was.get(p.name + name(x));
    if (before && before !== x.state) say(`${name(x)} in pool ${p.name} is ${x.state}`);
  }
}
function take(text) {
  const old = state;
  state = JSON.parse(text);
  got = Date.now();
  news(old);
  draw();
}
async function order(args) {
  const type = { 'content-type': 'application/json', 'x-ccproxy-token': operator.token || '', accept: 'application/json' };
  const r = await fetch(here + '?' + new URLSearchParams(args), { method: 'POST', headers: type });
  const d = await r.json().catch(() => ({}));
  say(r.ok ? 'done' : d.error || String(r.status));
  if (!r.ok) alert(d.error || 'refused: ' + r.status);
  take(await (await fetch(here, { headers: { accept: 'application/json' } })).text());
}
document.addEventListener('click', e => {
  const b = e.target.closest('[data-act]');
  if (!b) return;
  const d = b.dataset, pair = { pool: d.pool, provider: d.provider, model: d.model, key: d.key };
  if (d.act === 'all') { all = !all; draw(); return; }
  if (d.act === 'group') { order({ active_group: d.group }); return; }
  if (d.act === 'stop') { if (confirm('End this request?')) order({ action: 'stop', id: d.id }); return; }
  if (d.act === 'weight') {
    const w = b.textContent === 'Own weight' ? '0' : prompt('Weight of this pair (0: the configuration’s)', '1');
    if (w !== null) order({ action: 'weight', weight: w, ...pair });
    return;
  }
  const of = { action: d.act, what: d.what, provider: d.provider };
  if (d.what === 'key') of.key = d.key;
  if (d.what === 'target') of.model = d.model;
  order(d.what ? of : { ...of, ...pair });
});
document.addEventListener('submit', e => {
  e.preventDefault();
  if (trying) trying.abort(); else tryIt(e.target);
});
document.addEventListener('input', e => {
  if (e.target.id === 'search') { query = e.target.value.trim().toLowerCase(); draw(); }
});
document.addEventListener('keydown', e => {
  if (e.key === '/' && !/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName)) { e.preventDefault(); $('search').focus(); }
});
setInterval(() => {
  for (const e of document.querySelectorAll('[data-left]')) e.textContent = span(e.dataset.left - since());
  for (const e of document.querySelectorAll('[data-age]')) e.textContent = span(+e.dataset.age + since());
}, 1000);
function listen() {
  const source = new EventSource(here);
  source.onmessage = e => { live = true; take(e.data); };
  source.onerror = () => {
    live = false;
    draw();
    if (source.readyState === 2) setTimeout(listen, 10000);
  };
}
draw();
listen();
