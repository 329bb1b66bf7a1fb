import { bad, need, isObj, isStr, isInt, b64, onlyKeys } from './common.mjs';
import { newId, pieces } from './plan.mjs';

const TOP = [
    'model',
    'messages',
    'max_tokens',
    'system',
    'metadata',
    'stop_sequences',
    'stream',
    'temperature',
    'top_k',
    'top_p',
    'tools',
    'tool_choice',
    'thinking',
    'service_tier',
    'container',
    'context_management',
    'mcp_servers',
    'output_config',
    'output_format',
    'speed',
    'inference_geo',
    'cache_control',
    'diagnostics',
    'fallbacks',
    'fallback',
    'user_profile_id',
    'workspace_id',
];
const COUNT_TOP = TOP.filter(
    k =>
        ![
            'max_tokens',
            'stream',
            'metadata',
            'stop_sequences',
            'temperature',
            'top_k',
            'top_p',
            'service_tier',
        ].includes(k),
);
const SERVER_TOOL = /^([a-z_]+_\d{8}|tool_search_tool_(regex|bm25)|mcp_toolset)$/;
const BLOCKS = [
    'text',
    'image',
    'document',
    'search_result',
    'tool_use',
    'tool_result',
    'thinking',
    'redacted_thinking',
    'server_tool_use',
    'web_search_tool_result',
    'web_fetch_tool_result',
    'code_execution_tool_result',
    'bash_code_execution_tool_result',
    'text_editor_code_execution_tool_result',
    'tool_search_tool_result',
    'tool_reference',
    'mcp_tool_use',
    'mcp_tool_result',
    'container_upload',
    'compaction',
];
export const SIG = 'mocksig.';

function checkScalars(b, ctx) {
    onlyKeys(b, ctx.route.op === 'count' ? COUNT_TOP : TOP, k =>
        bad(`${k}: Extra inputs are not permitted`),
    );
    need(isStr(b.model) && b.model, 'model: Field required');
    if (ctx.route.op !== 'count') {
        need('max_tokens' in b, 'max_tokens: Field required');
        need(
            isInt(b.max_tokens) && b.max_tokens > 0,
            'max_tokens: Input should be a valid integer greater than 0',
        );
    }
    need(Array.isArray(b.messages), 'messages: Field required');
    need(b.messages.length > 0, 'messages: at least one message is required');
    if ('stream' in b)
        need(typeof b.stream === 'boolean', 'stream: Input should be a valid boolean');
    for (const k of ['temperature', 'top_p'])
        if (b[k] != null)
            need(typeof b[k] === 'number' && b[k] >= 0 && b[k] <= 1, `${k}: range: 0..1`);
    if (b.top_k != null) need(isInt(b.top_k), 'top_k: Input should be a valid integer');
    if (b.stop_sequences != null)
        need(
            Array.isArray(b.stop_sequences) && b.stop_sequences.every(s => isStr(s) && s.trim()),
            'stop_sequences: each stop sequence must contain non-whitespace',
        );
    if (b.metadata != null) {
        need(isObj(b.metadata), 'metadata: Input should be an object');
        onlyKeys(b.metadata, ['user_id'], k =>
            bad(`metadata.${k}: Extra inputs are not permitted`),
        );
    }
}

function checkCacheControl(x, at, turn) {
    if (x && x.cache_control != null) {
        turn.cacheControls++;
        need(
            isObj(x.cache_control) && x.cache_control.type === 'ephemeral',
            `${at}.cache_control.type: Input should be 'ephemeral'`,
        );
        if ('ttl' in x.cache_control)
            need(
                ['5m', '1h'].includes(x.cache_control.ttl),
                `${at}.cache_control.ttl: Input should be '5m' or '1h'`,
            );
    }
}

