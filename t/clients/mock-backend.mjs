#!/usr/bin/env node
// A scripted, strict stand-in for a provider. See README.md.
import http from 'node:http';
import fs from 'node:fs';
import zlib from 'node:zlib';
import { Out, BadRequest } from './lib/wire.mjs';
import { makePlan } from './lib/plan.mjs';
import { readText, writeText } from './lib/text-tools.mjs';

const PROTOCOLS = ['openai', 'responses', 'anthropic', 'gemini', 'ollama'];
const SCENARIOS = [
    ...['auto', 'text', 'tool', 'parallel', 'slow', 'die-midstream', 'error-midstream'],
    'model',
    ...['error429', 'error500', 'error529'],
];
const list = v => v.split(',').filter(Boolean);

// option: [name in opts, the value's type; a flag has a constant instead]
const OPTIONS = {
    '--protocol': ['protocol', String],
    '--host': ['host', String],
    '--port': ['port', Number],
    '--scenario': ['scenario', String],
    '--record': ['record', String],
    '--quirk': ['quirks', v => new Set(list(v))],
    '--fragment': ['fragment', Number],
    '--delay': ['delay', Number],
    '--key': ['key', String],
    '--prefer': ['prefer', String],
    '--fail-count': ['failCount', Number],
    '--models': ['models', list],
    '--base-path': ['basePath', v => v.replace(/\/$/, '')],
    '--ready-file': ['readyFile', String],
    '--pid-file': ['pidFile', String],
    '--no-thinking': ['thinking', false],
    '--signatures': ['signatures', true],
    '--gemini-ids': ['geminiIds', true],
    '--reasoning-content': ['reasoningContent', true],
    '--no-tools': ['noTools', true],
    '--lenient': ['lenient', true],
};

const SECRET = /^(authorization|x-api-key|x-goog-api-key|api-key|cookie|proxy-authorization)$/i;

// The error scenarios: status, message, headers. Only Anthropic knows 529.
const ERRORS = {
    error429: [429, 'Rate limit reached. Please try again later.', { 'retry-after': '1' }],
    error500: [500, 'Internal server error', {}],
    error529: [529, 'Overloaded', {}],
};

function die(m) {
    console.error('mock-backend: ' + m);
    process.exit(2);
}

function parseOptions(argv) {
    const o = {
        host: '127.0.0.1',
        port: 0,
        scenario: 'auto',
        record: null,
        quirks: new Set(),
        fragment: 0,
        delay: 400,
        key: null,
        prefer: 'shell',
        thinking: true,
        failCount: Infinity,
        models: null,
        lenient: false,
        basePath: '',
    };
    for (let i = 0; i < argv.length; i++) {
        const [name, type] = OPTIONS[argv[i]] || die(`unknown option ${argv[i]}`);
        if (typeof type !== 'function') o[name] = type;
        else if (i + 1 < argv.length) o[name] = type(argv[++i]);
        else die(`${argv[i]} needs a value`);
    }
    if (!PROTOCOLS.includes(o.protocol)) die(`--protocol ${PROTOCOLS.join('|')} is required`);
    if (!SCENARIOS.includes(o.scenario)) die(`unknown scenario ${o.scenario}`);
    return o;
}

const opts = parseOptions(process.argv.slice(2));
const A = (await import(`./lib/${opts.protocol}.mjs`)).default;
const models = opts.models || A.defaultModels;
let seq = 0;
let fails = 0;

const hideValue = v => (/^Bearer /i.test(v) ? 'Bearer ' : '') + `<${String(v).length} chars>`;
const hideSecrets = headers =>
    Object.fromEntries(
        Object.entries(headers).map(([k, v]) => [k, SECRET.test(k) ? hideValue(v) : v]),
    );

function record(o) {
    if (opts.record) fs.appendFileSync(opts.record, JSON.stringify(o) + '\n');
}

