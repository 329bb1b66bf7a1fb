import { require, base, model, key, assert, PARAMS, DESC, SYSTEM } from './common.mjs';

export default function () {
    const { GoogleGenAI } = require('@google/genai');
    const C = new GoogleGenAI({
        apiKey: key,
        httpOptions: { baseUrl: base, timeout: 60000 },
    });
    const P = {
        type: 'OBJECT',
        properties: {
            command: { type: 'STRING', description: 'The command to run' },
            timeout: { type: 'INTEGER' },
        },
        required: ['command'],
    };
    const tools = [
            { functionDeclarations: [{ name: 'Bash', description: DESC, parameters: P }] },
        ],
        tools2 = [
            {
                functionDeclarations: [
                    { name: 'Bash', description: DESC, parametersJsonSchema: PARAMS },
                ],
            },
        ];
    return {
        start: p => [{ role: 'user', parts: [{ text: p }] }],
        async once(st, { stream, tool }) {
            const q = {
                model,
                contents: st,
                config: {
                    systemInstruction: SYSTEM,
                    maxOutputTokens: 2048,
                    ...(tool
                        ? {
                              tools: stream ? tools2 : tools,
                              toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
                          }
                        : {}),
                },
            };
            let parts = [],
                stop,
                usage;
            const eat = r => {
                const c = r.candidates?.[0];
                parts.push(...(c?.content?.parts || []));
                if (c?.finishReason) stop = c.finishReason;
                if (r.usageMetadata) usage = r.usageMetadata;
            };
            if (stream) for await (const ch of await C.models.generateContentStream(q)) eat(ch);
            else eat(await C.models.generateContent(q));
            return {
                text: parts
                    .filter(p => p.text && !p.thought)
                    .map(p => p.text)
                    .join(''),
                stop,
                usageOk: usage?.promptTokenCount > 0 && usage.totalTokenCount > 0,
                calls: parts
                    .filter(p => p.functionCall)
                    .map(p => ({
                        id: p.functionCall.id,
                        name: p.functionCall.name,
                        args: p.functionCall.args,
                    })),
                state: [...st, { role: 'model', parts: parts.filter(p => !p.thought) }],
            };
        },
        results: (st, rs) => [
            ...st,
            {
                role: 'user',
                parts: rs.map(r => ({
                    functionResponse: {
                        ...(r.id ? { id: r.id } : {}),
                        name: r.name,
                        response: { output: r.out },
                    },
                })),
            },
        ],
        stops: ['STOP', 'STOP'],
        extra: {
            'count-tokens': async () => {
                const r = await C.models.countTokens({ model, contents: 'hi' });
                assert(r.totalTokens > 0, 'no totalTokens');
            },
            models: async () => {
                const r = [];
                for await (const m of await C.models.list()) r.push(m.name);
                assert(r.length, 'empty model list');
            },
            'json-schema': async () => {
                const r = await C.models.generateContent({
                    model,
                    contents: 'json',
                    config: {
                        responseMimeType: 'application/json',
                        responseJsonSchema: {
                            type: 'object',
                            properties: { ok: { type: 'boolean' } },
                            required: ['ok'],
                        },
                    },
                });
                assert(JSON.parse(r.text).ok === true, r.text);
            },
            'error-shape': async () => {
                const e = await C.models
                    .generateContent({
                        model,
                        contents: [{ role: 'wizard', parts: [{ text: 'x' }] }],
                    })
                    .catch(x => x);
                assert(e.status === 400, `expected a 400, got ${e.status} ${e.message}`);
                assert(/INVALID_ARGUMENT/.test(e.message), e.message);
            },
        },
    };
}
