import { bad, need, isObj, isStr, isInt, onlyKeys } from './common.mjs';
import { newId, pieces } from './plan.mjs';
import {
    openaiError,
    openaiAuth,
    openaiModels,
    FN,
    checkParameters,
    checkStrict,
} from './openai.mjs';

const TOP = [
    'background',
    'context_management',
    'conversation',
    'include',
    'input',
    'instructions',
    'max_output_tokens',
    'max_tool_calls',
    'metadata',
    'model',
    'moderation',
    'parallel_tool_calls',
    'previous_response_id',
    'prompt',
    'prompt_cache_key',
    'prompt_cache_options',
    'prompt_cache_retention',
    'reasoning',
    'safety_identifier',
    'service_tier',
    'store',
    'stream',
    'stream_options',
    'temperature',
    'text',
    'tool_choice',
    'tools',
    'top_logprobs',
    'top_p',
    'truncation',
    'user',
    'client_metadata',
];
const ITEMS = [
    'message',
    'function_call',
    'function_call_output',
    'reasoning',
    'item_reference',
    'custom_tool_call',
    'custom_tool_call_output',
    'local_shell_call',
    'local_shell_call_output',
    'shell_call',
    'shell_call_output',
    'apply_patch_call',
    'apply_patch_call_output',
    'web_search_call',
    'file_search_call',
    'code_interpreter_call',
    'image_generation_call',
    'computer_call',
    'computer_call_output',
    'mcp_list_tools',
    'mcp_call',
    'mcp_approval_request',
    'mcp_approval_response',
    'compaction',
    'tool_search_call',
    'tool_search_output',
    'additional_tools',
];
const TOOLS = [
    'function',
    'custom',
    'web_search',
    'web_search_preview',
    'web_search_2025_08_26',
    'file_search',
    'code_interpreter',
    'image_generation',
    'mcp',
    'local_shell',
    'shell',
    'apply_patch',
    'computer',
    'computer_use_preview',
    'namespace',
    'tool_search',
];
const INCLUDE = [
    'reasoning.encrypted_content',
    'web_search_call.results',
    'web_search_call.action.sources',
    'file_search_call.results',
    'code_interpreter_call.outputs',
    'computer_call_output.output.image_url',
    'message.input_image.image_url',
    'message.output_text.logprobs',
];
const ENC = 'mockenc.';
const PAIR = {
    function_call_output: 'function_call',
    custom_tool_call_output: 'custom_tool_call',
    local_shell_call_output: 'local_shell_call',
    shell_call_output: 'shell_call',
    apply_patch_call_output: 'apply_patch_call',
};

const stored = new Map(); // id -> {input items, output items, response}

function expand(b) {
    const items = isStr(b.input)
        ? [{ type: 'message', role: 'user', content: b.input }]
        : (b.input || []).map(x =>
              isObj(x) && !x.type && x.role ? { type: 'message', ...x } : x,
          );
    if (b.previous_response_id == null) return items;
    const p = stored.get(b.previous_response_id);
    need(p, `Previous response with id '${b.previous_response_id}' not found.`, {
        param: 'previous_response_id',
        code: 'previous_response_not_found',
    });
    return [...p.items, ...items];
}
const partsText = c =>
    isStr(c)
        ? c
        : Array.isArray(c)
          ? c
                .filter(x => /text$/.test(x.type))
                .map(x => x.text)
                .join('\n')
          : '';
const flatTools = tools =>
    (tools || []).flatMap(t =>
        t.type === 'namespace' ? (t.tools || []).map(x => ({ ...x, namespace: t.name })) : [t],
    );