function inflate(buf, encoding) {
    switch ((encoding || 'identity').toLowerCase()) {
        case 'identity':
            return buf;
        case 'gzip':
            return zlib.gunzipSync(buf);
        case 'deflate':
            return zlib.inflateSync(buf);
        case 'br':
            return zlib.brotliDecompressSync(buf);
        default:
            throw new BadRequest(`Unsupported content-encoding: ${encoding}`, { status: 415 });
    }
}

function bodyText(req, raw) {
    try {
        return inflate(raw, req.headers['content-encoding']).toString('utf8');
    } catch (e) {
        if (e instanceof BadRequest) throw e;
        throw new BadRequest('could not decode the request body: ' + e.message);
    }
}

function parsed(text) {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

const notFound = m => new BadRequest(m, { status: 404 });

function sendJson(req, res, status, o, headers = {}) {
    const s = JSON.stringify(o);
    res.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(s),
        ...headers,
    });
    res.end(req.method === 'HEAD' ? undefined : s);
}

// What is answered without a request body; undefined: the route wants one.
function answerPlain(route) {
    switch (route.op) {
        case 'models':
            return A.models(models);
        case 'model':
            if (opts.models && !models.includes(route.id))
                throw notFound(`model: ${route.id} not found`);
            return A.model(route.id);
        case 'version':
            return A.version();
        case 'ps':
            return A.ps();
        case 'stored': {
            const r = A.stored(route.id);
            if (!r) throw notFound(`Response with id '${route.id}' not found.`);
            return r;
        }
        case 'delete':
            A.drop(route.id);
            return { id: route.id, object: 'response', deleted: true };
    }
}

function requireJsonBody(req, text, body) {
    const type = req.headers['content-type'] || '';
    if (type.split(';')[0].trim().toLowerCase() !== 'application/json')
        throw new BadRequest(`Unsupported content type '${type}': expected application/json`);
    if (!text) throw new BadRequest('empty request body');
    if (typeof body !== 'object' || body === null || Array.isArray(body))
        throw new BadRequest(
            'We could not parse the JSON body of your request: not a JSON object',
        );
}

function validate(body, ctx, entry) {
    if (A.headers) A.headers(ctx.req);
    try {
        A.validate(body, ctx);
    } catch (e) {
        const goOn = opts.lenient && e instanceof BadRequest && e.status === 400;
        if (!goOn || (A.name === 'gemini' && !ctx.turns)) throw e;
        entry.lenientError = e.message;
    }
    // a provider knows its own models only
    const model = ctx.route.model ?? body.model;
    if (opts.models && ctx.route.op === 'generate' && !models.includes(model))
        throw notFound(`The model '${model}' does not exist`);
}

// The mid-stream scenarios have a counterpart without a stream.
function brokenJson(req, res, plan) {
    return (status, o, headers) => {
        if (plan.scenario === 'error-midstream') {
            const e = A.error(503, 'The server had an error while processing your request.');
            return sendJson(req, res, 503, e.body, e.headers);
        }
        if (plan.scenario !== 'die-midstream') return sendJson(req, res, status, o, headers);
        const t = Buffer.from(JSON.stringify(o));
        res.writeHead(status, {
            'content-type': 'application/json',
            'content-length': t.length,
            ...headers,
        });
        res.write(t.subarray(0, t.length >> 1));
        setTimeout(() => res.destroy(), 30);
    };
}

async function generate(req, res, entry, ctx) {
    const body = entry.body;
    const view = A.view(body, ctx);
    if (opts.noTools) readText(body, view);
    const plan = makePlan(view, opts);
    Object.assign(entry, {
        stream: !!view.stream,
        scenario: plan.scenario,
        note: plan.note,
        final: plan.final,
        calls: plan.calls.length,
    });
    if (opts.noTools) writeText(plan);
    const error = ERRORS[plan.scenario];
    if (error && fails++ < opts.failCount) {
        const [wanted, message, headers] = error;
        const status = wanted === 529 && A.name !== 'anthropic' ? 503 : wanted;
        const e = A.error(status, message);
        return sendJson(req, res, status, e.body, { ...e.headers, ...headers });
    }
    if (error) plan.scenario = 'text';
    const out = new Out(req, res, opts, plan);
    out.json = brokenJson(req, res, plan);
    await A.reply(body, plan, out, view, opts, ctx);
}

