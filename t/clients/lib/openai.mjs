import { bad, need, isObj, isStr, isInt, onlyKeys } from './common.mjs';
import { newId, pieces } from './plan.mjs';

export const openaiError = (status, message, x = {}) => ({
    body: {
        error: {
            message,
            type:
                x.type ||
                {
                    401: 'invalid_request_error',
                    404: 'invalid_request_error',
                    429: 'requests',
                    500: 'server_error',
                    503: 'server_error',
                }[status] ||
                'invalid_request_error',
            param: x.param ?? null,
            code:
                x.code ?? { 401: 'invalid_api_key', 429: 'rate_limit_exceeded' }[status] ?? null,
        },
    },
    headers: { 'x-request-id': newId('req_', 32) },
});
export function openaiAuth(req, url, opts) {
    const m = /^Bearer\s+(\S+)$/i.exec(req.headers.authorization || '');
    if (!m)
        bad(
            "You didn't provide an API key. You need to provide your API key in an " +
                'Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).',
            { status: 401, code: null },
        );
    if (opts.key && m[1] !== opts.key) bad('Incorrect API key provided.', { status: 401 });
}
export const openaiModels = ids => ({
    object: 'list',
    data: ids.map(id => ({ id, object: 'model', created: 1715367049, owned_by: 'mock' })),
});
export const FN = /^[a-zA-Z0-9_-]+$/;
export function checkParameters(p, name, param) {
    if (p == null) return;
    need(isObj(p), `Invalid schema for function '${name}': schema must be an object`, {
        param,
        code: 'invalid_function_parameters',
    });
    need(
        p.type === 'object' || Object.keys(p).length === 0,
        `Invalid schema for function '${name}': schema must be a JSON Schema of 'type: ` +
            `"object"', got 'type: "${p.type === undefined ? 'None' : p.type}"'.`,
        { param, code: 'invalid_function_parameters' },
    );
    const walk = (s, at) => {
        if (!isObj(s)) return;
        if (s.type === 'array')
            need(
                'items' in s || 'prefixItems' in s,
                `Invalid schema for function '${name}': In context=${at}, array schema ` +
                    `missing items.`,
                { param, code: 'invalid_function_parameters' },
            );
        if (isObj(s.properties))
            for (const k of Object.keys(s.properties)) walk(s.properties[k], `${at}.${k}`);
        if (isObj(s.items)) walk(s.items, at + '[]');
        for (const k of ['anyOf', 'oneOf', 'allOf'])
            if (Array.isArray(s[k])) s[k].forEach(x => walk(x, at));
    };
    walk(p, '()');
}
export function checkStrict(s, name, param, at = '()') {
    if (!isObj(s)) return;
    if (s.type === 'object') {
        need(
            s.additionalProperties === false,
            `Invalid schema for function '${name}': In context=${at}, ` +
                `'additionalProperties' is required to be supplied and to be false.`,
            { param, code: 'invalid_function_parameters' },
        );
        const pr = Object.keys(s.properties || {}),
            miss = pr.filter(k => !(s.required || []).includes(k));
        need(
            !miss.length,
            `Invalid schema for function '${name}': In context=${at}, 'required' is ` +
                `required to be supplied and to be an array including every key in ` +
                `properties. Missing '${miss[0]}'.`,
            { param, code: 'invalid_function_parameters' },
        );
        for (const k of pr) checkStrict(s.properties[k], name, param, `${at}.${k}`);
    }
    if (s.items) checkStrict(s.items, name, param, at + '[]');
}
const TOP = [
    'model',
    'messages',
    'audio',
    'frequency_penalty',
    'function_call',
    'functions',
    'logit_bias',
    'logprobs',
    'max_completion_tokens',
    'max_tokens',
    'metadata',
    'modalities',
    'n',
    'parallel_tool_calls',
    'prediction',
    'presence_penalty',
    'prompt_cache_key',
    'prompt_cache_retention',
    'reasoning_effort',
    'response_format',
    'safety_identifier',
    'seed',
    'service_tier',
    'stop',
    'store',
    'stream',
    'stream_options',
    'temperature',
    'tool_choice',
    'tools',
    'top_logprobs',
    'top_p',
    'user',
    'verbosity',
    'web_search_options',
];
const PARTS = {
    system: ['text'],
    developer: ['text'],
    tool: ['text'],
    user: ['text', 'image_url', 'input_audio', 'file'],
    assistant: ['text', 'refusal'],
    function: ['text'],
};
const P = (param, code) => ({ param, code });