function checkSystem(b, turn) {
    need(
        isStr(b.system) || Array.isArray(b.system),
        'system: Input should be a valid string or list',
    );
    if (Array.isArray(b.system))
        b.system.forEach((s, i) => {
            need(
                isObj(s) && s.type === 'text' && isStr(s.text),
                `system.${i}.type: Input should be 'text'`,
            );
            need(s.text.length, `system: text content blocks must be non-empty`);
            checkCacheControl(s, `system.${i}`, turn);
        });
}

function checkTool(t, i, turn) {
    need(isObj(t), `tools.${i}: Input should be an object`);
    checkCacheControl(t, `tools.${i}`, turn);
    if (t.type && t.type !== 'custom') {
        need(
            SERVER_TOOL.test(t.type),
            `tools.${i}: Input tag '${t.type}' found using 'type' does not ` +
                `match any of the expected tags`,
        );
        if (t.type !== 'mcp_toolset') need(isStr(t.name), `tools.${i}.name: Field required`);
        if (t.name) turn.toolNames.add(t.name);
        return;
    }
    onlyKeys(
        t,
        [
            'type',
            'name',
            'description',
            'input_schema',
            'cache_control',
            'strict',
            'eager_input_streaming',
            'defer_loading',
            'allowed_callers',
            'input_examples',
        ],
        k => bad(`tools.${i}.custom.${k}: Extra inputs are not permitted`),
    );
    need(isStr(t.name), `tools.${i}.custom.name: Field required`);
    need(
        /^[a-zA-Z0-9_-]{1,128}$/.test(t.name),
        `tools.${i}.custom.name: String should match pattern ` + `'^[a-zA-Z0-9_-]{1,128}$'`,
    );
    need(!turn.toolNames.has(t.name), 'tools: Tool names must be unique.');
    turn.toolNames.add(t.name);
    need(isObj(t.input_schema), `tools.${i}.custom.input_schema: Field required`);
    need(t.input_schema.type === 'object', `tools.${i}.custom.input_schema.type: Field required`);
    for (const k of ['oneOf', 'allOf', 'anyOf'])
        need(
            !(k in t.input_schema),
            `tools.${i}.custom.input_schema: input_schema does not support ` +
                `oneOf, allOf, or anyOf at the top level`,
        );
    if ('description' in t)
        need(
            isStr(t.description),
            `tools.${i}.custom.description: Input should be a valid string`,
        );
}

function checkToolChoice(b, turn) {
    need(
        isObj(b.tool_choice) && ['auto', 'any', 'tool', 'none'].includes(b.tool_choice.type),
        "tool_choice: Input tag does not match any of the expected tags: 'auto', " +
            "'any', 'tool', 'none'",
    );
    onlyKeys(b.tool_choice, ['type', 'name', 'disable_parallel_tool_use'], k =>
        bad(`tool_choice.${k}: Extra inputs are not permitted`),
    );
    need(b.tools && b.tools.length, 'tool_choice may only be specified while providing tools');
    if (b.tool_choice.type === 'tool')
        need(
            turn.toolNames.has(b.tool_choice.name),
            `tool_choice.tool.name: Tool '${b.tool_choice.name}' not found in ` +
                `provided tools`,
        );
}

function checkThinking(b) {
    need(
        isObj(b.thinking) &&
            ['enabled', 'disabled', 'adaptive', 'between_tools'].includes(b.thinking.type),
        "thinking: Input tag does not match any of the expected tags: 'enabled', " +
            "'disabled', 'adaptive'",
    );
    onlyKeys(b.thinking, ['type', 'budget_tokens', 'display'], k =>
        bad(`thinking.${b.thinking.type}.${k}: Extra inputs are not permitted`),
    );
    const thinking = b.thinking.type !== 'disabled';
    if (b.thinking.type === 'enabled') {
        need(isInt(b.thinking.budget_tokens), 'thinking.enabled.budget_tokens: Field required');
        need(
            b.thinking.budget_tokens >= 1024,
            'thinking.enabled.budget_tokens: Input should be greater than or equal ' + 'to 1024',
        );
        if (b.max_tokens)
            need(
                b.max_tokens > b.thinking.budget_tokens,
                '`max_tokens` must be greater than `thinking.budget_tokens`',
            );
    }
    if (thinking && b.temperature != null)
        need(b.temperature === 1, '`temperature` may only be set to 1 when thinking is enabled');
    if (thinking && b.tool_choice)
        need(
            ['auto', 'none'].includes(b.tool_choice.type),
            'Thinking may not be enabled when tool_choice forces tool use.',
        );
}

