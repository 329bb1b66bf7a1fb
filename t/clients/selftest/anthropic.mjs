import { schema } from './schema.mjs';

// [protocol, a good request, [name, status wanted, what to change in it, options]...]
export default [
    'anthropic',
    {
        path: '/v1/messages',
        headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
        err: (j, s) =>
            j?.type === 'error' &&
            !!j.error?.type &&
            !!j.error?.message &&
            (s !== 400 || j.error.type === 'invalid_request_error'),
        good: {
            model: 'm',
            max_tokens: 2000,
            messages: [
                { role: 'user', content: 'hi' },
                {
                    role: 'assistant',
                    content: [{ type: 'tool_use', id: 'toolu_1', name: 'T', input: {} }],
                },
                {
                    role: 'user',
                    content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }],
                },
            ],
            tools: [{ name: 'T', input_schema: schema }],
        },
    },
    [
        ['good', 200],
        [
            'bearer auth',
            200,
            null,
            { drop: ['x-api-key'], headers: { authorization: 'Bearer k' } },
        ],
        ['?beta=true', 200, null, { path: '/v1/messages?beta=true' }],
        ['no auth', 401, null, { drop: ['x-api-key'] }],
        ['no version', 400, null, { drop: ['anthropic-version'] }],
        ['wrong path', 404, null, { path: '/messages' }],
        ['openai path', 404, null, { path: '/v1/chat/completions' }],
        ['content-type text/plain', 400, null, { headers: { 'content-type': 'text/plain' } }],
        ['broken JSON', 400, () => '{"model":'],
        ['array body', 400, () => []],
        ['no body', 400, () => ''],
        [
            'no model',
            400,
            b => {
                delete b.model;
            },
        ],
        [
            'no max_tokens',
            400,
            b => {
                delete b.max_tokens;
            },
        ],
        [
            'max_tokens string',
            400,
            b => {
                b.max_tokens = '5';
            },
        ],
        [
            'no messages',
            400,
            b => {
                delete b.messages;
            },
        ],
        [
            'empty messages',
            400,
            b => {
                b.messages = [];
            },
        ],
        [
            'system role',
            400,
            b => {
                b.messages.unshift({ role: 'system', content: 'x' });
            },
        ],
        [
            'system role, beta',
            200,
            b => {
                b.messages.splice(1, 0, { role: 'system', content: 'x' });
            },
            { headers: { 'anthropic-beta': 'mid-conversation-system-2026-04-07' } },
        ],
        [
            'tool role',
            400,
            b => {
                b.messages.push({ role: 'tool', content: 'x' });
            },
        ],
        [
            'unknown field',
            400,
            b => {
                b.max_completion_tokens = 5;
            },
        ],
        [
            'orphan tool_result',
            400,
            b => {
                b.messages.splice(1, 1);
            },
        ],
        [
            'unanswered tool_use',
            400,
            b => {
                b.messages[2].content = 'hm';
            },
        ],
        [
            'wrong tool_use_id',
            400,
            b => {
                b.messages[2].content[0].tool_use_id = 'toolu_2';
            },
        ],
        [
            'bad tool_use id chars',
            400,
            b => {
                b.messages[1].content[0].id = b.messages[2].content[0].tool_use_id = 'a.b:c';
            },
        ],
        [
            'text before tool_result',
            400,
            b => {
                b.messages[2].content.unshift({ type: 'text', text: 'x' });
            },
        ],
        [
            'tool_use input string',
            400,
            b => {
                b.messages[1].content[0].input = '{}';
            },
        ],
        [
            'empty text block',
            400,
            b => {
                b.messages[0].content = [{ type: 'text', text: '' }];
            },
        ],
        [
            'empty string content',
            400,
            b => {
                b.messages[0].content = '';
            },
        ],
        [
            'openai-style part',
            400,
            b => {
                b.messages[0].content = [{ type: 'image_url', image_url: { url: 'data:' } }];
            },
        ],
        [
            'bad image type',
            400,
            b => {
                b.messages[0].content = [
                    {
                        type: 'image',
                        source: { type: 'base64', media_type: 'image/bmp', data: 'aaaa' },
                    },
                ];
            },
        ],
        [
            'first is assistant',
            400,
            b => {
                b.messages = [
                    { role: 'assistant', content: 'x' },
                    { role: 'user', content: 'y' },
                ];
            },
        ],
        [
            'tool without schema',
            400,
            b => {
                delete b.tools[0].input_schema;
            },
        ],
        [
            'schema without type',
            400,
            b => {
                b.tools[0].input_schema = {};
            },
        ],
        [
            'tool name with dot',
            400,
            b => {
                b.tools[0].name = 'a.b';
            },
        ],
        [
            'duplicate tool',
            400,
            b => {
                b.tools.push(b.tools[0]);
            },
        ],
        [
            'openai tool',
            400,
            b => {
                b.tools = [{ type: 'function', function: { name: 'T' } }];
            },
        ],
        [
            'tool_choice string',
            400,
            b => {
                b.tool_choice = 'auto';
            },
        ],
        [
            'tool_choice without tools',
            400,
            b => {
                delete b.tools;
                b.tool_choice = { type: 'auto' };
            },
        ],
        [
            'small budget',
            400,
            b => {
                b.thinking = { type: 'enabled', budget_tokens: 10 };
            },
        ],
        [
            'budget >= max',
            400,
            b => {
                b.thinking = { type: 'enabled', budget_tokens: 2000 };
            },
        ],
        [
            'forged signature',
            400,
            b => {
                b.messages[1].content.unshift({
                    type: 'thinking',
                    thinking: 'x',
                    signature: 'forged',
                });
            },
        ],
        [
            'temperature 1.5',
            400,
            b => {
                b.temperature = 1.5;
            },
        ],
        [
            'stop_sequences blank',
            400,
            b => {
                b.stop_sequences = [' '];
            },
        ],
        [
            'five cache_control',
            400,
            b => {
                b.messages[0].content = Array.from({ length: 5 }, () => ({
                    type: 'text',
                    text: 'x',
                    cache_control: { type: 'ephemeral' },
                }));
            },
        ],
        [
            '429',
            429,
            b => {
                b.messages = [{ role: 'user', content: '[mock:error429]' }];
            },
        ],
    ],
];
