import { bad, need, isObj, isStr, b64 } from './common.mjs';
import { newId, pieces } from './plan.mjs';
const goType = v =>
    v === null ? 'null' : Array.isArray(v) ? 'array' : typeof v === 'boolean' ? 'bool' : typeof v;
const um = (v, field, type) =>
    bad(`json: cannot unmarshal ${goType(v)} into Go struct field ${field} of type ${type}`);

export default {
    name: 'ollama',
    noAuth: true,
    error: (status, message) => ({ body: { error: message }, headers: {} }),
    auth(req, url, opts) {
        if (opts.key && (req.headers.authorization || '') !== 'Bearer ' + opts.key)
            bad('unauthorized', { status: 401 });
    },
    route(req, url) {
        const k = req.method + ' ' + url.pathname;
        if (k === 'POST /api/chat') return { op: 'generate' };
        if (k === 'POST /api/generate') return { op: 'generate', raw: true };
        if (k === 'GET /api/tags') return { op: 'models' };
        if (k === 'GET /api/version') return { op: 'version' };
        if (k === 'GET /api/ps') return { op: 'ps' };
        if (k === 'POST /api/show') return { op: 'show' };
        if (k === 'GET /' || k === 'HEAD /') return { op: 'probe' };
        return null;
    },
    probeText: 'Ollama is running',
    validate(b, ctx) {
        if (ctx.route.op === 'show') {
            need(isStr(b.model) || isStr(b.name), 'model is required');
            return;
        }
        need(isStr(b.model) && b.model, 'model is required');
        if (b.stream != null && typeof b.stream !== 'boolean')
            um(b.stream, 'ChatRequest.stream', 'bool');
        if (b.options != null && !isObj(b.options))
            um(b.options, 'ChatRequest.options', 'map[string]interface {}');
        if (b.think != null)
            need(
                typeof b.think === 'boolean' ||
                    ['high', 'medium', 'low', 'max'].includes(b.think),
                `invalid think value: "${b.think}" (must be "high", "medium", "low", true, ` +
                    `or false)`,
            );
        if (b.format != null)
            need(
                b.format === '' || b.format === 'json' || isObj(b.format),
                `invalid format: "${b.format}"; expected "json" or a valid JSON Schema object`,
            );
        if (b.keep_alive != null)
            need(isStr(b.keep_alive) || typeof b.keep_alive === 'number', 'invalid keep_alive');
        if (ctx.route.raw) {
            if (b.prompt != null && !isStr(b.prompt))
                um(b.prompt, 'GenerateRequest.prompt', 'string');
            return;
        }
        need(Array.isArray(b.messages), 'messages is required');
        need(b.messages.length, 'messages is required');
        let open = null;
        b.messages.forEach((m, i) => {
            if (!isObj(m)) um(m, 'ChatRequest.messages', 'api.Message');
            need(isStr(m.role), `messages[${i}]: role is required`);
            need(
                ['system', 'user', 'assistant', 'tool'].includes(m.role),
                `invalid role: ${m.role}, must be one of ["system", "user", "assistant", "tool"]`,
            );
            if (m.content != null && !isStr(m.content))
                um(m.content, 'ChatRequest.messages.content', 'string');
            if (m.thinking != null && !isStr(m.thinking))
                um(m.thinking, 'ChatRequest.messages.thinking', 'string');
            if (m.images != null) {
                need(Array.isArray(m.images), 'images must be an array');
                m.images.forEach(x => need(b64(x), 'illegal base64 data at input byte 0'));
            }
            if (m.tool_calls != null) {
                if (!Array.isArray(m.tool_calls))
                    um(m.tool_calls, 'ChatRequest.messages.tool_calls', '[]api.ToolCall');
                need(m.role === 'assistant', 'tool_calls only belong to an assistant message');
                m.tool_calls.forEach(c => {
                    need(
                        isObj(c) &&
                            isObj(c.function) &&
                            isStr(c.function.name) &&
                            c.function.name,
                        'tool call without a function name',
                    );
                    if (!isObj(c.function.arguments))
                        um(
                            c.function.arguments,
                            'ChatRequest.messages.tool_calls.function.arguments',
                            'api.ToolCallFunctionArguments',
                        );
                });
                open = {
                    names: m.tool_calls.map(c => c.function.name),
                    ids: m.tool_calls.map(c => c.id).filter(Boolean),
                    left: m.tool_calls.length,
                };
            } else if (m.role === 'tool') {
                need(
                    open && open.left > 0,
                    'tool message without a preceding assistant tool call (mock strictness)',
                );
                open.left--;
                if (m.tool_name != null)
                    need(
                        open.names.includes(m.tool_name),
                        `tool_name ${m.tool_name} was not called (mock strictness)`,
                    );
                if (m.tool_call_id != null && open.ids.length)
                    need(
                        open.ids.includes(m.tool_call_id),
                        `tool_call_id ${m.tool_call_id} was not called (mock strictness)`,
                    );
                need(
                    m.tool_name != null || m.tool_call_id != null || open.names.length === 1,
                    'tool message needs tool_name or tool_call_id (mock strictness)',
                );
            } else {
                need(
                    !open || open.left === 0,
                    `${open && open.left} tool call(s) without a tool message (mock strictness)`,
                );
                open = null;
            }
        });
        need(
            !open || open.left === 0,
            `${open && open.left} tool call(s) without a tool message (mock strictness)`,
        );
        if (b.tools != null) {
            if (!Array.isArray(b.tools)) um(b.tools, 'ChatRequest.tools', 'api.Tools');
            b.tools.forEach((t, i) => {
                need(
                    isObj(t) &&
                        t.type === 'function' &&
                        isObj(t.function) &&
                        isStr(t.function.name) &&
                        t.function.name,
                    `tools[${i}]: expected {type:"function",function:{name,...}}`,
                );
                const p = t.function.parameters;
                if (p != null) {
                    if (!isObj(p))
                        um(
                            p,
                            'ToolFunction.tools.function.parameters',
                            'api.ToolFunctionParameters',
                        );
                    if (p.type != null && !isStr(p.type))
                        um(p.type, 'ToolFunction.tools.function.parameters.type', 'string');
                    if (p.required != null && !Array.isArray(p.required))
                        um(p.required, 'parameters.required', '[]string');
                }
            });
        }
        for (const k of ['max_tokens', 'tool_choice', 'temperature', 'max_completion_tokens'])
            need(
                !(k in b),
                `unexpected OpenAI-style field "${k}" in an Ollama request (mock ` +
                    `strictness: Ollama would silently ignore it; use options)`,
            );
    },
    view(b, ctx) {
        const st = b.stream !== false,
            fmt = isObj(b.format) ? b.format : null;
        if (ctx.route.raw)
            return {
                userText: b.prompt || '',
                results: [],
                tools: [],
                jsonSchema: fmt,
                stream: st,
            };
        const results = [];
        for (let i = b.messages.length - 1; i >= 0 && b.messages[i].role === 'tool'; i--)
            results.unshift({
                id: b.messages[i].tool_call_id,
                text: b.messages[i].content || '',
            });
        if (!results.length) {
            let i = b.messages.length - 1;
            while (i >= 0 && ['user', 'system'].includes(b.messages[i].role)) i--;
            const users = b.messages
                .slice(i + 1)
                .map(m => m.content || '')
                .join('\n');
            if (i >= 0 && b.messages[i].role === 'tool' && !/TOK-|PONG-/.test(users))
                for (; i >= 0 && b.messages[i].role === 'tool'; i--)
                    results.unshift({ text: b.messages[i].content || '' });
        }
        return {
            userText: b.messages
                .filter(m => m.role === 'user')
                .map(m => m.content || '')
                .join('\n'),
            results,
            tools: (b.tools || []).map(t => ({
                name: t.function.name,
                kind: 'function',
                schema: t.function.parameters || { type: 'object' },
            })),
            jsonSchema: fmt,
            stream: st,
            think: !!b.think,
        };
    },
    async reply(b, plan, out, view, opts, ctx) {
        const q = out.quirk,
            now = () => new Date().toISOString();
        const stats = {
            total_duration: 4883583458,
            load_duration: 1334875,
            prompt_eval_count: Math.ceil(JSON.stringify(b).length / 4),
            prompt_eval_duration: 342546000,
            eval_count: Math.ceil(plan.text.length / 4) + 1,
            eval_duration: 4535599000,
        };
        const calls = plan.calls.map((c, i) => ({
            id: newId('call_', 8).toLowerCase(),
            function: { index: i, name: c.name, arguments: c.args },
        }));
        const thinking = view.think && opts.thinking ? 'hmm 思考' : null;
        const line = (m, done) => ({
            model: b.model,
            created_at: now(),
            ...(ctx.route.raw
                ? { response: m.content, ...(m.thinking ? { thinking: m.thinking } : {}) }
                : { message: { role: 'assistant', ...m } }),
            done: !!done,
            ...(done ? { done_reason: 'stop', ...(q.has('no-usage') ? {} : stats) } : {}),
        });
        if (!view.stream)
            return out.json(
                200,
                line(
                    {
                        content: calls.length ? '' : plan.text,
                        ...(thinking ? { thinking } : {}),
                        ...(calls.length ? { tool_calls: calls } : {}),
                    },
                    true,
                ),
            );
        out.head(200, { 'content-type': 'application/x-ndjson' });
        const ev = (o, k) =>
            out.event(
                JSON.stringify(o) + '\n',
                k,
                '{"error":"an error was encountered while running the model"}\n',
            );
        if (thinking) await ev(line({ content: '', thinking }), 'body');
        if (calls.length)
            for (const c of calls) await ev(line({ content: '', tool_calls: [c] }), 'body');
        else for (const t of pieces(plan.text)) await ev(line({ content: t }), 'body');
        if (!q.has('no-done')) await ev(line({ content: '' }, true));
        out.end();
    },
    models: ids => ({
        models: ids.map(id => ({
            name: id,
            model: id,
            modified_at: '2025-10-03T23:34:03Z',
            size: 3825819519,
            digest: 'fe938a131f40e6f6d40083c9f0f430a515233eb2edaa6d72eb85c50d64f2300e',
            details: {
                format: 'gguf',
                family: 'llama',
                families: ['llama'],
                parameter_size: '7B',
                quantization_level: 'Q4_0',
            },
        })),
    }),
    version: () => ({ version: '0.12.6' }),
    ps: () => ({ models: [] }),
    show: b => ({
        modelfile: '',
        parameters: '',
        template: '',
        details: {
            format: 'gguf',
            family: 'llama',
            families: ['llama'],
            parameter_size: '7B',
            quantization_level: 'Q4_0',
        },
        model_info: { 'general.architecture': 'llama', 'llama.context_length': 131072 },
        capabilities: ['completion', 'tools', 'thinking'],
    }),
    defaultModels: ['llama3.2:latest', 'qwen3:8b'],
};
