import { schema } from './schema.mjs';

// [protocol, a good request, [name, status wanted, what to change in it, options]...]
export default [
    'ollama',
    {
        path: '/api/chat',
        headers: {},
        err: j => typeof j?.error === 'string' && j.error.length > 0,
        good: {
            model: 'm',
            stream: false,
            messages: [
                { role: 'user', content: 'hi' },
                {
                    role: 'assistant',
                    content: '',
                    tool_calls: [{ function: { name: 'T', arguments: {} } }],
                },
                { role: 'tool', tool_name: 'T', content: 'ok' },
            ],
            tools: [{ type: 'function', function: { name: 'T', parameters: schema } }],
        },
    },
    [
        ['good', 200],
        [
            'no model',
            400,
            b => {
                delete b.model;
            },
        ],
        ['wrong path', 404, null, { path: '/v1/api/chat' }],
        ['text/plain', 400, null, { headers: { 'content-type': 'text/plain' } }],
        [
            'content array',
            400,
            b => {
                b.messages[0].content = [{ type: 'text', text: 'x' }];
            },
        ],
        [
            'arguments string',
            400,
            b => {
                b.messages[1].tool_calls[0].function.arguments = '{}';
            },
        ],
        [
            'unknown role',
            400,
            b => {
                b.messages[0].role = 'developer';
            },
        ],
        [
            'orphan tool',
            400,
            b => {
                b.messages.splice(1, 1);
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
            'data: image',
            400,
            b => {
                b.messages[0].images = ['data:image/png;base64,aaaa'];
            },
        ],
        [
            'bad think',
            400,
            b => {
                b.think = 'enabled';
            },
        ],
        [
            'bad format',
            400,
            b => {
                b.format = 'yaml';
            },
        ],
        [
            'max_tokens',
            400,
            b => {
                b.max_tokens = 5;
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
            'union type',
            400,
            b => {
                b.tools[0].function.parameters = { type: ['object', 'null'] };
            },
        ],
    ],
];
