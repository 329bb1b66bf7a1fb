import { schema } from './schema.mjs';

// [protocol, a good request, [name, status wanted, what to change in it, options]...]
export default [
    'responses',
    {
        path: '/v1/responses',
        headers: { authorization: 'Bearer k' },
        err: j => !!j?.error?.message && 'type' in j.error,
        good: {
            model: 'm',
            input: [
                { role: 'user', content: 'hi' },
                { type: 'function_call', call_id: 'c1', name: 'T', arguments: '{}' },
                { type: 'function_call_output', call_id: 'c1', output: 'ok' },
            ],
            tools: [{ type: 'function', name: 'T', parameters: schema }],
        },
    },
    [
        ['good', 200],
        [
            'string input',
            200,
            b => {
                b.input = 'hi';
            },
        ],
        ['no auth', 401, null, { drop: ['authorization'] }],
        ['wrong path', 404, null, { path: '/responses' }],
        ['text/plain', 400, null, { headers: { 'content-type': 'text/plain' } }],
        [
            'no model',
            400,
            b => {
                delete b.model;
            },
        ],
        [
            'no input',
            400,
            b => {
                delete b.input;
            },
        ],
        [
            'messages',
            400,
            b => {
                b.messages = [];
            },
        ],
        [
            'unknown role',
            400,
            b => {
                b.input[0].role = 'tool';
            },
        ],
        [
            'orphan output',
            400,
            b => {
                b.input.splice(1, 1);
            },
        ],
        [
            'unanswered call',
            400,
            b => {
                b.input.pop();
            },
        ],
        [
            'chat part',
            400,
            b => {
                b.input[0].content = [{ type: 'text', text: 'x' }];
            },
        ],
        [
            'input_text by assistant',
            400,
            b => {
                b.input.unshift({
                    role: 'assistant',
                    content: [{ type: 'input_text', text: 'x' }],
                });
            },
        ],
        [
            'chat tool shape',
            400,
            b => {
                b.tools = [{ type: 'function', function: { name: 'T' } }];
            },
        ],
        [
            'bad item',
            400,
            b => {
                b.input.push({ type: 'tool_result' });
            },
        ],
        [
            'bad fc id',
            400,
            b => {
                b.input[1].id = 'call_1';
            },
        ],
        [
            'bad msg id',
            400,
            b => {
                b.input[0].id = 'x';
            },
        ],
        [
            'long call_id',
            400,
            b => {
                b.input[1].call_id = b.input[2].call_id = 'c'.repeat(65);
            },
        ],
        [
            'reasoning without summary',
            400,
            b => {
                b.input.push({ type: 'reasoning', id: 'rs_1' });
            },
        ],
        [
            'forged encrypted_content',
            400,
            b => {
                b.input.push({
                    type: 'reasoning',
                    id: 'rs_1',
                    summary: [],
                    encrypted_content: 'x',
                });
            },
        ],
        [
            'bad include',
            400,
            b => {
                b.include = ['usage'];
            },
        ],
        [
            'unknown previous',
            400,
            b => {
                b.previous_response_id = 'resp_x';
            },
        ],
        [
            'max_output_tokens 5',
            400,
            b => {
                b.max_output_tokens = 5;
            },
        ],
        [
            'object image_url',
            400,
            b => {
                b.input[0].content = [{ type: 'input_image', image_url: { url: 'x' } }];
            },
        ],
    ],
];
