// Validates answers (the output of build/types/answers) against the official
// SDKs' types, and what the SDKs' own accumulators make of streams.
//
//   check.mjs SCHEMAS MODULES PART/PARTS < answers
//
// SCHEMAS holds PROTOCOL.json, made from shape/; MODULES the SDKs.
//
// Writes JSON: { objects: {type: n}, problems: {key: {n, example}} }.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Validator } from './validate.mjs';
import { Accumulators } from './accumulate.mjs';

const [schemas, modules, part] = process.argv.slice(2);
const [own, parts] = part.split('/').map(Number);
const validators = Object.fromEntries(
    ['anthropic', 'chat', 'responses', 'gemini', 'ollama'].map((client) =>
        [client, new Validator(JSON.parse(readFileSync(`${schemas}/${client}.json`, 'utf8')).definitions)]));
const accumulators = await Accumulators.load(createRequire(`${modules}/package.json`));

const short = { 'openai-chat': 'chat', 'openai-responses': 'responses' };
const result = { objects: {}, problems: {} };

function note(answer, at, what) {
    const key = `${answer.client}\t${at}\t${what}`;
    const seen = result.problems[key] ??= { n: 0, ups: {}, example: null };
    seen.n++;
    seen.ups[answer.up] = (seen.ups[answer.up] ?? 0) + 1;
    seen.example ??= `${answer.prefix} ${answer.up} to ${answer.client} ${answer.form} ${answer.how}`;
}

function validate(answer, type, value, as = type) {
    const name = `${answer.client} ${as}`;
    result.objects[name] = (result.objects[name] ?? 0) + 1;
    for (const { at, what } of validators[answer.client].check(type, value)) {
        note(answer, as === type ? at : `${as} ${at}`, what);
    }
}

function parse(answer, text) {
    try {
        return JSON.parse(text);
    } catch (e) {
        note(answer, 'JSON', e.message.replace(/ in JSON.*|position.*/, ''));
        return undefined;
    }
}

// The payloads of a stream; SSE's names must be the payloads' types.
function* events(answer, text) {
    if (answer.client === 'ollama') {
        for (const line of text.split('\n')) if (line) yield parse(answer, line);
        return;
    }
    for (const frame of text.split(/\r?\n\r?\n/)) {
        let name, data;
        for (const line of frame.split(/\r?\n/)) {
            if (line.startsWith('event: ')) name = line.slice(7);
            if (line.startsWith('data: ')) data = (data ?? '') + line.slice(6);
        }
        if (data === undefined || data === '[DONE]') continue;
        const v = parse(answer, data);
        if (name && v?.type !== name) note(answer, 'event name', `${name} for ${v?.type}`);
        yield v;
    }
}

async function judge(answer, body) {
    if (answer.status >= 400 || answer.form === 'whole') {
        const v = parse(answer, body.toString());
        if (v !== undefined) validate(answer, answer.status >= 400 ? 'error' : 'whole', v);
        return;
    }
    for (const v of events(answer, body.toString())) {
        if (v !== undefined) validate(answer, 'event', v);
    }
    if (answer.how !== 'plain') return;
    const made = await accumulators.final(answer.client, body);
    if (made?.error) note(answer, 'accumulator', made.error);
    else if (made) validate(answer, 'whole', made.value, 'final');
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const input = Buffer.concat(chunks);

for (let at = 0, i = 0; at < input.length; i++) {
    const end = input.indexOf(10, at);
    const f = input.subarray(at, end).toString().split('\t');
    const [prefix, up, client, form, how, status, kind, n] = f;
    const body = input.subarray(end + 1, end + 1 + Number(n));
    at = end + 2 + Number(n);
    if (i % parts !== own) continue;
    await judge({ prefix, up: short[up] ?? up, client: short[client] ?? client,
                  form, how, status: Number(status), kind }, body);
}
process.stdout.write(JSON.stringify(result));
