import { require, base, model, key, assert, PARAMS, DESC, SYSTEM } from './common.mjs';

export default function () {
    const S = require('@anthropic-ai/sdk');
    const C = new (S.default || S.Anthropic || S)({
        baseURL: base,
        apiKey: key,
        maxRetries: 1,
        timeout: 60000,
    });
    const tools = [{ name: 'Bash', description: DESC, input_schema: PARAMS }];
    return {
        start: p => [{ role: 'user', content: p }],
        async once(st, { stream, tool }) {
            const q = {
                model,
                max_tokens: 2048,
                system: [{ type: 'text', text: SYSTEM, cache_control: { type: 'ephemeral' } }],
                messages: st,
                ...(tool ? { tools } : {}),
            };
            let m,
                seen = '';
            if (stream) {
                const s = C.messages.stream(q);
                s.on('text', t => {
                    seen += t;
                });
                m = await s.finalMessage();
            } else m = await C.messages.create(q);
            const text = m.content
                .filter(c => c.type === 'text')
                .map(c => c.text)
                .join('');
            if (stream) assert(seen === text, 'text events differ from the final message');
            assert(m.role === 'assistant' && m.type === 'message', 'bad message envelope');
            return {
                text,
                stop: m.stop_reason,
                usageOk: m.usage.input_tokens > 0 && m.usage.output_tokens > 0,
                calls: m.content
                    .filter(c => c.type === 'tool_use')
                    .map(c => ({ id: c.id, name: c.name, args: c.input })),
                state: [...st, { role: 'assistant', content: m.content }],
            };
        },
        results: (st, rs) => [
            ...st,
            {
                role: 'user',
                content: rs.map(r => ({
                    type: 'tool_result',
                    tool_use_id: r.id,
                    content: r.out,
                })),
            },
        ],
        stops: ['end_turn', 'tool_use'],
        extra: {
            'count-tokens': async () => {
                const r = await C.messages.countTokens({
                    model,
                    messages: [{ role: 'user', content: 'hi' }],
                });
                assert(r.input_tokens > 0, 'no input_tokens');
            },
            models: async () => {
                const r = [];
                for await (const m of C.models.list()) r.push(m.id);
                assert(r.length, 'empty model list');
            },
            'error-shape': async () => {
                const e = await C.messages
                    .create({
                        model,
                        max_tokens: 10,
                        messages: [{ role: 'wizard', content: 'x' }],
                    })
                    .catch(x => x);
                assert(e instanceof Error && e.status === 400, `expected a 400, got ${e.status}`);
                assert(
                    e.error?.error?.type === 'invalid_request_error' && e.error.error.message,
                    `error body: ${JSON.stringify(e.error)}`,
                );
            },
            'rate-limit': async () => {
                const c2 = C.withOptions({ maxRetries: 0 });
                const e = await c2.messages
                    .create({
                        model,
                        max_tokens: 10,
                        messages: [{ role: 'user', content: '[mock:error429] x' }],
                    })
                    .catch(x => x);
                assert(
                    e.status === 429 && e.constructor.name === 'RateLimitError',
                    `got ${e.status} ${e.message}`,
                );
                assert(e.error?.error?.type === 'rate_limit_error', JSON.stringify(e.error));
                assert(e.headers.get('retry-after'), 'retry-after was lost');
            },
        },
    };
}
