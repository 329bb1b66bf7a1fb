#!/usr/bin/env node
// The mock backend must refuse malformed requests with the provider's own error. node selftest.mjs
import { spawn } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
let passed = 0,
    failed = 0;
const J = 'application/json';
async function up(protocol, extra = []) {
    const p = spawn(
        process.execPath,
        [path.join(import.meta.dirname, 'mock-backend.mjs'), '--protocol', protocol, ...extra],
        { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const url = await new Promise((ok, no) => {
        p.stdout.once('data', d => ok(/http:\/\/\S+/.exec(String(d))[0]));
        p.once('exit', () => no(new Error('mock died')));
    });
    return {
        url,
        stop: () =>
            new Promise(r => {
                p.once('exit', r);
                p.kill('SIGTERM');
            }),
    };
}
const send = (u, { method = 'POST', headers = {}, body }) =>
    new Promise((ok, no) => {
        const s =
            body === undefined
                ? undefined
                : typeof body === 'string'
                  ? body
                  : JSON.stringify(body);
        const r = http.request(
            u,
            {
                method,
                headers:
                    s === undefined
                        ? headers
                        : { 'content-length': Buffer.byteLength(s), ...headers },
            },
            res => {
                const c = [];
                res.on('data', x => c.push(x));
                res.on('end', () => {
                    const t = Buffer.concat(c).toString();
                    let j;
                    try {
                        j = JSON.parse(t);
                    } catch {}
                    ok({ status: res.statusCode, text: t, json: j });
                });
            },
        );
        r.on('error', no);
        r.end(s);
    });
const cl = o => JSON.parse(JSON.stringify(o));
async function suite(protocol, P, cases) {
    const s = await up(protocol, P.extra);
    for (const [name, want, mut, opt = {}] of cases) {
        let body = cl(P.good);
        const r = mut ? mut(body) : undefined;
        if (r !== undefined) body = r;
        const headers = { 'content-type': J, ...P.headers, ...(opt.headers || {}) };
        for (const k of opt.drop || []) delete headers[k];
        const x = await send(s.url + (opt.path || P.path), { headers, body, method: opt.method });
        const errOk = want < 400 || P.err(x.json, x.status);
        const ok = x.status === want && errOk;
        ok ? passed++ : failed++;
        if (!ok || process.env.VERBOSE)
            console.log(
                `${ok ? 'PASS' : 'FAIL'} ${protocol}: ${name} (want ${want}, got ` +
                    `${x.status}${errOk ? '' : ', wrong error shape'}) ${x.text.slice(0, 160)}`,
            );
    }
    await s.stop();
}

for (const name of ['anthropic', 'openai', 'responses', 'gemini', 'ollama', 'key', 'no-tools'])
    await suite(...(await import(`./selftest/${name}.mjs`)).default);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