function checkOutputConfig(b) {
    onlyKeys(b.output_config, ['effort', 'format', 'task_budget'], k =>
        bad(`output_config.${k}: Extra inputs are not permitted`),
    );
    if (b.output_config.effort != null)
        need(
            ['low', 'medium', 'high', 'xhigh', 'max'].includes(b.output_config.effort),
            'output_config.effort: invalid',
        );
    const f = b.output_config.format;
    if (f != null)
        need(
            isObj(f) && f.type === 'json_schema' && isObj(f.schema),
            "output_config.format: expected {type:'json_schema',schema}",
        );
}

function checkText(c, p, m, turn) {
    onlyKeys(c, ['type', 'text', 'cache_control', 'citations'], k =>
        bad(`${p}.text.${k}: Extra inputs are not permitted`),
    );
    need(isStr(c.text), `${p}.text.text: Field required`);
    need(isStr(m.content) || c.text.length, 'messages: text content blocks must be non-empty');
    need(
        isStr(m.content) || c.text.trim().length,
        'messages: text content blocks must contain non-whitespace text',
    );
}

function checkMedia(c, p, m, turn) {
    need(isObj(c.source), `${p}.${c.type}.source: Field required`);
    if (c.source.type === 'base64') {
        need(b64(c.source.data), `${p}.${c.type}.source.base64: invalid base64 data`);
        const ok =
            c.type === 'image'
                ? ['image/jpeg', 'image/png', 'image/gif', 'image/webp']
                : ['application/pdf'];
        need(
            ok.includes(c.source.media_type),
            `${p}.${c.type}.source.base64.media_type: Input should be ` +
                `${ok.map(x => `'${x}'`).join(' or ')}`,
        );
    } else
        need(
            ['url', 'file', 'text', 'content'].includes(c.source.type),
            `${p}.${c.type}.source: Input tag '${c.source.type}' does ` + `not match`,
        );
}

function checkToolUse(c, p, m, turn) {
    need(
        m.role === 'assistant',
        `${p}: \`tool_use\` blocks can only be in \`assistant\` messages`,
    );
    onlyKeys(c, ['type', 'id', 'name', 'input', 'cache_control', 'caller'], k =>
        bad(`${p}.tool_use.${k}: Extra inputs are not permitted`),
    );
    need(
        isStr(c.id) && /^[a-zA-Z0-9_-]+$/.test(c.id),
        `${p}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`,
    );
    need(isStr(c.name) && c.name, `${p}.tool_use.name: Field required`);
    need(isObj(c.input), `${p}.tool_use.input: Input should be a valid dictionary`);
    need(!turn.seenIds.has(c.id), `messages: \`tool_use\` ids must be unique`);
    turn.seenIds.add(c.id);
    turn.uses.push(c.id);
}

