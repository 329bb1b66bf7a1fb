// Text, streams, JSON, calls and errors of a real model, by official SDKs.
//
//   check.mjs MODULES MODEL MESSAGES CALLS
//
// MODULES holds the SDKs; then the URLs of the gateway: the model by Chat
// Completions, the same by its Anthropic door, and one that can only call.
// What a model says can't be known: it must be some, end, and be counted.

import { createRequire } from 'node:module';
import assert from 'node:assert/strict';

const [modules, model, messages, calls] = process.argv.slice(2);
const require = createRequire(`${modules}/package.json`);
const { default: Anthropic } = require('@anthropic-ai/sdk');
const { default: OpenAI } = require('openai');
const { GoogleGenAI } = require('@google/genai');
const { Ollama } = require('ollama');

const apiKey = 'k', maxRetries = 0, max = 12;
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tool = { name: 'get_weather', description: 'The weather of a city.', parameters };
const schema = { type: 'object', properties: { n: { type: 'integer', enum: [1, 2] } },
    required: ['n'], additionalProperties: false };
const collect = async (stream, piece) => {
    const all = [];
    for await (const event of stream) all.push(piece(event));
    return all.filter((x) => x !== undefined && x !== '');
};

// Each client: ask({ text, tools?, schema? }) gives { text, calls, end, out };
// stream({ text, tools? }) gives the pieces of text and the final.
const clients = {
    anthropic: (url) => {
        const c = new Anthropic({ apiKey, maxRetries, baseURL: url });
        const body = ({ text, tools, schema }) => ({ model: 'small', max_tokens: tools ? 99 : max,
            messages: [{ role: 'user', content: text }],
            ...(tools && { tools: [{ name: tool.name, description: tool.description, input_schema: parameters }] }),
            ...(schema && { output_config: { format: { type: 'json_schema', schema } } }) });
        const read = (m) => ({ text: m.content.filter((b) => b.type === 'text').map((b) => b.text).join(''),
            calls: m.content.filter((b) => b.type === 'tool_use').map((b) => [b.name, b.input]),
            end: m.stop_reason, out: m.usage.output_tokens });
        return {
            ask: async (a) => read(await c.messages.create(body(a))),
            stream: async (a) => {
                const s = c.messages.stream(body(a));
                const pieces = await collect(s, (e) => e.delta?.text);
                return { pieces, ...read(await s.finalMessage()) };
            },
        };
    },
    chat: (url) => {
        const c = new OpenAI({ apiKey, maxRetries, baseURL: `${url}/v1` });
        const body = ({ text, tools, schema }) => ({ model: 'small', max_completion_tokens: tools ? 99 : max,
            messages: [{ role: 'user', content: text }],
            ...(tools && { tools: [{ type: 'function', function: tool }] }),
            ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } }) });
        const read = (m) => ({ text: m.choices[0].message.content ?? '',
            calls: (m.choices[0].message.tool_calls ?? [])
                .map((t) => [t.function.name, JSON.parse(t.function.arguments)]),
            end: m.choices[0].finish_reason, out: m.usage.completion_tokens });
        return {
            ask: async (a) => read(await c.chat.completions.create(body(a))),
            stream: async (a) => {
                const s = c.chat.completions.stream({ ...body(a), stream_options: { include_usage: true } });
                const pieces = await collect(s, (e) => e.choices[0]?.delta?.content ?? undefined);
                return { pieces, ...read(await s.finalChatCompletion()) };
            },
        };
    },
    responses: (url) => {
        const c = new OpenAI({ apiKey, maxRetries, baseURL: `${url}/v1` });
        const body = ({ text, tools, schema }) => ({ model: 'small', max_output_tokens: tools ? 99 : 16, input: text,
            ...(tools && { tools: [{ type: 'function', strict: false, ...tool }] }),
            ...(schema && { text: { format: { type: 'json_schema', name: 'n', schema } } }) });
        const read = (r) => ({ text: r.output_text,
            calls: r.output.filter((i) => i.type === 'function_call')
                .map((i) => [i.name, JSON.parse(i.arguments)]),
            end: r.status, out: r.usage.output_tokens });
        return {
            ask: async (a) => read(await c.responses.create(body(a))),
            stream: async (a) => {
                const s = c.responses.stream(body(a));
                const pieces = await collect(s, (e) => e.type === 'response.output_text.delta' ? e.delta : undefined);
                return { pieces, ...read(await s.finalResponse()) };
            },
        };
    },
    gemini: (url) => {
        const c = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: url } });
        const body = ({ text, tools, schema }) => ({ model: 'small', contents: text,
            config: { maxOutputTokens: tools ? 99 : max,
                ...(tools && { tools: [{ functionDeclarations: [{ name: tool.name, description: tool.description,
                    parametersJsonSchema: parameters }] }] }),
                ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }) } });
        const text = (r) => (r.candidates?.[0].content?.parts ?? []).map((p) => p.text ?? '').join('');
        const read = (all) => ({ text: all.map(text).join(''),
            calls: all.flatMap((r) => r.functionCalls ?? []).map((f) => [f.name, f.args]),
            end: all.at(-1).candidates[0].finishReason, out: all.at(-1).usageMetadata.candidatesTokenCount });
        return {
            ask: async (a) => read([await c.models.generateContent(body(a))]),
            stream: async (a) => {
                const all = await collect(await c.models.generateContentStream(body(a)), (r) => r);
                return { pieces: all.map(text).filter((t) => t), ...read(all) };
            },
        };
    },
    ollama: (url) => {
        const c = new Ollama({ host: url });
        const body = ({ text, tools, schema }) => ({ model: 'small', messages: [{ role: 'user', content: text }],
            options: { num_predict: tools ? 99 : max },
            ...(tools && { tools: [{ type: 'function', function: tool }] }), ...(schema && { format: schema }) });
        const read = (all) => ({ text: all.map((r) => r.message.content).join(''),
            calls: all.flatMap((r) => r.message.tool_calls ?? []).map((t) => [t.function.name, t.function.arguments]),
            end: all.at(-1).done_reason, out: all.at(-1).eval_count });
        return {
            ask: async (a) => read([await c.chat({ ...body(a), stream: false })]),
            stream: async (a) => {
                const all = await collect(await c.chat({ ...body(a), stream: true }), (r) => r);
                return { pieces: all.map((r) => r.message.content).filter((t) => t), ...read(all) };
            },
        };
    },
};

