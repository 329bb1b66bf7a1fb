import { require, base, model, key, assert, PARAMS, DESC, SYSTEM } from './common.mjs';

export default function () {
    const S = require('openai');
    const C = new (S.default || S.OpenAI)({
        baseURL: base + '/v1',
        apiKey: key,
        maxRetries: 1,
        timeout: 60000,
    });
    const tools = [
        {
            type: 'function',
            function: { name: 'Bash', description: DESC, parameters: PARAMS },
        },
    ];
    return {
        start: p => [
            { role: 'system', content: SYSTEM },
            { role: 'user', content: p },
        ],
        async once(st, { stream, tool }) {
            const q = {
                model,
                messages: st,
                max_completion_tokens: 2048,
                ...(tool ? { tools, tool_choice: 'auto' } : {}),
            };
            let r,
                seen = '';
            if (stream) {
                const s = C.chat.completions.stream({
                    ...q,
                    stream_options: { include_usage: true },
                });
                s.on('content', t => {
                    seen += t;
                });
                r = await s.finalChatCompletion();
            } else r = await C.chat.completions.create(q);
            const m = r.choices[0].message;
            if (stream)
                assert(
                    seen === (m.content || ''),
                    'content deltas differ from the final message',
                );
            return {
                text: m.content || '',
                stop: r.choices[0].finish_reason,
                usageOk: r.usage?.prompt_tokens > 0 && r.usage.total_tokens > 0,
                calls: (m.tool_calls || []).map(c => ({
                    id: c.id,
                    name: c.function.name,
                    args: JSON.parse(c.function.arguments),
                })),
                state: [
                    ...st,
                    {
                        role: 'assistant',
                        content: m.content,
                        ...(m.tool_calls?.length
                            ? {
                                  tool_calls: m.tool_calls.map(c => ({
                                      id: c.id,
                                      type: 'function',
                                      function: {
                                          name: c.function.name,
                                          arguments: c.function.arguments,
                                      },
                                  })),
                              }
                            : {}),
                    },
                ],
            };
        },
        results: (st, rs) => [
            ...st,
            ...rs.map(r => ({ role: 'tool', tool_call_id: r.id, content: r.out })),
        ],
        stops: ['stop', 'tool_calls'],
        extra: {
            models: async () => {
                const r = [];
                for await (const m of C.models.list()) r.push(m.id);
                assert(r.length, 'empty model list');
            },
            'json-schema': async () => {
                const r = await C.chat.completions.create({
                    model,
                    messages: [{ role: 'user', content: 'json' }],
                    response_format: {
                        type: 'json_schema',
                        json_schema: {
                            name: 'out',
                            strict: true,
                            schema: {
                                type: 'object',
                                properties: {
                                    ok: { type: 'boolean' },
                                    n: { type: 'integer' },
                                },
                                required: ['ok', 'n'],
                                additionalProperties: false,
                            },
                        },
                    },
                });
                const o = JSON.parse(r.choices[0].message.content);
                assert(
                    o.ok === true && Number.isInteger(o.n),
                    'schema was not honoured: ' + r.choices[0].message.content,
                );
            },
            'error-shape': async () => {
                const e = await C.chat.completions
                    .create({ model, messages: [{ role: 'wizard', content: 'x' }] })
                    .catch(x => x);
                assert(
                    e.status === 400 && e.constructor.name === 'BadRequestError',
                    `expected a 400, got ${e.status}`,
                );
                assert(e.error?.message && e.type, `error body: ${JSON.stringify(e.error)}`);
            },
            'rate-limit': async () => {
                const e = await C.withOptions({ maxRetries: 0 })
                    .chat.completions.create({
                        model,
                        messages: [{ role: 'user', content: '[mock:error429] x' }],
                    })
                    .catch(x => x);
                assert(
                    e.status === 429 && e.constructor.name === 'RateLimitError',
                    `got ${e.status} ${e.message}`,
                );
            },
        },
    };
}