function checkToolResult(c, p, m, turn) {
    need(m.role === 'user', `${p}: \`tool_result\` blocks can only be in \`user\` messages`);
    onlyKeys(c, ['type', 'tool_use_id', 'content', 'is_error', 'cache_control'], k =>
        bad(`${p}.tool_result.${k}: Extra inputs are not permitted`),
    );
    need(isStr(c.tool_use_id), `${p}.tool_result.tool_use_id: Field required`);
    need(
        turn.open && turn.open.includes(c.tool_use_id),
        `${p}: unexpected \`tool_use_id\` found in \`tool_result\` ` +
            `blocks: ${c.tool_use_id}. Each \`tool_result\` block must ` +
            `have a corresponding \`tool_use\` block in the previous ` +
            `message.`,
    );
    need(
        !turn.results.includes(c.tool_use_id),
        `${p}: each tool_use must have a single result. Found multiple ` +
            `\`tool_result\` blocks with id: ${c.tool_use_id}`,
    );
    if (c.content != null && !isStr(c.content)) {
        need(
            Array.isArray(c.content),
            `${p}.tool_result.content: Input should be a valid string ` + `or list`,
        );
        c.content.forEach((x, q) =>
            need(
                isObj(x) &&
                    ['text', 'image', 'document', 'search_result', 'tool_reference'].includes(
                        x.type,
                    ),
                `${p}.tool_result.content.${q}: Input tag ` + `'${x && x.type}' does not match`,
            ),
        );
    }
    turn.results.push(c.tool_use_id);
}

function checkThinkingBlock(c, p, m, turn) {
    need(m.role === 'assistant', `${p}: thinking blocks only in assistant messages`);
    need(isStr(c.thinking), `${p}.thinking.thinking: Field required`);
    need(isStr(c.signature), `${p}.thinking.signature: Field required`);
    need(c.signature.startsWith(SIG), `${p}: Invalid \`signature\` in \`thinking\` block`);
}

function checkRedacted(c, p, m, turn) {
    need(isStr(c.data), `${p}.redacted_thinking.data: Field required`);
}

const BLOCK_CHECKS = {
    text: checkText,
    image: checkMedia,
    document: checkMedia,
    tool_use: checkToolUse,
    tool_result: checkToolResult,
    thinking: checkThinkingBlock,
    redacted_thinking: checkRedacted,
};

function checkBlock(c, p, m, turn) {
    need(isObj(c) && isStr(c.type), `${p}.type: Field required`);
    need(
        BLOCKS.includes(c.type),
        `${p}: Input tag '${c.type}' found using 'type' does not match any of ` +
            `the expected tags: ${BLOCKS.map(x => `'${x}'`).join(', ')}`,
    );
    checkCacheControl(c, p, turn);
    BLOCK_CHECKS[c.type]?.(c, p, m, turn);
}

// Every tool_use is answered by the next user message, results first.
function checkPairing(blocks, m, i, turn) {
    const at = `messages.${i}`;
    if (m.role === 'user') {
        if (turn.open && turn.open.length) {
            const missing = turn.open.filter(x => !turn.results.includes(x));
            need(
                !missing.length,
                `messages.${i - 1}: \`tool_use\` ids were found without ` +
                    `\`tool_result\` blocks immediately after: ` +
                    `${missing.join(', ')}. Each \`tool_use\` block must have a ` +
                    `corresponding \`tool_result\` block in the next message.`,
            );
            const firstOther = blocks.findIndex(c => c.type !== 'tool_result'),
                lastRes = blocks.map(c => c.type).lastIndexOf('tool_result');
            need(
                firstOther < 0 || lastRes < firstOther,
                `${at}: \`tool_result\` blocks must come first in the content of ` +
                    `the message that follows \`tool_use\``,
            );
        }
        turn.open = null;
    } else {
        if (turn.open && turn.open.length && turn.uses.length === 0)
            bad(
                `messages.${i - 1}: \`tool_use\` ids were found without ` +
                    `\`tool_result\` blocks immediately after: ${turn.open.join(', ')}.`,
            );
        turn.open = turn.uses.length ? [...(turn.open || []), ...turn.uses] : turn.open;
    }
}

