// node run-sdk.mjs CLIENT BASE_URL MODEL KEY WORKDIR CHECKS [SKIP]
// The official SDKs, each check once; prints one line for each.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fs from 'node:fs';
import path from 'node:path';
import { FLOURISH, proofContent } from '../lib/plan.mjs';
import {
    assert,
    client,
    nonce,
    skipChecks,
    textPrompt,
    toolPrompt,
    wantChecks,
    work,
} from './common.mjs';

const LIMIT = 60000; // ms, of one check
const sh = promisify(execFile);

// An adapter: start(prompt) -> state; results(state, [{id, name, out}]) -> state;
// once(state, {stream, tool}) -> {text, calls: [{id, name, args}], usageOk, stop, state};
// stops: [of a text, of a tool call]; extra: more checks; optional: those only run when named
const ADAPTERS = {
    'sdk-anthropic': './anthropic.mjs',
    'sdk-openai': './openai.mjs',
    'sdk-openai-responses': './responses.mjs',
    'sdk-gemini': './gemini.mjs',
    'sdk-ollama': './ollama.mjs',
};

async function runCommand(cmd) {
    const { stdout, stderr } = await sh('bash', ['-c', cmd], { cwd: work });
    return stdout + stderr;
}

function checkProof(dir, token, parallel) {
    for (const f of parallel ? ['proof.txt', 'proof2.txt'] : ['proof.txt']) {
        const p = path.join(dir, f);
        assert(fs.existsSync(p), `${f} was not created`);
        const got = fs.readFileSync(p, 'utf8').trimEnd();
        assert(got === proofContent(token), `${f}: ${JSON.stringify(got)}`);
    }
}

async function checkText(a, stream) {
    const token = 'PONG-' + nonce();
    const r = await a.once(a.start(textPrompt(token)), { stream });
    assert(r.text === token + FLOURISH, `text: ${JSON.stringify(r.text)}`);
    assert(r.stop === a.stops[0], `stop ${r.stop}`);
    assert(r.usageOk, 'usage is missing or zero');
}

async function checkTool(a, stream, parallel) {
    const dir = fs.mkdtempSync(path.join(work, 't-'));
    const token = 'TOK-' + nonce();
    const n = parallel ? 2 : 1;
    let r = await a.once(a.start(toolPrompt(token, dir, parallel)), { stream, tool: true });
    assert(r.calls.length === n, `${r.calls.length} tool calls, want ${n}; text ${r.text}`);
    assert(r.stop === a.stops[1], `stop ${r.stop}`);
    const results = [];
    for (const c of r.calls) {
        const ok = c.name === 'Bash' && typeof c.args.command === 'string';
        assert(ok, `call ${JSON.stringify(c)}`);
        results.push({ id: c.id, name: c.name, out: await runCommand(c.args.command) });
    }
    checkProof(dir, token, parallel);
    r = await a.once(a.results(r.state, results), { stream, tool: true });
    assert(r.text.includes(`done ${token} results=${n}`), `final: ${JSON.stringify(r.text)}`);
    assert(r.stop === a.stops[0], `stop ${r.stop}`);
}

// A stream that breaks must not look like a whole answer to the SDK.
async function checkBroken(a, scenario) {
    const r = await a.once(a.start(`[mock:${scenario}] x`), { stream: true }).catch(e => e);
    assert(
        r instanceof Error,
        `a broken stream was taken for complete: ${JSON.stringify(r.text)}`,
    );
}

function allChecks(a) {
    const all = {};
    for (const [tag, stream] of [
        ['stream', true],
        ['json', false],
    ]) {
        all[`text-${tag}`] = () => checkText(a, stream);
        all[`tool-${tag}`] = () => checkTool(a, stream, false);
        all[`parallel-${tag}`] = () => checkTool(a, stream, true);
    }
    for (const scenario of ['error-midstream', 'die-midstream'])
        all[scenario] = () => checkBroken(a, scenario);
    return Object.assign(all, a.extra);
}

// A bare name picks both of NAME-stream and NAME-json.
const named = (list, all) =>
    list
        .split(',')
        .flatMap(w => all.filter(n => n === w || n === w + '-stream' || n === w + '-json'));

async function run(name, check) {
    const t0 = Date.now();
    let timer;
    const late = new Promise((_, no) => {
        timer = setTimeout(() => no(new Error(`timeout after ${LIMIT} ms`)), LIMIT);
    });
    let why = '';
    try {
        await Promise.race([check(), late]);
    } catch (e) {
        why =
            ' ' +
            String(e.message || e)
                .replace(/\s+/g, ' ')
                .slice(0, 300);
    }
    clearTimeout(timer);
    console.log(`${why ? 'FAIL' : 'PASS'} ${client} ${name} ${Date.now() - t0}ms${why}`);
    return !why;
}

const adapter = (await import(ADAPTERS[client])).default();
const checks = allChecks(adapter);
const names =
    wantChecks && wantChecks !== 'all'
        ? named(wantChecks, Object.keys(checks))
        : Object.keys(checks).filter(n => !adapter.optional?.includes(n));
const skipped = named(skipChecks || '', names);
let failed = names.length ? 0 : 1;

if (!names.length) console.log(`FAIL ${client} no such check: ${wantChecks}`);
for (const n of names) {
    if (skipped.includes(n)) console.log(`SKIP ${client} ${n}`);
    else if (!(await run(n, checks[n]))) failed = 1;
}
process.exit(failed);
