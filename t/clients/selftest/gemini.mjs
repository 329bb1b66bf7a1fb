import { schema } from './schema.mjs';

// [protocol, a good request, [name, status wanted, what to change in it, options]...]
export default [
    'gemini',
    {
        path: '/v1beta/models/m:generateContent',
        headers: { 'x-goog-api-key': 'k' },
        err: (j, s) => j?.error?.code === s && !!j.error.status && !!j.error.message,
        good: {
            contents: [
                { role: 'user', parts: [{ text: 'hi' }] },
                { role: 'model', parts: [{ functionCall: { name: 'T', args: {} } }] },
                {
                    role: 'user',
                    parts: [{ functionResponse: { name: 'T', response: { output: 'ok' } } }],
                },
            ],
            tools: [
                {
                    functionDeclarations: [
                        {
                            name: 'T',
                            parameters: {
                                type: 'OBJECT',
                                properties: { a: { type: 'STRING' } },
                                required: ['a'],
                            },
                        },
                    ],
                },
            ],
        },
    },
    [
        ['good', 200],
        [
            'snake_case',
            200,
            b => {
                b.generation_config = { max_output_tokens: 5 };
            },
        ],
        [
            '?key=',
            200,
            null,
            { drop: ['x-goog-api-key'], path: '/v1beta/models/m:generateContent?key=k' },
        ],
        [
            'lower-case types',
            200,
            b => {
                b.tools[0].functionDeclarations[0].parameters = schema;
            },
        ],
        ['no auth', 403, null, { drop: ['x-goog-api-key'] }],
        [
            'bearer only',
            403,
            null,
            { drop: ['x-goog-api-key'], headers: { authorization: 'Bearer k' } },
        ],
        ['wrong path', 404, null, { path: '/models/m:generateContent' }],
        ['wrong verb', 404, null, { path: '/v1beta/models/m:chat' }],
        ['text/plain', 400, null, { headers: { 'content-type': 'text/plain' } }],
        [
            'no contents',
            400,
            b => {
                delete b.contents;
            },
        ],
        [
            'assistant role',
            400,
            b => {
                b.contents[1].role = 'assistant';
            },
        ],
        [
            'system role',
            400,
            b => {
                b.contents[0].role = 'system';
            },
        ],
        [
            'unknown field',
            400,
            b => {
                b.max_tokens = 4;
            },
        ],
        [
            'unknown part',
            400,
            b => {
                b.contents[0].parts[0].cache_control = {};
            },
        ],
        [
            'empty parts',
            400,
            b => {
                b.contents[0].parts = [];
            },
        ],
        [
            'empty part',
            400,
            b => {
                b.contents[0].parts = [{}];
            },
        ],
        [
            'two data fields',
            400,
            b => {
                b.contents[0].parts = [
                    { text: 'a', inlineData: { mimeType: 'image/png', data: 'aaaa' } },
                ];
            },
        ],
        [
            'orphan response',
            400,
            b => {
                b.contents.splice(1, 1);
            },
        ],
        [
            'missing response',
            400,
            b => {
                b.contents[2].parts = [{ text: 'x' }];
            },
        ],
        [
            'two responses',
            400,
            b => {
                b.contents[2].parts.push(b.contents[2].parts[0]);
            },
        ],
        [
            'ends with call',
            400,
            b => {
                b.contents.pop();
            },
        ],
        [
            'response string',
            400,
            b => {
                b.contents[2].parts[0].functionResponse.response = 'ok';
            },
        ],
        [
            'response array',
            400,
            b => {
                b.contents[2].parts[0].functionResponse.response = [];
            },
        ],
        [
            'args string',
            400,
            b => {
                b.contents[1].parts[0].functionCall.args = '{}';
            },
        ],
        [
            'name mismatch',
            400,
            b => {
                b.contents[2].parts[0].functionResponse.name = 'U';
            },
        ],
        ...[
            '$schema',
            'additionalProperties',
            'exclusiveMinimum',
            'const',
            'oneOf',
            'allOf',
            '$ref',
            '$defs',
            'patternProperties',
            'propertyNames',
        ].map(k => [
            `schema keyword ${k}`,
            400,
            b => {
                b.tools[0].functionDeclarations[0].parameters[k] =
                    k === 'oneOf' || k === 'allOf' ? [] : 1;
            },
        ]),
        [
            'type array',
            400,
            b => {
                b.tools[0].functionDeclarations[0].parameters.properties.a.type = [
                    'string',
                    'null',
                ];
            },
        ],
        [
            'empty object',
            400,
            b => {
                b.tools[0].functionDeclarations[0].parameters = {
                    type: 'OBJECT',
                    properties: {},
                };
            },
        ],
        [
            'array without items',
            400,
            b => {
                b.tools[0].functionDeclarations[0].parameters.properties.a = { type: 'ARRAY' };
            },
        ],
        [
            'numeric enum',
            400,
            b => {
                b.tools[0].functionDeclarations[0].parameters.properties.a = {
                    type: 'INTEGER',
                    enum: [1, 2],
                };
            },
        ],
        [
            'format uri',
            400,
            b => {
                b.tools[0].functionDeclarations[0].parameters.properties.a.format = 'uri';
            },
        ],
        [
            'undefined required',
            400,
            b => {
                b.tools[0].functionDeclarations[0].parameters.required = ['z'];
            },
        ],
        [
            'full schema in parametersJsonSchema',
            200,
            b => {
                const f = b.tools[0].functionDeclarations[0];
                delete f.parameters;
                f.parametersJsonSchema = {
                    $schema: 'x',
                    type: 'object',
                    additionalProperties: false,
                    properties: { a: { type: ['string', 'null'], const: 1 } },
                };
            },
        ],
        [
            'both schemas',
            400,
            b => {
                b.tools[0].functionDeclarations[0].parametersJsonSchema = {};
            },
        ],
        [
            'bad name',
            400,
            b => {
                b.tools[0].functionDeclarations[0].name = '9 x';
            },
        ],
        [
            'duplicate name',
            400,
            b => {
                b.tools[0].functionDeclarations.push(b.tools[0].functionDeclarations[0]);
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
            'allowed names with AUTO',
            400,
            b => {
                b.toolConfig = {
                    functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['T'] },
                };
            },
        ],
        [
            'bad mode',
            400,
            b => {
                b.toolConfig = { functionCallingConfig: { mode: 'auto' } };
            },
        ],
        [
            'budget and level',
            400,
            b => {
                b.generationConfig = {
                    thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'LOW' },
                };
            },
        ],
        [
            'six stops',
            400,
            b => {
                b.generationConfig = { stopSequences: ['1', '2', '3', '4', '5', '6'] };
            },
        ],
        [
            'image in system',
            400,
            b => {
                b.systemInstruction = {
                    parts: [{ inlineData: { mimeType: 'image/png', data: 'aaaa' } }],
                };
            },
        ],
        [
            'responseSchema without mime',
            400,
            b => {
                b.generationConfig = { responseSchema: { type: 'STRING' } };
            },
        ],
        [
            'gemini-3 without thoughtSignature',
            400,
            null,
            { path: '/v1beta/models/gemini-3-pro:generateContent' },
        ],
        [
            'gemini-3 skip signature',
            200,
            b => {
                b.contents[1].parts[0].thoughtSignature = Buffer.from(
                    'skip_thought_signature_validator',
                ).toString('base64');
            },
            { path: '/v1beta/models/gemini-3-pro:generateContent' },
        ],
    ],
];