function checkMessage(m, i, b, turn) {
    const at = `messages.${i}`;
    need(isObj(m), `${at}: Input should be an object`);
    onlyKeys(m, ['role', 'content'], k => bad(`${at}.${k}: Extra inputs are not permitted`));
    need(isStr(m.role), `${at}.role: Field required`);
    if (m.role === 'system' && turn.midSystem) {
        need(isStr(m.content) || Array.isArray(m.content), `${at}.content: Field required`);
        return;
    }
    need(
        ['user', 'assistant'].includes(m.role),
        `messages: Unexpected role "${m.role}". ` +
            `${m.role === 'system' ? 'The Messages API accepts a top-level `system` parameter, not "system" as an input message role.' : 'Allowed roles are "user" or "assistant".'}`,
    );
    need('content' in m, `${at}.content: Field required`);
    const lastMsg = i === b.messages.length - 1;
    if (isStr(m.content)) {
        if (!(lastMsg && m.role === 'assistant'))
            need(
                m.content.length,
                `${at}: all messages must have non-empty content except for the ` +
                    `optional final assistant message`,
            );
    } else
        need(Array.isArray(m.content), `${at}.content: Input should be a valid string or list`);
    const blocks = isStr(m.content) ? [{ type: 'text', text: m.content }] : m.content;
    if (!lastMsg || m.role === 'user')
        need(
            blocks.length,
            `${at}: all messages must have non-empty content except for the ` +
                `optional final assistant message`,
        );
    turn.uses = [];
    turn.results = [];
    blocks.forEach((c, j) => checkBlock(c, `${at}.content.${j}`, m, turn));
    checkPairing(blocks, m, i, turn);
    if (lastMsg && m.role === 'assistant') {
        need(
            !turn.uses.length,
            `messages.${i}: \`tool_use\` ids were found without \`tool_result\` ` +
                `blocks immediately after: ${turn.uses.join(', ')}.`,
        );
        const t = blocks[blocks.length - 1];
        if (t && t.type === 'text')
            need(
                t.text === t.text.trimEnd(),
                'messages: final assistant content cannot end with trailing whitespace',
            );
    }
}

