// Whether validation sees what it is for: each good document, bent in one
// place, must become a bad one.
//
//   selftest.mjs SCHEMAS

import { readFileSync } from 'node:fs';
import { Validator } from './validate.mjs';

const good = [
    ['anthropic', 'event', { type: 'message_stop' }],
    ['anthropic', 'event', { type: 'content_block_delta', index: 0,
        delta: { type: 'text_delta', text: 'x' } }],
    ['anthropic', 'error', { type: 'error', request_id: null,
        error: { type: 'api_error', message: 'x' } }],
    ['chat', 'event', { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm',
        choices: [{ index: 0, delta: { content: 'x' }, finish_reason: null }] }],
    ['chat', 'whole', { id: 'x', object: 'chat.completion', created: 1, model: 'm',
        choices: [{ index: 0, finish_reason: 'stop', logprobs: null,
            message: { role: 'assistant', content: 'x', refusal: null } }] }],
    ['responses', 'event', { type: 'response.output_text.delta', item_id: 'i', output_index: 0,
        content_index: 0, delta: 'x', logprobs: [], sequence_number: 1 }],
    ['responses', 'error', { error: { message: 'x', type: 'x', param: null, code: null } }],
    ['gemini', 'error', { error: { code: 400, message: 'x', status: 'INVALID_ARGUMENT' } }],
    ['ollama', 'whole', { model: 'm', created_at: '2026-01-01T00:00:00Z', done: true,
        done_reason: 'stop', message: { role: 'assistant', content: 'x' } }],
    ['ollama', 'event', { model: 'm', created_at: '2026-01-01T00:00:00Z', done: false,
        message: { role: 'assistant', content: 'x' } }],
];

// Copies of v: without a member, with one more, with a member of another type.
function* bent(v) {
    if (Array.isArray(v)) {
        for (const [i, m] of v.entries()) {
            for (const b of bent(m)) yield v.with?.(i, b) ?? v.map((o, k) => k === i ? b : o);
        }
        return;
    }
    if (v === null || typeof v !== 'object') return;
    yield { ...v, unheard_of: 1 };
    for (const name of Object.keys(v)) {
        const { [name]: _, ...rest } = v;
        if (name !== 'content' || 'index' in v) yield rest;
        yield { ...v, [name]: [[]] };
        for (const b of bent(v[name])) yield { ...v, [name]: b };
    }
}

let n = 0;
for (const [client, type, document] of good) {
    const schema = JSON.parse(readFileSync(`${process.argv[2]}/${client}.json`, 'utf8'));
    const validator = new Validator(schema.definitions);
    const told = validator.check(type, document);
    if (told.length) throw new Error(`${client} ${type} refused: ${JSON.stringify(told)}`);
    for (const v of bent(document)) {
        // what a delta need not have
        if (v.choices?.[0]?.delta && !Object.keys(v.choices[0].delta).length) continue;
        n++;
        if (!validator.check(type, v).length) throw new Error(`${client} ${type} taken: ${JSON.stringify(v)}`);
    }
}
console.log(`# ${n} bent documents refused`);
