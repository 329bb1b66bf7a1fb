// [protocol, a good request, [name, status wanted, what to change in it, options]...]
const call = '<ccp:call name="sh">{"cmd":"ls"}</ccp:call>';
const result = '<ccp:result name="sh" id="c1">a</ccp:result>';

export default [
    'openai',
    {
        extra: ['--no-tools'],
        path: '/v1/chat/completions',
        headers: { authorization: 'Bearer k' },
        err: j => typeof j?.error?.message === 'string',
        good: { model: 'm', messages: [{ role: 'user', content: 'x' }] },
    },
    [
        ['no tools', 200],
        [
            'a field of tools',
            400,
            b => {
                b.tools = [
                    { type: 'function', function: { name: 'f', parameters: { type: 'object' } } },
                ];
            },
        ],
        [
            'a call in a field',
            400,
            b => {
                b.messages.push(
                    {
                        role: 'assistant',
                        tool_calls: [
                            { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } },
                        ],
                    },
                    { role: 'tool', tool_call_id: 'c', content: 'r' },
                );
            },
        ],
        [
            'a call and its result as text',
            200,
            b => {
                b.messages.push(
                    { role: 'assistant', content: call },
                    { role: 'user', content: result },
                );
            },
        ],
        [
            'a call without its result',
            400,
            b => {
                b.messages.push(
                    { role: 'assistant', content: call },
                    { role: 'user', content: 'go on' },
                );
            },
        ],
    ],
];