const ends = /^(end_turn|max_tokens|stop|length|completed|incomplete|STOP|MAX_TOKENS)$/;
const said = (r) => {
    assert.ok(r.text.length > 0, 'no text');
    assert.match(r.end, ends);
    assert.ok(r.out > 0, `output tokens: ${r.out}`);
};
const called = (r) => {
    assert.equal(r.calls.length, 1, 'calls');
    assert.equal(r.calls[0][0], 'get_weather');
    assert.match(r.calls[0][1].city, /^[A-Za-z]{3,9}$/);
    assert.equal(r.text.trim(), 'I look.');
};
const long = { text: 'word '.repeat(3000) };
const checks = [
    ['text', model, async (c) => said(await c.ask({ text: 'Say hello.' }))],
    ['text by messages', messages, async (c) => said(await c.ask({ text: 'Say hello.' }))],
    ...[['stream', model], ['stream by messages', messages]].map(([name, url]) => [name, url, async (c) => {
        const r = await c.stream({ text: 'Say hello.' });
        said(r);
        assert.ok(r.pieces.length > 1, 'one piece only');
        assert.equal(r.pieces.join(''), r.text);
    }]),
    ['json', model, async (c) => {
        const r = await c.ask({ text: 'Give n.', schema });
        assert.ok([1, 2].includes(JSON.parse(r.text).n), r.text);
    }],
    ['call', calls, async (c) => called(await c.ask({ text: 'Weather in Oslo?', tools: true }))],
    ['call in a stream', calls, async (c) => called(await c.stream({ text: 'Weather in Oslo?', tools: true }))],
    ['error', model, (c) => assert.rejects(c.ask(long), (e) => {
        assert.equal(e.status ?? e.status_code, 400);
        assert.match(e.message, /context|too long/i);
        return true;
    })],
    ['error of a stream', model, (c) => assert.rejects(c.stream(long), /context|too long/i)],
];

let passed = 0, failed = 0;
for (const [client, make] of Object.entries(clients)) {
    for (const [name, url, check] of checks) {
        const from = Date.now();
        try {
            await check(make(url));
            passed++;
            console.log(`PASS ${client} ${name} ${Date.now() - from} ms`);
        } catch (e) {
            failed++;
            console.log(`FAIL ${client} ${name} ${Date.now() - from} ms: ${e.message.split('\n')[0].slice(0, 300)}`);
        }
    }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
