// [protocol, a good request, [name, status wanted, what to change in it, options]...]
export default [
    'anthropic',
    {
        extra: ['--key', 'right'],
        path: '/v1/messages',
        headers: { 'anthropic-version': '2023-06-01', 'x-api-key': 'wrong' },
        err: j => j?.error?.type === 'authentication_error',
        good: { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'x' }] },
    },
    [
        ['wrong key', 401],
        ['right key', 200, null, { headers: { 'x-api-key': 'right' } }],
    ],
];