function checkScalars(b) {
    onlyKeys(b, TOP, k =>
        bad(`Unrecognized request argument supplied: ${k}`, {
            param: k,
            code: 'unknown_parameter',
        }),
    );
    need(isStr(b.model) && b.model, 'you must provide a model parameter', P('model'));
    need(
        Array.isArray(b.messages),
        "Missing required parameter: 'messages'.",
        P('messages', 'missing_required_parameter'),
    );
    need(
        b.messages.length > 0,
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but " +
            'got an empty array instead.',
        P('messages', 'empty_array'),
    );
    for (const k of ['stream', 'store', 'parallel_tool_calls', 'logprobs'])
        if (b[k] != null)
            need(
                typeof b[k] === 'boolean',
                `Invalid type for '${k}': expected a boolean`,
                P(k, 'invalid_type'),
            );
    for (const k of ['max_tokens', 'max_completion_tokens', 'n', 'seed', 'top_logprobs'])
        if (b[k] != null)
            need(
                isInt(b[k]),
                `Invalid type for '${k}': expected an integer`,
                P(k, 'invalid_type'),
            );
    for (const k of ['max_tokens', 'max_completion_tokens'])
        if (b[k] != null)
            need(
                b[k] >= 1,
                `Invalid '${k}': integer below minimum value. Expected a value >= 1`,
                P(k, 'integer_below_min_value'),
            );
    need(
        !(b.max_tokens != null && b.max_completion_tokens != null),
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        P('max_tokens', 'invalid_parameter_combination'),
    );
    if (b.temperature != null)
        need(
            typeof b.temperature === 'number' && b.temperature >= 0 && b.temperature <= 2,
            "Invalid 'temperature': expected a value in 0..2",
            P('temperature'),
        );
    if (b.top_p != null)
        need(
            typeof b.top_p === 'number' && b.top_p >= 0 && b.top_p <= 1,
            "Invalid 'top_p': expected a value in 0..1",
            P('top_p'),
        );
}

function checkOptions(b) {
    if (b.stop != null) {
        need(
            isStr(b.stop) || (Array.isArray(b.stop) && b.stop.every(isStr)),
            "Invalid type for 'stop'",
            P('stop'),
        );
        if (Array.isArray(b.stop))
            need(
                b.stop.length <= 4,
                "Invalid 'stop': array too long. Expected an array with maximum length 4",
                P('stop', 'array_above_max_length'),
            );
    }
    if (b.stream_options != null) {
        need(
            b.stream === true,
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            P('stream_options'),
        );
        onlyKeys(b.stream_options, ['include_usage', 'include_obfuscation'], k =>
            bad(
                `Unknown parameter: 'stream_options.${k}'.`,
                P('stream_options.' + k, 'unknown_parameter'),
            ),
        );
    }
    if (b.reasoning_effort != null)
        need(
            ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'].includes(b.reasoning_effort),
            `Invalid value: '${b.reasoning_effort}'.`,
            P('reasoning_effort', 'invalid_value'),
        );
    if (b.metadata != null) {
        need(isObj(b.metadata), "Invalid type for 'metadata'", P('metadata'));
        for (const [k, v] of Object.entries(b.metadata)) {
            need(
                isStr(v),
                `Invalid type for 'metadata.${k}': expected a string`,
                P('metadata.' + k, 'invalid_type'),
            );
            need(
                v.length <= 512 && k.length <= 64,
                `Invalid 'metadata.${k}': string too long`,
                P('metadata.' + k, 'string_above_max_length'),
            );
        }
    }
}

function checkFormat(b) {
    need(
        isObj(b.response_format) &&
            ['text', 'json_object', 'json_schema'].includes(b.response_format.type),
        "Invalid value for 'response_format.type'",
        P('response_format.type', 'invalid_value'),
    );
    if (b.response_format.type === 'json_schema') {
        const j = b.response_format.json_schema;
        need(
            isObj(j) && isStr(j.name),
            "Missing required parameter: 'response_format.json_schema.name'.",
            P('response_format.json_schema'),
        );
        need(
            FN.test(j.name) && j.name.length <= 64,
            "Invalid 'response_format.json_schema.name'",
            P('response_format.json_schema.name'),
        );
        if (j.strict) checkStrict(j.schema, 'response_format', 'response_format');
    }
}

