import {
    require,
    base,
    model,
    key,
    assert,
    PARAMS,
    DESC,
    SYSTEM,
    nonce,
    textPrompt,
} from './common.mjs';

export default function () {
    const { Ollama } = require('ollama');
    const C = new Ollama({ host: base, headers: { authorization: 'Bearer ' + key } });
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
                options: { num_predict: 2048, temperature: 0.1 },
                ...(tool ? { tools } : {}),
            };
            let content = '',
                calls = [],
                last;
            if (stream)
                for await (const r of await C.chat({ ...q, stream: true })) {
                    content += r.message.content || '';
                    calls.push(...(r.message.tool_calls || []));
                    last = r;
                }
            else {
                last = await C.chat(q);
                content = last.message.content;
                calls = last.message.tool_calls || [];
            }
            assert(last.done === true, 'last object is not done:true');
            return {
                text: content,
                stop: last.done_reason,
                usageOk: last.prompt_eval_count > 0 && last.eval_count > 0,
                calls: calls.map(c => ({
                    id: c.id,
                    name: c.function.name,
                    args: c.function.arguments,
                })),
                state: [
                    ...st,
                    {
                        role: 'assistant',
                        content,
                        ...(calls.length ? { tool_calls: calls } : {}),
                    },
                ],
            };
        },
        results: (st, rs) => [
            ...st,
            ...rs.map(r => ({ role: 'tool', tool_name: r.name, content: r.out })),
        ],
        stops: ['stop', 'stop'],
        extra: {
            models: async () => {
                const r = await C.list();
                assert(r.models.length && r.models[0].name, 'empty model list');
            },
            show: async () => {
                const r = await C.show({ model });
                assert(r.capabilities || r.details, 'no details');
            },
            version: async () => {
                const r = await C.version();
                assert(r.version, 'no version');
            },
            generate: async () => {
                const t = 'PONG-' + nonce();
                const r = await C.generate({ model, prompt: textPrompt(t) });
                assert(r.response.includes(t) && r.done, r.response);
            },
            'json-schema': async () => {
                const r = await C.chat({
                    model,
                    messages: [{ role: 'user', content: 'json' }],
                    format: {
                        type: 'object',
                        properties: { ok: { type: 'boolean' } },
                        required: ['ok'],
                    },
                });
                assert(JSON.parse(r.message.content).ok === true, r.message.content);
            },
            'error-shape': async () => {
                const e = await C.chat({
                    model,
                    messages: [{ role: 'wizard', content: 'x' }],
                }).catch(x => x);
                assert(
                    e instanceof Error && e.status_code === 400 && e.message,
                    `expected a 400, got ${e.status_code} ${e.message}`,
                );
            },
        },
    };
}
