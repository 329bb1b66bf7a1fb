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
            name: 'Bash',
            description: DESC,
            parameters: PARAMS,
            strict: false,
        },
    ];
    return {
        start: p => [{ role: 'user', content: p }],
        async once(st, { stream, tool }) {
            const q = {
                model,
                instructions: SYSTEM,
                input: st,
                store: false,
                max_output_tokens: 2048,
                include: ['reasoning.encrypted_content'],
                ...(tool ? { tools } : {}),
            };
            let r,
                seen = '';
            if (stream) {
                const s = C.responses.stream(q);
                s.on('response.output_text.delta', e => {
                    seen += e.delta;
                });
                r = await s.finalResponse();
            } else r = await C.responses.create(q);
            const text = r.output
                .filter(o => o.type === 'message')
                .flatMap(o => o.content)
                .filter(c => c.type === 'output_text')
                .map(c => c.text)
                .join('');
            if (stream) assert(seen === text, 'deltas differ from the final response');
            assert(r.status === 'completed', `status ${r.status}`);
            const strip = o => {
                const { parsed, parsed_arguments, ...x } = o;
                if (x.content) x.content = x.content.map(({ parsed: _, ...c }) => c);
                return x;
            };
            return {
                text,
                stop: r.status,
                usageOk: r.usage?.input_tokens > 0 && r.usage.total_tokens > 0,
                calls: r.output
                    .filter(o => o.type === 'function_call')
                    .map(o => ({
                        id: o.call_id,
                        name: o.name,
                        args: JSON.parse(o.arguments),
                    })),
                state: [...st, ...r.output.map(strip)],
            };
        },
        results: (st, rs) => [
            ...st,
            ...rs.map(r => ({ type: 'function_call_output', call_id: r.id, output: r.out })),
        ],
        stops: ['completed', 'completed'],
        extra: {
            models: async () => {
                const r = [];
                for await (const m of C.models.list()) r.push(m.id);
                assert(r.length, 'empty model list');
            },
            'error-shape': async () => {
                const e = await C.responses
                    .create({ model, input: [{ role: 'wizard', content: 'x' }] })
                    .catch(x => x);
                assert(
                    e.status === 400 && e.constructor.name === 'BadRequestError',
                    `expected a 400, got ${e.status}`,
                );
                assert(e.error?.message && e.type, `error body: ${JSON.stringify(e.error)}`);
            },
            // needs a server that keeps state: run with --checks …,previous-response-id
            'previous-response-id': async () => {
                const a = await C.responses.create({ model, input: textPrompt('PONG-one') });
                const t = 'PONG-' + nonce();
                const b = await C.responses.create({
                    model,
                    previous_response_id: a.id,
                    input: textPrompt(t),
                });
                assert(b.output_text.includes(t), b.output_text);
            },
        },
        optional: ['previous-response-id'],
    };
}