function checkTool(t, i, names) {
    need(
        isObj(t) && isStr(t.type),
        `Missing required parameter: 'tools[${i}].type'.`,
        P(`tools[${i}].type`, 'missing_required_parameter'),
    );
    need(
        ['function', 'custom'].includes(t.type),
        `Invalid value: '${t.type}'. Supported values are: 'function' and 'custom'.`,
        P(`tools[${i}].type`, 'invalid_value'),
    );
    if (t.type === 'custom') {
        need(
            isObj(t.custom) && isStr(t.custom.name),
            `Missing required parameter: 'tools[${i}].custom.name'.`,
        );
        names.add(t.custom.name);
        return;
    }
    onlyKeys(t, ['type', 'function'], k =>
        bad(`Unknown parameter: 'tools[${i}].${k}'.`, P(`tools[${i}].${k}`, 'unknown_parameter')),
    );
    need(
        isObj(t.function),
        `Missing required parameter: 'tools[${i}].function'.`,
        P(`tools[${i}].function`, 'missing_required_parameter'),
    );
    const f = t.function;
    onlyKeys(f, ['name', 'description', 'parameters', 'strict'], k =>
        bad(
            `Unknown parameter: 'tools[${i}].function.${k}'.`,
            P(`tools[${i}].function.${k}`, 'unknown_parameter'),
        ),
    );
    need(
        isStr(f.name),
        `Missing required parameter: 'tools[${i}].function.name'.`,
        P(`tools[${i}].function.name`, 'missing_required_parameter'),
    );
    need(
        FN.test(f.name),
        `Invalid 'tools[${i}].function.name': string does not match pattern. ` +
            `Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        P(`tools[${i}].function.name`, 'invalid_value'),
    );
    need(
        f.name.length <= 64,
        `Invalid 'tools[${i}].function.name': string too long. Expected a ` +
            `string with maximum length 64, but got a string with length ` +
            `${f.name.length} instead.`,
        P(`tools[${i}].function.name`, 'string_above_max_length'),
    );
    checkParameters(f.parameters, f.name, `tools[${i}].function.parameters`);
    if (f.strict === true && f.parameters)
        checkStrict(f.parameters, f.name, `tools[${i}].function.parameters`);
    names.add(f.name);
}

function checkTools(b, names) {
    need(Array.isArray(b.tools), "Invalid type for 'tools'", P('tools'));
    need(
        b.tools.length,
        "Invalid 'tools': empty array. Expected an array with minimum length 1, but " +
            'got an empty array instead.',
        P('tools', 'empty_array'),
    );
    b.tools.forEach((t, i) => checkTool(t, i, names));
}

function checkToolChoice(b, names) {
    const c = b.tool_choice;
    if (isStr(c))
        need(
            ['none', 'auto', 'required'].includes(c),
            `Invalid value: '${c}'. Supported values are: 'none', 'auto', and ` + `'required'.`,
            P('tool_choice', 'invalid_value'),
        );
    else {
        need(
            isObj(c) && ['function', 'custom', 'allowed_tools'].includes(c.type),
            "Invalid type for 'tool_choice'",
            P('tool_choice'),
        );
        if (c.type === 'function') {
            need(
                isStr(c.function?.name),
                "Missing required parameter: 'tool_choice.function.name'.",
                P('tool_choice'),
            );
            need(
                names.has(c.function.name),
                `Tool choice '${c.function.name}' not found in 'tools' parameter.`,
                P('tool_choice'),
            );
        }
    }
    need(
        b.tools,
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when " +
            "'tools' are specified.",
        P('tool_choice'),
    );
}

function checkPart(c, j, m, at) {
    need(
        isObj(c) && isStr(c.type),
        `Missing required parameter: '${at}.content[${j}].type'.`,
        P(`${at}.content[${j}].type`),
    );
    need(
        PARTS[m.role].includes(c.type),
        `Invalid value: '${c.type}'. Supported values are: ` +
            `${PARTS[m.role].map(x => `'${x}'`).join(', ')}.`,
        P(`${at}.content[${j}].type`, 'invalid_value'),
    );
    if (c.type === 'text') {
        need(
            isStr(c.text),
            `Missing required parameter: '${at}.content[${j}].text'.`,
            P(`${at}.content[${j}].text`),
        );
        onlyKeys(c, ['type', 'text'], k =>
            bad(
                `Unknown parameter: '${at}.content[${j}].${k}'.`,
                P(`${at}.content[${j}].${k}`, 'unknown_parameter'),
            ),
        );
    }
    if (c.type === 'image_url')
        need(
            isObj(c.image_url) &&
                isStr(c.image_url.url) &&
                /^(https?:|data:image\/(png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+$)/.test(
                    c.image_url.url,
                ),
            `Invalid '${at}.content[${j}].image_url.url'`,
            P(`${at}.content[${j}].image_url.url`, 'invalid_image_url'),
        );
}

function checkContent(m, at) {
    if (m.content == null)
        need(
            m.role === 'assistant' && (m.tool_calls || m.function_call || m.refusal || m.audio),
            `Invalid value for 'content': expected a string, got null.`,
            P(`${at}.content`),
        );
    else if (Array.isArray(m.content)) {
        need(
            m.content.length,
            `Invalid '${at}.content': empty array. Expected an array with minimum ` + `length 1`,
            P(`${at}.content`, 'empty_array'),
        );
        m.content.forEach((c, j) => checkPart(c, j, m, at));
    } else
        need(
            isStr(m.content),
            `Invalid type for '${at}.content': expected one of a string or array of ` + `objects`,
            P(`${at}.content`, 'invalid_type'),
        );
}

// open: Map of the last tool_calls' ids to whether they are answered
function checkToolMessage(m, at, open) {
    need(
        isStr(m.tool_call_id),
        `Missing required parameter: '${at}.tool_call_id'.`,
        P(`${at}.tool_call_id`, 'missing_required_parameter'),
    );
    need(
        open,
        "Invalid parameter: messages with role 'tool' must be a response to a " +
            "preceeding message with 'tool_calls'.",
        P(`${at}.role`),
    );
    need(
        open.has(m.tool_call_id),
        `Invalid parameter: 'tool_call_id' of '${m.tool_call_id}' not found in ` +
            `'tool_calls' of previous message.`,
        P(`${at}.tool_call_id`),
    );
    open.set(m.tool_call_id, true);
}

function checkAnswered(open, param) {
    if (!open) return;
    const miss = [...open].filter(([, v]) => !v).map(([k]) => k);
    need(
        !miss.length,
        `An assistant message with 'tool_calls' must be followed by tool ` +
            `messages responding to each 'tool_call_id'. The following ` +
            `tool_call_ids did not have response messages: ${miss.join(', ')}`,
        P(param),
    );
}

function checkCall(c, p, open) {
    need(
        isObj(c) && isStr(c.id) && c.id,
        `Missing required parameter: '${p}.id'.`,
        P(`${p}.id`, 'missing_required_parameter'),
    );
    need(
        c.id.length <= 40,
        `Invalid '${p}.id': string too long. Expected a string with maximum ` +
            `length 40, but got a string with length ${c.id.length} instead.`,
        P(`${p}.id`, 'string_above_max_length'),
    );
    need(
        ['function', 'custom'].includes(c.type),
        `Missing required parameter: '${p}.type'.`,
        P(`${p}.type`, 'missing_required_parameter'),
    );
    onlyKeys(c, ['id', 'type', 'function', 'custom'], k =>
        bad(`Unknown parameter: '${p}.${k}'.`, P(`${p}.${k}`, 'unknown_parameter')),
    );
    if (c.type === 'function') {
        need(
            isObj(c.function) && isStr(c.function.name),
            `Missing required parameter: '${p}.function.name'.`,
            P(`${p}.function`),
        );
        need(
            FN.test(c.function.name) && c.function.name.length <= 64,
            `Invalid '${p}.function.name'`,
            P(`${p}.function.name`),
        );
        need(
            isStr(c.function.arguments),
            `Invalid type for '${p}.function.arguments': expected a string`,
            P(`${p}.function.arguments`, 'invalid_type'),
        );
        try {
            need(isObj(JSON.parse(c.function.arguments)));
        } catch {
            bad(
                `Invalid '${p}.function.arguments': not a JSON object (mock ` + `strictness)`,
                P(`${p}.function.arguments`),
            );
        }
    }
    need(!open.has(c.id), `Duplicate tool_call id '${c.id}'`, P(`${p}.id`));
    open.set(c.id, false);
}

function checkCalls(m, at) {
    const open = new Map();
    need(
        m.role === 'assistant' && Array.isArray(m.tool_calls),
        `Invalid type for '${at}.tool_calls'`,
        P(`${at}.tool_calls`),
    );
    need(
        m.tool_calls.length,
        `Invalid '${at}.tool_calls': empty array. Expected an array with ` +
            `minimum length 1, but got an empty array instead.`,
        P(`${at}.tool_calls`, 'empty_array'),
    );
    m.tool_calls.forEach((c, j) => checkCall(c, `${at}.tool_calls[${j}]`, open));
    return open;
}

function checkEnvelope(m, at) {
    need(
        isObj(m) && isStr(m.role),
        `Missing required parameter: '${at}.role'.`,
        P(`${at}.role`, 'missing_required_parameter'),
    );
    need(
        m.role in PARTS,
        `Invalid value: '${m.role}'. Supported values are: 'system', 'assistant', ` +
            `'user', 'function', 'tool', and 'developer'.`,
        P(`${at}.role`, 'invalid_value'),
    );
    onlyKeys(
        m,
        {
            tool: ['role', 'content', 'tool_call_id', 'name'],
            assistant: [
                'role',
                'content',
                'name',
                'tool_calls',
                'refusal',
                'audio',
                'function_call',
                'annotations',
            ],
        }[m.role] || ['role', 'content', 'name'],
        k => bad(`Unknown parameter: '${at}.${k}'.`, P(`${at}.${k}`, 'unknown_parameter')),
    );
}

function checkMessages(b) {
    let open = null;
    b.messages.forEach((m, i) => {
        const at = `messages[${i}]`;
        checkEnvelope(m, at);
        checkContent(m, at);
        if (m.role === 'tool') return checkToolMessage(m, at, open);
        checkAnswered(open, `${at}.role`);
        open = m.tool_calls == null ? null : checkCalls(m, at);
    });
    checkAnswered(open, 'messages');
}

export default {
    name: 'openai',
    error: openaiError,
    auth: openaiAuth,
    route(req, url) {
        const p = url.pathname;
        if (req.method === 'POST' && p === '/v1/chat/completions') return { op: 'generate' };
        if (req.method === 'GET' && p === '/v1/models') return { op: 'models' };
        const m = /^\/v1\/models\/(.+)$/.exec(p);
        if (req.method === 'GET' && m) return { op: 'model', id: decodeURIComponent(m[1]) };
        return null;
    },
    validate(b) {
        const names = new Set();
        checkScalars(b);
        checkOptions(b);
        if (b.response_format != null) checkFormat(b);
        if (b.tools != null) checkTools(b, names);
        if (b.tool_choice != null) checkToolChoice(b, names);
        if (b.parallel_tool_calls != null)
            need(
                b.tools,
                "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only " +
                    "allowed when 'tools' are specified.",
                P('parallel_tool_calls'),
            );
        checkMessages(b);
    },
    view(b) {
        const txt = c =>
            isStr(c)
                ? c
                : Array.isArray(c)
                  ? c
                        .filter(x => x.type === 'text')
                        .map(x => x.text)
                        .join('\n')
                  : '';
        const results = [];
        for (let i = b.messages.length - 1; i >= 0 && b.messages[i].role === 'tool'; i--)
            results.unshift({ id: b.messages[i].tool_call_id, text: txt(b.messages[i].content) });
        // a client or gateway may put a user reminder after the tool messages
        if (!results.length) {
            let i = b.messages.length - 1;
            while (i >= 0 && ['user', 'system', 'developer'].includes(b.messages[i].role)) i--;
            const users = b.messages
                .slice(i + 1)
                .map(m => txt(m.content))
                .join('\n');
            if (i >= 0 && b.messages[i].role === 'tool' && !/TOK-|PONG-/.test(users))
                for (; i >= 0 && b.messages[i].role === 'tool'; i--)
                    results.unshift({
                        id: b.messages[i].tool_call_id,
                        text: txt(b.messages[i].content),
                    });
        }
        return {
            userText: b.messages
                .filter(m => m.role === 'user')
                .map(m => txt(m.content))
                .join('\n'),
            results,
            tools: (b.tools || []).map(t =>
                t.type === 'function'
                    ? {
                          name: t.function.name,
                          kind: 'function',
                          schema: t.function.parameters || { type: 'object' },
                      }
                    : { name: t.custom?.name, kind: 'custom' },
            ),
            toolChoiceNone: b.tool_choice === 'none',
            jsonSchema:
                b.response_format?.type === 'json_schema'
                    ? b.response_format.json_schema.schema
                    : null,
            stream: b.stream === true,
        };
    },
    async reply(b, plan, out, view, opts) {
        const q = out.quirk,
            id = newId('chatcmpl-', 29),
            created = Math.floor(Date.now() / 1000);
        const pt = Math.ceil(JSON.stringify(b.messages).length / 4),
            ct = Math.ceil((plan.text + JSON.stringify(plan.calls)).length / 4);
        const usage = {
            prompt_tokens: pt,
            completion_tokens: ct,
            total_tokens: pt + ct,
            prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
            completion_tokens_details: {
                reasoning_tokens: 0,
                audio_tokens: 0,
                accepted_prediction_tokens: 0,
                rejected_prediction_tokens: 0,
            },
        };
        const calls = plan.calls.map(c => ({
            id: newId('call_'),
            type: 'function',
            function: { name: c.name, arguments: JSON.stringify(c.args) },
        }));
        const finish = calls.length ? 'tool_calls' : 'stop';
        const base = {
            id,
            created,
            model: b.model,
            service_tier: 'default',
            system_fingerprint: 'fp_mock',
        };
        if (!view.stream) {
            const r = {
                ...base,
                object: 'chat.completion',
                choices: [
                    {
                        index: 0,
                        message: {
                            role: 'assistant',
                            content: calls.length ? null : plan.text,
                            ...(calls.length ? { tool_calls: calls } : {}),
                            refusal: null,
                            annotations: [],
                            ...(opts.reasoningContent ? { reasoning_content: 'thinking…' } : {}),
                        },
                        logprobs: null,
                        finish_reason: finish,
                    },
                ],
                usage,
            };
            if (q.has('no-usage')) delete r.usage;
            return out.json(200, r, { 'x-request-id': newId('req_', 32) });
        }
        out.head(200, {
            'content-type': q.has('no-sse-type')
                ? 'application/json'
                : 'text/event-stream; charset=utf-8',
            'cache-control': 'no-cache',
            'x-request-id': newId('req_', 32),
        });
        const inc = b.stream_options?.include_usage === true;
        const ef =
            'data: ' +
            JSON.stringify({
                error: {
                    message: 'The server had an error while processing your request.',
                    type: 'server_error',
                    param: null,
                    code: null,
                },
            }) +
            '\n\n';
        const ch = (delta, fr, kind) =>
            out.event(
                'data: ' +
                    JSON.stringify({
                        ...base,
                        object: 'chat.completion.chunk',
                        choices: [{ index: 0, delta, logprobs: null, finish_reason: fr ?? null }],
                        ...(inc ? { usage: null } : {}),
                    }) +
                    '\n\n',
                kind,
                ef,
            );
        if (!q.has('no-role'))
            await ch({ role: 'assistant', content: calls.length ? null : '', refusal: null });
        if (opts.reasoningContent) await ch({ reasoning_content: 'thinking…' }, null, 'body');
        if (!calls.length)
            for (const t of pieces(plan.text)) await ch({ content: t }, null, 'body');
        for (let i = 0; i < calls.length; i++) {
            const c = calls[i],
                ix = q.has('no-tool-index') ? {} : { index: i };
            if (q.has('args-at-once')) {
                await ch({ tool_calls: [{ ...ix, ...c }] }, null, 'body');
                continue;
            }
            await ch(
                {
                    tool_calls: [
                        {
                            ...ix,
                            id: c.id,
                            type: 'function',
                            function: { name: c.function.name, arguments: '' },
                        },
                    ],
                },
                null,
                'body',
            );
            for (const t of pieces(c.function.arguments, 6))
                await ch({ tool_calls: [{ ...ix, function: { arguments: t } }] }, null, 'body');
        }
        if (!q.has('no-finish')) await ch({}, q.has('finish-stop') ? 'stop' : finish);
        if (inc && !q.has('no-usage'))
            await out.event(
                'data: ' +
                    JSON.stringify({
                        ...base,
                        object: 'chat.completion.chunk',
                        choices: [],
                        usage,
                    }) +
                    '\n\n',
            );
        if (!q.has('no-done')) await out.event('data: [DONE]\n\n');
        out.end();
    },
    models: openaiModels,
    model: id => ({ id, object: 'model', created: 1715367049, owned_by: 'mock' }),
    defaultModels: ['gpt-5', 'gpt-4.1'],
};
