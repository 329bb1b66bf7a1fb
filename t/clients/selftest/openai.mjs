import { schema } from './schema.mjs';

// [protocol, a good request, [name, status wanted, what to change in it, options]...]
export default [
    'openai',
    {
        path: '/v1/chat/completions',
        headers: { authorization: 'Bearer k' },
        err: j =>
            !!j?.error?.message && 'type' in j.error && 'param' in j.error && 'code' in j.error,
        good: {
            model: 'm',
            messages: [
                { role: 'system', content: 's' },
                { role: 'user', content: 'hi' },
                {
                    role: 'assistant',
                    content: null,
                    tool_calls: [
                        {
                            id: 'call_1',
                            type: 'function',
                            function: { name: 'T', arguments: '{}' },
                        },
                    ],
                },
                { role: 'tool', tool_call_id: 'call_1', content: 'ok' },
            ],
            tools: [{ type: 'function', function: { name: 'T', parameters: schema } }],
        },
    },
    [
        ['good', 200],
        ['no auth', 401, null, { drop: ['authorization'] }],
        ['x-api-key only', 401, null, { drop: ['authorization'], headers: { 'x-api-key': 'k' } }],
        ['wrong path', 404, null, { path: '/chat/completions' }],
        ['form', 400, null, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
        ['broken JSON', 400, () => '{'],
        [
            'no model',
            400,
            b => {
                delete b.model;
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
            'unknown role',
            400,
            b => {
                b.messages[1].role = 'model';
            },
        ],
        [
            'unknown field',
            400,
            b => {
                b.system = 'x';
            },
        ],
        [
            'null user content',
            400,
            b => {
                b.messages[1].content = null;
            },
        ],
        [
            'orphan tool',
            400,
            b => {
                b.messages.splice(2, 1);
            },
        ],
        [
            'wrong id',
            400,
            b => {
                b.messages[3].tool_call_id = 'call_2';
            },
        ],
        [
            'unanswered',
            400,
            b => {
                b.messages.pop();
            },
        ],
        [
            'unanswered then user',
            400,
            b => {
                b.messages[3] = { role: 'user', content: 'x' };
            },
        ],
        [
            'no tool_call_id',
            400,
            b => {
                delete b.messages[3].tool_call_id;
            },
        ],
        [
            'id > 40',
            400,
            b => {
                b.messages[2].tool_calls[0].id = b.messages[3].tool_call_id = 'c'.repeat(41);
            },
        ],
        [
            'arguments object',
            400,
            b => {
                b.messages[2].tool_calls[0].function.arguments = {};
            },
        ],
        [
            'arguments not JSON',
            400,
            b => {
                b.messages[2].tool_calls[0].function.arguments = '{';
            },
        ],
        [
            'empty tool_calls',
            400,
            b => {
                b.messages[2] = { role: 'assistant', content: 'x', tool_calls: [] };
                b.messages.pop();
            },
        ],
        [
            'anthropic part',
            400,
            b => {
                b.messages[1].content = [{ type: 'image', source: {} }];
            },
        ],
        [
            'cache_control part',
            400,
            b => {
                b.messages[1].content = [
                    { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } },
                ];
            },
        ],
        [
            'image in tool',
            400,
            b => {
                b.messages[3].content = [
                    { type: 'image_url', image_url: { url: 'https://x/y.png' } },
                ];
            },
        ],
        [
            'empty tools',
            400,
            b => {
                b.tools = [];
            },
        ],
        [
            'anthropic tool',
            400,
            b => {
                b.tools = [{ name: 'T', input_schema: schema }];
            },
        ],
        [
            'long name',
            400,
            b => {
                b.tools[0].function.name = 'n'.repeat(65);
            },
        ],
        [
            'name with dot',
            400,
            b => {
                b.tools[0].function.name = 'a.b';
            },
        ],
        [
            'array without items',
            400,
            b => {
                b.tools[0].function.parameters = {
                    type: 'object',
                    properties: { a: { type: 'array' } },
                };
            },
        ],
        [
            'strict without additionalProperties',
            400,
            b => {
                b.tools[0].function.strict = true;
            },
        ],
        [
            'anthropic tool_choice',
            400,
            b => {
                b.tool_choice = { type: 'any' };
            },
        ],
        [
            'tool_choice without tools',
            400,
            b => {
                delete b.tools;
                b.tool_choice = 'auto';
            },
        ],
        [
            'both max',
            400,
            b => {
                b.max_tokens = b.max_completion_tokens = 5;
            },
        ],
        [
            'stream_options alone',
            400,
            b => {
                b.stream_options = { include_usage: true };
            },
        ],
        [
            'five stops',
            400,
            b => {
                b.stop = ['1', '2', '3', '4', '5'];
            },
        ],
        [
            'top_k',
            400,
            b => {
                b.top_k = 4;
            },
        ],
        [
            'metadata long',
            400,
            b => {
                b.metadata = { a: 'x'.repeat(513) };
            },
        ],
    ],
];