export default {
    name: 'responses',
    error: openaiError,
    auth: openaiAuth,
    route(req, url) {
        const p = url.pathname;
        if (req.method === 'POST' && p === '/v1/responses') return { op: 'generate' };
        if (req.method === 'POST' && p === '/v1/responses/input_tokens') return { op: 'count' };
        if (req.method === 'GET' && p === '/v1/models') return { op: 'models' };
        const m = /^\/v1\/responses\/([^/]+)$/.exec(p);
        if (m && req.method === 'GET') return { op: 'stored', id: m[1] };
        if (m && req.method === 'DELETE') return { op: 'delete', id: m[1] };
        const mm = /^\/v1\/models\/(.+)$/.exec(p);
        if (req.method === 'GET' && mm) return { op: 'model', id: decodeURIComponent(mm[1]) };
        return null;
    },
    stored: id => stored.get(id)?.response,
    drop: id => stored.delete(id),
    validate(b, ctx) {
        const P = (param, code) => ({ param, code });
        onlyKeys(b, TOP, k => bad(`Unknown parameter: '${k}'.`, P(k, 'unknown_parameter')));
        need(
            isStr(b.model) && b.model,
            "Missing required parameter: 'model'.",
            P('model', 'missing_required_parameter'),
        );
        need(
            b.input != null ||
                b.prompt != null ||
                b.previous_response_id != null ||
                b.conversation != null,
            "Missing required parameter: 'input'.",
            P('input', 'missing_required_parameter'),
        );
        if (b.input != null)
            need(
                isStr(b.input) || Array.isArray(b.input),
                "Invalid type for 'input': expected one of a string or array",
                P('input', 'invalid_type'),
            );
        if (b.instructions != null)
            need(
                isStr(b.instructions),
                "Invalid type for 'instructions': expected a string",
                P('instructions', 'invalid_type'),
            );
        for (const k of ['stream', 'store', 'parallel_tool_calls', 'background'])
            if (b[k] != null)
                need(
                    typeof b[k] === 'boolean',
                    `Invalid type for '${k}': expected a boolean`,
                    P(k, 'invalid_type'),
                );
        if (b.max_output_tokens != null)
            need(
                isInt(b.max_output_tokens) && b.max_output_tokens >= 16,
                `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16`,
                P('max_output_tokens', 'integer_below_min_value'),
            );
        if (b.temperature != null)
            need(
                typeof b.temperature === 'number' && b.temperature >= 0 && b.temperature <= 2,
                "Invalid 'temperature'",
                P('temperature'),
            );
        if (b.include != null) {
            need(Array.isArray(b.include), "Invalid type for 'include'", P('include'));
            b.include.forEach((x, i) =>
                need(
                    INCLUDE.includes(x),
                    `Invalid value: '${x}'. Supported values are: ` +
                        `${INCLUDE.map(y => `'${y}'`).join(', ')}.`,
                    P(`include[${i}]`, 'invalid_value'),
                ),
            );
        }
        if (b.reasoning != null) {
            onlyKeys(
                b.reasoning,
                ['effort', 'summary', 'generate_summary', 'context', 'mode'],
                k =>
                    bad(
                        `Unknown parameter: 'reasoning.${k}'.`,
                        P('reasoning.' + k, 'unknown_parameter'),
                    ),
            );
            if (b.reasoning.effort != null)
                need(
                    [
                        'none',
                        'minimal',
                        'low',
                        'medium',
                        'high',
                        'xhigh',
                        'max',
                        'ultra',
                    ].includes(b.reasoning.effort),
                    `Invalid value: '${b.reasoning.effort}'.`,
                    P('reasoning.effort', 'invalid_value'),
                );
        }
        if (b.stream_options != null)
            need(
                b.stream === true,
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                P('stream_options'),
            );
        if (b.text != null) {
            onlyKeys(b.text, ['format', 'verbosity'], k =>
                bad(`Unknown parameter: 'text.${k}'.`, P('text.' + k, 'unknown_parameter')),
            );
            const f = b.text.format;
            if (f != null) {
                need(
                    ['text', 'json_object', 'json_schema'].includes(f.type),
                    "Invalid value for 'text.format.type'",
                    P('text.format.type'),
                );
                if (f.type === 'json_schema') {
                    need(
                        isStr(f.name),
                        "Missing required parameter: 'text.format.name'.",
                        P('text.format.name', 'missing_required_parameter'),
                    );
                    need(
                        isObj(f.schema),
                        "Missing required parameter: 'text.format.schema'.",
                        P('text.format.schema', 'missing_required_parameter'),
                    );
                    if (f.strict) checkStrict(f.schema, f.name, 'text.format.schema');
                }
            }
        }
        const names = new Set();
        if (b.tools != null) {
            need(Array.isArray(b.tools), "Invalid type for 'tools'", P('tools'));
            const one = (t, at) => {
                need(
                    isObj(t) && isStr(t.type),
                    `Missing required parameter: '${at}.type'.`,
                    P(`${at}.type`, 'missing_required_parameter'),
                );
                need(
                    TOOLS.includes(t.type),
                    `Invalid value: '${t.type}'. Supported values are: ` +
                        `${TOOLS.map(x => `'${x}'`).join(', ')}.`,
                    P(`${at}.type`, 'invalid_value'),
                );
                if (t.type === 'function') {
                    onlyKeys(
                        t,
                        [
                            'type',
                            'name',
                            'description',
                            'parameters',
                            'strict',
                            'defer_loading',
                            'output_schema',
                            'allowed_callers',
                        ],
                        k =>
                            bad(
                                `Unknown parameter: '${at}.${k}'.`,
                                P(`${at}.${k}`, 'unknown_parameter'),
                            ),
                    );
                    need(
                        isStr(t.name),
                        `Missing required parameter: '${at}.name'.`,
                        P(`${at}.name`, 'missing_required_parameter'),
                    );
                    need(
                        FN.test(t.name) && t.name.length <= 64,
                        `Invalid '${at}.name': string does not match pattern ` +
                            `'^[a-zA-Z0-9_-]+$' or is too long.`,
                        P(`${at}.name`, 'invalid_value'),
                    );
                    checkParameters(t.parameters, t.name, `${at}.parameters`);
                    if (t.strict === true && t.parameters)
                        checkStrict(t.parameters, t.name, `${at}.parameters`);
                    names.add(t.name);
                } else if (t.type === 'custom') {
                    need(
                        isStr(t.name),
                        `Missing required parameter: '${at}.name'.`,
                        P(`${at}.name`),
                    );
                    if (t.format)
                        need(
                            ['text', 'grammar'].includes(t.format.type),
                            `Invalid value for '${at}.format.type'`,
                            P(`${at}.format`),
                        );
                } else if (t.type === 'namespace') {
                    need(
                        isStr(t.name) && Array.isArray(t.tools),
                        `Missing required parameter: '${at}.tools'.`,
                        P(`${at}.tools`),
                    );
                    t.tools.forEach((x, j) => one(x, `${at}.tools[${j}]`));
                }
            };
            b.tools.forEach((t, i) => one(t, `tools[${i}]`));
        }
        if (b.tool_choice != null) {
            const c = b.tool_choice;
            if (isStr(c))
                need(
                    ['none', 'auto', 'required'].includes(c),
                    `Invalid value: '${c}'.`,
                    P('tool_choice', 'invalid_value'),
                );
            else {
                need(
                    isObj(c) && isStr(c.type),
                    "Invalid type for 'tool_choice'",
                    P('tool_choice'),
                );
                if (c.type === 'function')
                    need(
                        names.has(c.name),
                        `Tool choice '${c.name}' not found in 'tools' parameter.`,
                        P('tool_choice'),
                    );
            }
            if (c === 'required' || isObj(c))
                need(
                    b.tools && b.tools.length,
                    "Tool choice 'required' must be specified with 'tools' parameter.",
                    P('tool_choice'),
                );
        }
        const items = (ctx.items = expand(b));
        const calls = new Map(),
            answered = new Set();
        const base = items.length - (Array.isArray(b.input) ? b.input.length : 1);
        items.forEach((it, gi) => {
            const i = gi - base,
                at = `input[${i}]`;
            need(
                isObj(it),
                `Invalid type for '${at}': expected an object`,
                P(at, 'invalid_type'),
            );
            need(
                isStr(it.type),
                `Missing required parameter: '${at}.type'.`,
                P(`${at}.type`, 'missing_required_parameter'),
            );
            need(
                ITEMS.includes(it.type),
                `Invalid value: '${it.type}'. Supported values are: ` +
                    `${ITEMS.map(x => `'${x}'`).join(', ')}.`,
                P(`${at}.type`, 'invalid_value'),
            );
            switch (it.type) {
                case 'message': {
                    need(
                        ['user', 'assistant', 'system', 'developer'].includes(it.role),
                        `Invalid value: '${it.role}'. Supported values are: 'assistant', ` +
                            `'system', 'developer', and 'user'.`,
                        P(`${at}.role`, 'invalid_value'),
                    );
                    need(
                        isStr(it.content) || Array.isArray(it.content),
                        `Missing required parameter: '${at}.content'.`,
                        P(`${at}.content`, 'missing_required_parameter'),
                    );
                    if (it.id != null)
                        need(
                            /^msg_/.test(it.id),
                            `Invalid '${at}.id': '${it.id}'. Expected an ID that begins ` +
                                `with 'msg'.`,
                            P(`${at}.id`, 'invalid_value'),
                        );
                    if (Array.isArray(it.content))
                        it.content.forEach((c, j) => {
                            const ok =
                                it.role === 'assistant'
                                    ? ['output_text', 'refusal']
                                    : ['input_text', 'input_image', 'input_file', 'input_audio'];
                            need(
                                isObj(c) && ok.includes(c.type),
                                `Invalid value: '${c && c.type}'. Supported values are: ` +
                                    `${ok.map(x => `'${x}'`).join(', ')}.`,
                                P(`${at}.content[${j}]`, 'invalid_value'),
                            );
                            if (/text$/.test(c.type))
                                need(
                                    isStr(c.text),
                                    `Missing required parameter: '${at}.content[${j}].text'.`,
                                    P(`${at}.content[${j}].text`, 'missing_required_parameter'),
                                );
                            if (c.type === 'input_image')
                                need(
                                    isStr(c.image_url) || isStr(c.file_id),
                                    `Invalid type for '${at}.content[${j}].image_url': ` +
                                        `expected an image URL, but got an object instead.`,
                                    P(`${at}.content[${j}].image_url`),
                                );
                        });
                    break;
                }
                case 'function_call':
                case 'custom_tool_call':
                    need(
                        isStr(it.call_id) && it.call_id,
                        `Missing required parameter: '${at}.call_id'.`,
                        P(`${at}.call_id`, 'missing_required_parameter'),
                    );
                    need(
                        it.call_id.length <= 64,
                        `Invalid '${at}.call_id': string too long. Expected a string with ` +
                            `maximum length 64, but got a string with length ` +
                            `${it.call_id.length} instead.`,
                        P(`${at}.call_id`, 'string_above_max_length'),
                    );
                    need(
                        isStr(it.name),
                        `Missing required parameter: '${at}.name'.`,
                        P(`${at}.name`, 'missing_required_parameter'),
                    );
                    if (it.type === 'function_call') {
                        need(
                            isStr(it.arguments),
                            `Missing required parameter: '${at}.arguments'.`,
                            P(`${at}.arguments`, 'missing_required_parameter'),
                        );
                        if (it.id != null)
                            need(
                                /^fc_/.test(it.id),
                                `Invalid '${at}.id': '${it.id}'. Expected an ID that begins ` +
                                    `with 'fc'.`,
                                P(`${at}.id`, 'invalid_value'),
                            );
                    }
                    calls.set(it.call_id, it.type);
                    break;
                case 'function_call_output':
                case 'custom_tool_call_output':
                    need(
                        isStr(it.call_id),
                        `Missing required parameter: '${at}.call_id'.`,
                        P(`${at}.call_id`, 'missing_required_parameter'),
                    );
                    need(
                        isStr(it.output) || Array.isArray(it.output),
                        `Missing required parameter: '${at}.output'.`,
                        P(`${at}.output`, 'missing_required_parameter'),
                    );
                    need(
                        calls.get(it.call_id) === PAIR[it.type],
                        `No tool call found for ` +
                            `${it.type === 'function_call_output' ? 'function call' : 'custom tool call'} output with call_id ${it.call_id}.`,
                        P('input'),
                    );
                    answered.add(it.call_id);
                    break;
                case 'reasoning':
                    need(
                        Array.isArray(it.summary),
                        `Missing required parameter: '${at}.summary'.`,
                        P(`${at}.summary`, 'missing_required_parameter'),
                    );
                    if (it.id != null)
                        need(
                            /^rs_/.test(it.id),
                            `Invalid '${at}.id': '${it.id}'. Expected an ID that begins ` +
                                `with 'rs'.`,
                            P(`${at}.id`, 'invalid_value'),
                        );
                    if (it.encrypted_content != null)
                        need(
                            isStr(it.encrypted_content) && it.encrypted_content.startsWith(ENC),
                            `The encrypted content for item ${it.id} could not be verified.`,
                            P('input', 'invalid_encrypted_content'),
                        );
                    break;
            }
        });
        for (const [id, t] of calls)
            need(
                answered.has(id),
                `No tool output found for ` +
                    `${t === 'function_call' ? 'function call' : 'custom tool call'} ${id}.`,
                P('input'),
            );
    },
    view(b, ctx) {
        const items = ctx.items || expand(b),
            results = [];
        const out = x => (isStr(x.output) ? x.output : partsText(x.output));
        let i = items.length - 1;
        while (
            i >= 0 &&
            items[i].type === 'message' &&
            items[i].role !== 'assistant' &&
            !/TOK-|PONG-/.test(partsText(items[i].content))
        )
            i--;
        for (; i >= 0 && items[i].type in PAIR; i--)
            results.unshift({ id: items[i].call_id, text: out(items[i]) });
        return {
            userText: items
                .filter(x => x.type === 'message' && x.role === 'user')
                .map(x => partsText(x.content))
                .join('\n'),
            results,
            tools: flatTools([
                ...(b.tools || []),
                ...items.filter(x => x.type === 'additional_tools').flatMap(x => x.tools || []),
            ]).map(t => ({
                name: t.name || t.type,
                namespace: t.namespace,
                kind: t.type,
                schema: t.parameters || (t.type === 'function' ? { type: 'object' } : null),
            })),
            toolChoiceNone: b.tool_choice === 'none',
            jsonSchema: b.text?.format?.type === 'json_schema' ? b.text.format.schema : null,
            stream: b.stream === true,
            reasoning: !!(b.reasoning && b.reasoning.effort && b.reasoning.effort !== 'none'),
            items,
        };
    },
    async reply(b, plan, out, view, opts) {
        const q = out.quirk,
            id = newId('resp_', 48),
            created_at = Math.floor(Date.now() / 1000);
        const output = [];
        if (view.reasoning && opts.thinking)
            output.push({
                id: newId('rs_', 48),
                type: 'reasoning',
                summary: [{ type: 'summary_text', text: '**Thinking** about it. 思考' }],
                ...((b.include || []).includes('reasoning.encrypted_content')
                    ? { encrypted_content: ENC + newId('', 60) }
                    : {}),
            });
        if (!plan.calls.length)
            output.push({
                id: newId('msg_', 48),
                type: 'message',
                status: 'completed',
                role: 'assistant',
                content: [
                    { type: 'output_text', text: plan.text, annotations: [], logprobs: [] },
                ],
            });
        for (const c of plan.calls)
            output.push({
                id: newId('fc_', 48),
                type: 'function_call',
                status: 'completed',
                call_id: newId('call_'),
                name: c.name,
                ...(c.namespace ? { namespace: c.namespace } : {}),
                arguments: JSON.stringify(c.args),
            });
        const it = Math.ceil(JSON.stringify(view.items).length / 4),
            ot = Math.ceil(JSON.stringify(output).length / 4);
        const usage = {
            input_tokens: it,
            input_tokens_details: { cached_tokens: 0 },
            output_tokens: ot,
            output_tokens_details: { reasoning_tokens: 0 },
            total_tokens: it + ot,
        };
        const resp = (status, out_, usage_) => ({
            id,
            object: 'response',
            created_at,
            completed_at: status === 'completed' ? created_at : null,
            status,
            background: false,
            error: null,
            frequency_penalty: 0,
            incomplete_details: null,
            instructions: b.instructions ?? null,
            max_output_tokens: b.max_output_tokens ?? null,
            max_tool_calls: null,
            model: b.model,
            output: out_,
            parallel_tool_calls: b.parallel_tool_calls ?? true,
            presence_penalty: 0,
            previous_response_id: b.previous_response_id ?? null,
            prompt_cache_key: b.prompt_cache_key ?? null,
            reasoning: {
                effort: b.reasoning?.effort ?? null,
                summary: b.reasoning?.summary ?? null,
            },
            safety_identifier: null,
            service_tier: 'default',
            store: b.store ?? true,
            temperature: b.temperature ?? 1,
            text: b.text ?? { format: { type: 'text' }, verbosity: 'medium' },
            tool_choice: b.tool_choice ?? 'auto',
            tools: (b.tools ?? []).map(t =>
                t.type === 'function' ? { strict: true, description: null, ...t } : t,
            ),
            top_logprobs: 0,
            top_p: b.top_p ?? 1,
            truncation: b.truncation ?? 'disabled',
            usage: usage_,
            user: null,
            metadata: b.metadata ?? {},
        });
        const done = resp(
            'completed',
            q.has('empty-final-output') ? [] : output,
            q.has('no-usage') ? null : usage,
        );
        if (b.store !== false)
            stored.set(id, { items: [...view.items, ...output], response: done });
        if (!view.stream) return out.json(200, done, { 'x-request-id': newId('req_', 32) });
        out.head(200, {
            'content-type': q.has('no-sse-type')
                ? 'application/json'
                : 'text/event-stream; charset=utf-8',
            'cache-control': 'no-cache',
            'x-request-id': newId('req_', 32),
        });
        let seq = 0;
        const frame = o =>
            (q.has('no-event-line') ? '' : `event: ${o.type}\n`) +
            `data: ${JSON.stringify(q.has('no-sequence') ? o : { ...o, sequence_number: seq++ })}\n\n`;
        const ev = (o, kind) =>
            q.has('no-' + o.type)
                ? null
                : out.event(
                      frame(o),
                      kind,
                      kind === 'body'
                          ? frame({
                                type: 'response.failed',
                                response: {
                                    ...resp('failed', [], null),
                                    error: {
                                        code: 'server_error',
                                        message:
                                            'The server had an error while processing your ' +
                                            'request.',
                                    },
                                },
                            })
                          : null,
                  );
        await ev({ type: 'response.created', response: resp('in_progress', [], null) });
        await ev({ type: 'response.in_progress', response: resp('in_progress', [], null) });
        for (let i = 0; i < output.length; i++) {
            const o = output[i];
            const shell =
                o.type === 'message'
                    ? { ...o, status: 'in_progress', content: [] }
                    : o.type === 'function_call'
                      ? { ...o, status: 'in_progress', arguments: '' }
                      : { ...o, summary: [] };
            await ev({ type: 'response.output_item.added', output_index: i, item: shell });
            const k = { item_id: o.id, output_index: i };
            if (o.type === 'reasoning') {
                const t = o.summary[0].text;
                await ev({
                    type: 'response.reasoning_summary_part.added',
                    ...k,
                    summary_index: 0,
                    part: { type: 'summary_text', text: '' },
                });
                for (const d of pieces(t, 2))
                    await ev(
                        {
                            type: 'response.reasoning_summary_text.delta',
                            ...k,
                            summary_index: 0,
                            delta: d,
                        },
                        'body',
                    );
                await ev({
                    type: 'response.reasoning_summary_text.done',
                    ...k,
                    summary_index: 0,
                    text: t,
                });
                await ev({
                    type: 'response.reasoning_summary_part.done',
                    ...k,
                    summary_index: 0,
                    part: { type: 'summary_text', text: t },
                });
            } else if (o.type === 'message') {
                const t = o.content[0].text;
                await ev({
                    type: 'response.content_part.added',
                    ...k,
                    content_index: 0,
                    part: { type: 'output_text', text: '', annotations: [], logprobs: [] },
                });
                for (const d of pieces(t))
                    await ev(
                        {
                            type: 'response.output_text.delta',
                            ...k,
                            content_index: 0,
                            delta: d,
                            logprobs: [],
                        },
                        'body',
                    );
                await ev({
                    type: 'response.output_text.done',
                    ...k,
                    content_index: 0,
                    text: t,
                    logprobs: [],
                });
                await ev({
                    type: 'response.content_part.done',
                    ...k,
                    content_index: 0,
                    part: o.content[0],
                });
            } else {
                for (const d of pieces(o.arguments, 6))
                    await ev(
                        { type: 'response.function_call_arguments.delta', ...k, delta: d },
                        'body',
                    );
                await ev({
                    type: 'response.function_call_arguments.done',
                    ...k,
                    name: o.name,
                    arguments: o.arguments,
                });
            }
            await ev({ type: 'response.output_item.done', output_index: i, item: o });
        }
        await ev({ type: 'response.completed', response: done });
        if (q.has('extra-done')) await out.event('data: [DONE]\n\n');
        out.end();
    },
    count: b => ({
        object: 'response.input_tokens',
        input_tokens: Math.ceil(JSON.stringify(b).length / 4),
    }),
    models: openaiModels,
    model: id => ({ id, object: 'model', created: 1715367049, owned_by: 'mock' }),
    defaultModels: ['gpt-5', 'gpt-5-codex'],
};