export default {
    name: 'anthropic',
    error(status, message, type) {
        const t =
            type ||
            {
                400: 'invalid_request_error',
                401: 'authentication_error',
                403: 'permission_error',
                404: 'not_found_error',
                405: 'invalid_request_error',
                413: 'request_too_large',
                429: 'rate_limit_error',
                500: 'api_error',
                529: 'overloaded_error',
            }[status] ||
            'api_error';
        const id = newId('req_011', 21);
        return {
            body: { type: 'error', error: { type: t, message }, request_id: id },
            headers: { 'request-id': id },
        };
    },
    auth(req, url, opts) {
        const k = req.headers['x-api-key'],
            a = req.headers.authorization;
        const tok = k || (/^Bearer\s+(\S+)/i.exec(a || '') || [])[1];
        if (!tok) bad('x-api-key header is required', { status: 401 });
        if (opts.key && tok !== opts.key) bad('invalid x-api-key', { status: 401 });
    },
    route(req, url) {
        const p = url.pathname;
        if (req.method === 'POST' && p === '/v1/messages') return { op: 'generate' };
        if (req.method === 'POST' && p === '/v1/messages/count_tokens') return { op: 'count' };
        if (req.method === 'GET' && p === '/v1/models') return { op: 'models' };
        const m = /^\/v1\/models\/([^/]+)$/.exec(p);
        if (req.method === 'GET' && m) return { op: 'model', id: decodeURIComponent(m[1]) };
        if ((req.method === 'HEAD' || req.method === 'GET') && p === '/') return { op: 'probe' };
        return null;
    },
    headers(req) {
        need(isStr(req.headers['anthropic-version']), 'anthropic-version: header is required');
        need(
            /^\d{4}-\d\d-\d\d$/.test(req.headers['anthropic-version']),
            `anthropic-version: "${req.headers['anthropic-version']}" is not a valid version`,
        );
    },
    validate(b, ctx) {
        checkScalars(b, ctx);
        // what a check leaves for the next ones
        const turn = {
            cacheControls: 0,
            toolNames: new Set(),
            seenIds: new Set(),
            open: null, // ids of the last assistant turn's tool_use
            uses: [],
            results: [],
            // role:"system" inside messages: a beta with the 2023-06-01 version, regular from
            // 2026-10-21 on (SDK >= 1.0)
            midSystem:
                /mid-conversation-system/.test(ctx.req.headers['anthropic-beta'] || '') ||
                ctx.req.headers['anthropic-version'] >= '2026-10-21',
        };
        if (b.system != null) checkSystem(b, turn);
        if (b.tools != null) {
            need(Array.isArray(b.tools), 'tools: Input should be a valid list');
            b.tools.forEach((t, i) => checkTool(t, i, turn));
        }
        if (b.tool_choice != null) checkToolChoice(b, turn);
        if (b.thinking != null) checkThinking(b);
        if (b.output_config != null) checkOutputConfig(b);
        b.messages.forEach((m, i) => checkMessage(m, i, b, turn));
        need(
            b.messages.find(m => m.role !== 'system')?.role === 'user',
            'messages: first message must use the "user" role',
        );
        need(
            turn.cacheControls <= 4,
            `A maximum of 4 blocks with cache_control may be provided. ` +
                `Found ${turn.cacheControls}.`,
        );
    },
    view(b) {
        const blocksText = c =>
            isStr(c)
                ? c
                : Array.isArray(c)
                  ? c
                        .filter(x => x.type === 'text')
                        .map(x => x.text)
                        .join('\n')
                  : '';
        const lastM = [...b.messages].reverse().find(m => m.role !== 'system');
        const results = Array.isArray(lastM.content)
            ? lastM.content
                  .filter(c => c.type === 'tool_result')
                  .map(c => ({
                      id: c.tool_use_id,
                      text: blocksText(c.content),
                      isError: !!c.is_error,
                  }))
            : [];
        const f = (b.output_config && b.output_config.format) || b.output_format;
        return {
            userText: b.messages
                .filter(m => m.role === 'user')
                .map(m => blocksText(m.content))
                .join('\n'),
            results,
            tools: (b.tools || []).map(t => ({
                name: t.name,
                kind: !t.type || t.type === 'custom' ? 'function' : t.type,
                schema: t.input_schema,
            })),
            toolChoiceNone: b.tool_choice?.type === 'none',
            jsonSchema: f && f.schema,
            stream: b.stream === true,
            thinking: !!b.thinking && b.thinking.type !== 'disabled',
        };
    },
    async reply(b, plan, out, view, opts) {
        const q = out.quirk,
            id = newId('msg_01', 22);
        const inTok = Math.ceil(JSON.stringify(b.messages).length / 4);
        const usage0 = {
            input_tokens: inTok,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 0,
            cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
            output_tokens: 1,
            service_tier: 'standard',
        };
        const blocks = [];
        if (view.thinking && opts.thinking)
            blocks.push({
                type: 'thinking',
                thinking: 'Let me think about that. 思考中.',
                signature: q.has('no-signature') ? undefined : SIG + newId('', 40),
            });
        blocks.push({ type: 'text', text: plan.text });
        for (const c of plan.calls)
            blocks.push({
                type: 'tool_use',
                id: newId('toolu_01', 22),
                name: c.name,
                input: c.args,
            });
        const stop = plan.calls.length ? 'tool_use' : 'end_turn',
            outTok = Math.ceil(JSON.stringify(blocks).length / 4);
        if (!view.stream) {
            const msg = {
                id,
                type: 'message',
                role: 'assistant',
                model: b.model,
                content: blocks,
                stop_reason: stop,
                stop_sequence: null,
                usage: { ...usage0, output_tokens: outTok },
            };
            if (q.has('no-usage')) delete msg.usage;
            if (q.has('no-stop-reason')) msg.stop_reason = null;
            return out.json(200, msg, { 'request-id': newId('req_011', 21) });
        }
        out.head(200, {
            'content-type': q.has('no-sse-type')
                ? 'application/json'
                : 'text/event-stream; charset=utf-8',
            'cache-control': 'no-cache',
            'request-id': newId('req_011', 21),
        });
        const errFrame =
            'event: error\ndata: ' +
            JSON.stringify({
                type: 'error',
                error: { type: 'overloaded_error', message: 'Overloaded' },
            }) +
            '\n\n';
        const ev = (o, kind) =>
            out.event(
                (q.has('no-event-line') ? '' : `event: ${o.type}\n`) +
                    `data: ${JSON.stringify(o)}\n\n`,
                kind,
                errFrame,
            );
        if (!q.has('no-message-start')) {
            const message = {
                id,
                type: 'message',
                role: 'assistant',
                model: b.model,
                content: [],
                stop_reason: null,
                stop_sequence: null,
                usage: usage0,
            };
            if (q.has('no-start-usage')) delete message.usage;
            if (q.has('no-start-id')) delete message.id;
            if (q.has('no-start-model')) delete message.model;
            if (q.has('no-start-content')) delete message.content;
            await ev({ type: 'message_start', message });
        }
        if (!q.has('no-ping')) await ev({ type: 'ping' });
        for (let i = 0; i < blocks.length; i++) {
            const c = blocks[i],
                index = q.has('bad-index') ? i * 2 + 1 : q.has('same-index') ? 0 : i;
            const empty =
                c.type === 'text'
                    ? { type: 'text', text: '' }
                    : c.type === 'thinking'
                      ? { type: 'thinking', thinking: '', signature: '' }
                      : { type: 'tool_use', id: c.id, name: c.name, input: {} };
            if (!q.has('no-block-start'))
                await ev({ type: 'content_block_start', index, content_block: empty });
            if (c.type === 'text')
                for (const t of pieces(c.text))
                    await ev(
                        {
                            type: 'content_block_delta',
                            index,
                            delta: { type: 'text_delta', text: t },
                        },
                        'body',
                    );
            if (c.type === 'thinking') {
                for (const t of pieces(c.thinking, 2))
                    await ev(
                        {
                            type: 'content_block_delta',
                            index,
                            delta: { type: 'thinking_delta', thinking: t },
                        },
                        'body',
                    );
                if (c.signature)
                    await ev({
                        type: 'content_block_delta',
                        index,
                        delta: { type: 'signature_delta', signature: c.signature },
                    });
            }
            if (c.type === 'tool_use') {
                if (!q.has('args-at-once'))
                    await ev({
                        type: 'content_block_delta',
                        index,
                        delta: { type: 'input_json_delta', partial_json: '' },
                    });
                for (const t of q.has('args-at-once')
                    ? [JSON.stringify(c.input)]
                    : pieces(JSON.stringify(c.input), 6))
                    await ev(
                        {
                            type: 'content_block_delta',
                            index,
                            delta: { type: 'input_json_delta', partial_json: t },
                        },
                        'body',
                    );
            }
            if (!q.has('no-block-stop')) await ev({ type: 'content_block_stop', index });
        }
        if (!q.has('no-message-delta'))
            await ev({
                type: 'message_delta',
                delta: {
                    stop_reason: q.has('no-stop-reason') ? null : stop,
                    stop_sequence: null,
                },
                ...(q.has('no-usage')
                    ? {}
                    : {
                          usage: {
                              input_tokens: inTok,
                              cache_creation_input_tokens: 0,
                              cache_read_input_tokens: 0,
                              output_tokens: outTok,
                          },
                      }),
            });
        if (!q.has('no-message-stop')) await ev({ type: 'message_stop' });
        if (q.has('extra-done')) await out.event('data: [DONE]\n\n');
        out.end();
    },
    count: b => ({ input_tokens: Math.ceil(JSON.stringify(b).length / 4) }),
    models: ids => ({
        data: ids.map(id => ({
            type: 'model',
            id,
            display_name: id,
            created_at: '2025-09-29T00:00:00Z',
        })),
        has_more: false,
        first_id: ids[0],
        last_id: ids[ids.length - 1],
    }),
    model: id => ({ type: 'model', id, display_name: id, created_at: '2025-09-29T00:00:00Z' }),
    defaultModels: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
};