async function handle(req, res, entry, raw) {
    const url = new URL(req.url, 'http://mock');
    if (url.searchParams.has('key'))
        entry.query = entry.query.replace(/key=[^&]+/, 'key=<hidden>');
    if (opts.basePath) {
        if (!url.pathname.startsWith(opts.basePath)) throw notFound('Not Found');
        url.pathname = url.pathname.slice(opts.basePath.length) || '/';
    }
    entry.bodyBytes = raw.length;
    const text = bodyText(req, raw);
    if (text) entry.body = parsed(text);
    const route = A.route(req, url);
    entry.op = route ? route.op : null;
    if (!route) throw notFound(`Invalid URL (${req.method} ${url.pathname})`);
    if (route.op === 'probe') {
        if (opts.quirks.has('probe-404')) throw notFound('Not Found');
        res.writeHead(200, { 'content-type': 'text/plain' });
        return res.end(req.method === 'HEAD' ? undefined : A.probeText || 'ok');
    }
    A.auth(req, url, opts);
    const plain = answerPlain(route);
    if (plain) return sendJson(req, res, 200, plain);
    requireJsonBody(req, text, entry.body);
    const ctx = { req, url, route, opts };
    validate(entry.body, ctx, entry);
    if (route.op === 'count') return sendJson(req, res, 200, A.count(entry.body));
    if (route.op === 'show') return sendJson(req, res, 200, A.show(entry.body));
    await generate(req, res, entry, ctx);
}

function refuse(req, res, entry, e) {
    const known = e instanceof BadRequest;
    if (!known) console.error(e);
    entry.error = e.message;
    if (res.headersSent) return res.destroy();
    const status = known ? e.status : 500;
    const r = A.error(status, e.message, A.name === 'anthropic' ? undefined : e);
    const array = /streamGenerateContent/.test(req.url) && !/alt=sse/.test(req.url);
    sendJson(req, res, status, array ? [r.body] : r.body, r.headers);
}

const server = http.createServer((req, res) => {
    const url = new URL(req.url, 'http://mock');
    const t0 = Date.now();
    const chunks = [];
    const entry = {
        n: ++seq,
        t: new Date().toISOString(),
        protocol: A.name,
        method: req.method,
        path: url.pathname,
        query: url.search,
        httpVersion: req.httpVersion,
        headers: hideSecrets(req.headers),
    };
    let logged = false;
    const log = ended => {
        if (logged) return;
        logged = true;
        record({ ...entry, status: res.statusCode, ended, ms: Date.now() - t0 });
    };
    res.on('finish', () => log('finished'));
    res.on('close', () => log(res.writableFinished ? 'finished' : 'closed early'));
    req.on('error', () => {});
    req.on('data', c => chunks.push(c));
    req.on('end', () =>
        handle(req, res, entry, Buffer.concat(chunks)).catch(e => refuse(req, res, entry, e)),
    );
});

server.on('checkContinue', (req, res) => {
    res.writeContinue();
    server.emit('request', req, res);
});
server.on('error', e => die(e.message));
server.keepAliveTimeout = 65000;
server.listen(opts.port, opts.host, () => {
    const { port } = server.address();
    const root = `http://${opts.host}:${port}${opts.basePath}`;
    console.log(`mock-backend ${root} protocol=${A.name} scenario=${opts.scenario}`);
    if (opts.pidFile) fs.writeFileSync(opts.pidFile, String(process.pid));
    if (opts.readyFile) fs.writeFileSync(opts.readyFile, String(port));
});
for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => {
        server.closeAllConnections();
        server.close(() => process.exit(0));
        setTimeout(() => process.exit(0), 500);
    });
