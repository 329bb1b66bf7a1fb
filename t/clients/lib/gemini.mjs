import { bad, need, isObj, isStr, isInt, b64 } from './common.mjs';
import { newId, pieces } from './plan.mjs';

// proto3 JSON: camelCase or snake_case are both read; anything unknown is a 400.
const camel = k => k.replace(/_([a-z0-9])/g, (_, c) => c.toUpperCase());
function msg(o, at, fields) {
    need(
        isObj(o),
        `Invalid value at '${at || 'request'}' (type.googleapis.com), expected an object`,
    );
    const r = {};
    for (const [k, v] of Object.entries(o)) {
        const c = camel(k);
        if (!fields.includes(c))
            bad(
                `Invalid JSON payload received. Unknown name ` +
                    `"${k}"${at ? ` at '${at}'` : ''}: Cannot find field.`,
            );
        r[c] = v;
    }
    return r;
}
const TOP = [
    'model',
    'contents',
    'systemInstruction',
    'tools',
    'toolConfig',
    'safetySettings',
    'generationConfig',
    'cachedContent',
    'labels',
    'serviceTier',
    'store',
];
const GEN = [
    'stopSequences',
    'responseMimeType',
    'responseSchema',
    'responseJsonSchema',
    'responseFormat',
    'responseModalities',
    'candidateCount',
    'maxOutputTokens',
    'temperature',
    'topP',
    'topK',
    'seed',
    'presencePenalty',
    'frequencyPenalty',
    'responseLogprobs',
    'logprobs',
    'enableEnhancedCivicAnswers',
    'speechConfig',
    'thinkingConfig',
    'imageConfig',
    'mediaResolution',
    'audioTimestamp',
    'routingConfig',
];
const PART = [
    'text',
    'inlineData',
    'fileData',
    'functionCall',
    'functionResponse',
    'executableCode',
    'codeExecutionResult',
    'thought',
    'thoughtSignature',
    'videoMetadata',
    'mediaResolution',
    'partMetadata',
    'toolCall',
    'toolResponse',
];
const TOOL = [
    'functionDeclarations',
    'googleSearch',
    'googleSearchRetrieval',
    'codeExecution',
    'urlContext',
    'computerUse',
    'fileSearch',
    'googleMaps',
    'mcpServers',
];
const SCHEMA = [
    'type',
    'format',
    'title',
    'description',
    'nullable',
    'enum',
    'items',
    'maxItems',
    'minItems',
    'properties',
    'required',
    'minProperties',
    'maxProperties',
    'minimum',
    'maximum',
    'minLength',
    'maxLength',
    'pattern',
    'example',
    'anyOf',
    'propertyOrdering',
    'default',
];
const TYPES = [
    'STRING',
    'NUMBER',
    'INTEGER',
    'BOOLEAN',
    'ARRAY',
    'OBJECT',
    'NULL',
    'TYPE_UNSPECIFIED',
];

function schema(s0, at, top = false) {
    const s = msg(s0, at, SCHEMA);
    if (Array.isArray(s.type))
        bad(
            `Invalid JSON payload received. Unknown name "type" at '${at}': Proto field is ` +
                `not repeating, cannot start list.`,
        );
    const t = s.type == null ? null : String(s.type).toUpperCase();
    if (t)
        need(
            TYPES.includes(t),
            `Invalid value at '${at}.type' ` +
                `(type.googleapis.com/google.ai.generativelanguage.v1beta.Type), "${s.type}"`,
        );
    if (!t && !s.anyOf) bad(`* GenerateContentRequest.${at}.type: must be specified`);
    if (s.enum != null) {
        need(Array.isArray(s.enum), `Invalid value at '${at}.enum'`);
        s.enum.forEach((e, i) =>
            need(
                isStr(e),
                `Invalid value at '${at}.enum[${i}]' (TYPE_STRING), ${JSON.stringify(e)}`,
            ),
        );
        need(t === 'STRING', `* GenerateContentRequest.${at}.enum: only allowed for STRING type`);
        need(
            s.enum.every(e => e !== ''),
            `* GenerateContentRequest.${at}.enum: cannot be empty`,
        );
    }
    if (s.format != null && t === 'STRING')
        need(
            ['enum', 'date-time'].includes(s.format),
            `* GenerateContentRequest.${at}.format: only 'enum' and 'date-time' are ` +
                `supported for STRING type`,
        );
    if (s.format != null && t === 'INTEGER')
        need(
            ['int32', 'int64'].includes(s.format),
            `* GenerateContentRequest.${at}.format: only 'int32' and 'int64' are supported ` +
                `for INTEGER type`,
        );
    if (s.format != null && t === 'NUMBER')
        need(
            ['float', 'double'].includes(s.format),
            `* GenerateContentRequest.${at}.format: only 'float' and 'double' are supported ` +
                `for NUMBER type`,
        );
    if (t === 'ARRAY') {
        need(s.items != null, `* GenerateContentRequest.${at}.items: missing field.`);
        schema(s.items, at + '.items');
    }
    if (t === 'OBJECT') {
        if (s.properties != null) {
            need(isObj(s.properties), `Invalid value at '${at}.properties'`);
            need(
                Object.keys(s.properties).length,
                `* GenerateContentRequest.${at}.properties: should be non-empty for OBJECT type`,
            );
        } else if (top)
            bad(`* GenerateContentRequest.${at}.properties: should be non-empty for OBJECT type`);
        for (const [k, v] of Object.entries(s.properties || {}))
            schema(v, `${at}.properties[${k}]`);
        (s.required || []).forEach((k, i) =>
            need(
                s.properties && k in s.properties,
                `* GenerateContentRequest.${at}.required[${i}]: property is not defined`,
            ),
        );
    }
    if (s.anyOf != null) {
        need(Array.isArray(s.anyOf) && s.anyOf.length, `Invalid value at '${at}.any_of'`);
        s.anyOf.forEach((x, i) => schema(x, `${at}.any_of[${i}]`));
    }
}
const GOODSIG = s =>
    isStr(s) &&
    (Buffer.from(s, 'base64').toString().startsWith('mocksig.') ||
        ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'].includes(
            s,
        ) ||
        ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'].includes(
            Buffer.from(s, 'base64').toString(),
        ));

function part(p0, at) {
    const p = msg(p0, at, PART);
    const data = [
        'text',
        'inlineData',
        'fileData',
        'functionCall',
        'functionResponse',
        'executableCode',
        'codeExecutionResult',
        'toolCall',
        'toolResponse',
    ].filter(k => p[k] != null);
    need(
        data.length <= 1,
        `Invalid value at '${at}' (oneof), oneof field 'data' is already set. Cannot set ` +
            `'${data[1]}'`,
    );
    need(
        data.length === 1,
        `* GenerateContentRequest.${at}.data: required oneof field 'data' must have one ` +
            `initialized field`,
    );
    if (p.text != null) need(isStr(p.text), `Invalid value at '${at}.text' (TYPE_STRING)`);
    if (p.inlineData) {
        const d = msg(p.inlineData, at + '.inline_data', ['mimeType', 'data', 'displayName']);
        need(
            isStr(d.mimeType) && d.mimeType,
            `* GenerateContentRequest.${at}.inline_data.mime_type: must be set`,
        );
        need(
            b64(d.data),
            `Invalid value at '${at}.inline_data.data' (TYPE_BYTES), Base64 decoding failed`,
        );
    }
    if (p.functionCall) {
        const f = msg(p.functionCall, at + '.function_call', [
            'name',
            'args',
            'id',
            'partialArgs',
            'willContinue',
        ]);
        need(
            isStr(f.name) && f.name,
            `* GenerateContentRequest.${at}.function_call.name: Name cannot be empty.`,
        );
        if (f.args != null)
            need(
                isObj(f.args),
                `Invalid value at '${at}.function_call.args' ` +
                    `(type.googleapis.com/google.protobuf.Struct), ` +
                    `${JSON.stringify(f.args).slice(0, 60)}`,
            );
    }
    if (p.functionResponse) {
        const f = msg(p.functionResponse, at + '.function_response', [
            'name',
            'response',
            'id',
            'parts',
            'scheduling',
            'willContinue',
        ]);
        need(
            isStr(f.name) && f.name,
            `* GenerateContentRequest.${at}.function_response.name: Name cannot be empty.`,
        );
        need(
            isObj(f.response),
            `Invalid value at '${at}.function_response.response' ` +
                `(type.googleapis.com/google.protobuf.Struct), ` +
                `${JSON.stringify(f.response ?? null).slice(0, 60)}`,
        );
    }
    if (p.thoughtSignature != null)
        need(
            isStr(p.thoughtSignature) && b64(p.thoughtSignature),
            `Invalid value at '${at}.thought_signature' (TYPE_BYTES), Base64 decoding failed`,
        );
    return p;
}
const isSig3 = (model, opts) => opts.signatures || /gemini-3/.test(model);

export default {
    name: 'gemini',
    error(status, message, x = {}) {
        const st =
            x.gstatus ||
            {
                400: 'INVALID_ARGUMENT',
                401: 'UNAUTHENTICATED',
                403: 'PERMISSION_DENIED',
                404: 'NOT_FOUND',
                429: 'RESOURCE_EXHAUSTED',
                500: 'INTERNAL',
                503: 'UNAVAILABLE',
            }[status] ||
            'UNKNOWN';
        return {
            body: {
                error: {
                    code: status,
                    message,
                    status: st,
                    ...(status === 429
                        ? {
                              details: [
                                  {
                                      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
                                      retryDelay: '1s',
                                  },
                              ],
                          }
                        : x.details
                          ? { details: x.details }
                          : {}),
                },
            },
            headers: {},
        };
    },
    auth(req, url, opts) {
        const k = req.headers['x-goog-api-key'] || url.searchParams.get('key');
        if (!k)
            bad(
                "Method doesn't allow unregistered callers (callers without established " +
                    'identity). Please use API Key or other form of API consumer identity ' +
                    'to call this API.',
                { status: 403 },
            );
        if (opts.key && k !== opts.key)
            bad('API key not valid. Please pass a valid API key.', {
                status: 400,
                details: [
                    {
                        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
                        reason: 'API_KEY_INVALID',
                        domain: 'googleapis.com',
                        metadata: { service: 'generativelanguage.googleapis.com' },
                    },
                ],
            });
    },
    route(req, url) {
        const m = /^\/(v1|v1beta)\/models\/([^/:]+):(\w+)$/.exec(url.pathname);
        if (req.method === 'POST' && m) {
            const op = {
                generateContent: 'generate',
                streamGenerateContent: 'generate',
                countTokens: 'count',
            }[m[3]];
            if (op)
                return {
                    op,
                    model: decodeURIComponent(m[2]),
                    stream: m[3] === 'streamGenerateContent',
                    sse: url.searchParams.get('alt') === 'sse',
                };
        }
        const l = /^\/(v1|v1beta)\/models(?:\/([^/:]+))?$/.exec(url.pathname);
        if (req.method === 'GET' && l)
            return l[2] ? { op: 'model', id: decodeURIComponent(l[2]) } : { op: 'models' };
        return null;
    },
    validate(b0, ctx) {
        if (ctx.route.op === 'count') {
            const c = msg(b0, '', [
                'contents',
                'generateContentRequest',
                'model',
                'systemInstruction',
                'tools',
                'generationConfig',
            ]);
            need(
                c.contents || c.generateContentRequest,
                '* CountTokensRequest.contents: contents is not specified',
            );
            return;
        }
        const b = (ctx.norm = msg(b0, '', TOP));
        need(
            Array.isArray(b.contents) && b.contents.length,
            '* GenerateContentRequest.contents: contents is not specified',
        );
        const turns = b.contents.map((c0, i) => {
            const c = msg(c0, `contents[${i}]`, ['role', 'parts']);
            if (c.role != null)
                need(
                    ['user', 'model', 'function'].includes(c.role),
                    'Please use a valid role: user, model.',
                );
            else need(b.contents.length === 1, 'Please use a valid role: user, model.');
            need(
                Array.isArray(c.parts) && c.parts.length,
                `* GenerateContentRequest.contents[${i}].parts: contents.parts must not be ` +
                    `empty.`,
            );
            return {
                role: c.role || 'user',
                parts: c.parts.map((p, j) => part(p, `contents[${i}].parts[${j}]`)),
            };
        });
        ctx.turns = turns;
        // function call / response pairing
        turns.forEach((t, i) => {
            const calls = t.parts.filter(p => p.functionCall),
                resp = t.parts.filter(p => p.functionResponse);
            if (calls.length) {
                need(
                    t.role === 'model',
                    'Please ensure that function call turns have the role model.',
                );
                need(
                    i > 0 && turns[i - 1].role !== 'model',
                    'Please ensure that function call turn comes immediately after a user ' +
                        'turn or after a function response turn.',
                );
                const nx = turns[i + 1];
                const nr = nx ? nx.parts.filter(p => p.functionResponse) : [];
                need(
                    nx,
                    'Please ensure that single turn requests end with a user role or the ' +
                        'role field is empty.',
                );
                need(
                    nr.length === calls.length,
                    'Please ensure that the number of function response parts is equal to ' +
                        'the number of function call parts of the function call turn.',
                );
                const want = calls
                        .map(c => c.functionCall.name)
                        .sort()
                        .join(),
                    got = nr
                        .map(c => c.functionResponse.name)
                        .sort()
                        .join();
                need(
                    want === got,
                    `Function response name does not match its function call (calls: ` +
                        `${want}; responses: ${got}).`,
                );
                for (const c of calls)
                    if (c.functionCall.id)
                        need(
                            nr.some(r => r.functionResponse.id === c.functionCall.id),
                            `Function response for call id ${c.functionCall.id} is missing.`,
                        );
            }
            if (resp.length) {
                need(t.role !== 'model', 'Function responses must not be in a model turn.');
                const pv = turns[i - 1];
                need(
                    pv && pv.role === 'model' && pv.parts.some(p => p.functionCall),
                    'Please ensure that function response turn comes immediately after a ' +
                        'function call turn.',
                );
            }
        });
        if (isSig3(ctx.route.model, ctx.opts)) {
            let cur = 0;
            turns.forEach((t, i) => {
                if (t.role === 'user' && !t.parts.some(p => p.functionResponse)) cur = i;
            });
            turns.slice(cur).forEach((t, k) => {
                const f = t.parts.find(p => p.functionCall);
                if (f) {
                    need(
                        f.thoughtSignature,
                        `Function call is missing a thought_signature in functionCall ` +
                            `parts. This is required for tools to work correctly, and ` +
                            `missing thought_signature may lead to degraded model ` +
                            `performance. Additional data, function call \`default_api:${f.functionCall.name}\` , position ${cur + k + 1}.`,
                    );
                    need(GOODSIG(f.thoughtSignature), 'Thought signature is not valid.');
                }
            });
        }
        if (b.systemInstruction != null) {
            const s = msg(b.systemInstruction, 'system_instruction', ['role', 'parts']);
            const ps = Array.isArray(s.parts) ? s.parts : [s.parts];
            ps.forEach((p, j) => {
                const q = part(p, `system_instruction.parts[${j}]`);
                need(isStr(q.text), 'Developer instruction only supports text parts.');
            });
        }
        const names = new Set();
        if (b.tools != null) {
            need(Array.isArray(b.tools), "Invalid value at 'tools'");
            b.tools.forEach((t0, i) => {
                const t = msg(t0, `tools[${i}]`, TOOL);
                (t.functionDeclarations || []).forEach((f0, j) => {
                    const at = `tools[${i}].function_declarations[${j}]`,
                        f = msg(f0, at, [
                            'name',
                            'description',
                            'parameters',
                            'parametersJsonSchema',
                            'response',
                            'responseJsonSchema',
                            'behavior',
                        ]);
                    need(
                        isStr(f.name) && /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/.test(f.name),
                        `* GenerateContentRequest.${at}.name: [FIELD_INVALID] Invalid ` +
                            `function name. Must start with a letter or an underscore. Must ` +
                            `be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), ` +
                            `colons (:), or dashes (-), with a maximum length of 128.`,
                    );
                    need(!names.has(f.name), `Duplicate function declaration found: ${f.name}`);
                    names.add(f.name);
                    need(
                        !(f.parameters && f.parametersJsonSchema),
                        `* GenerateContentRequest.${at}: parameters and ` +
                            `parameters_json_schema are mutually exclusive`,
                    );
                    if (f.parameters != null) {
                        need(
                            String(f.parameters.type).toUpperCase() === 'OBJECT',
                            `* GenerateContentRequest.${at}.parameters.type: should be OBJECT`,
                        );
                        schema(f.parameters, at + '.parameters', true);
                    }
                    if (f.parametersJsonSchema != null)
                        need(
                            isObj(f.parametersJsonSchema),
                            `Invalid value at '${at}.parameters_json_schema'`,
                        );
                });
            });
        }
        if (b.toolConfig != null) {
            const tc = msg(b.toolConfig, 'tool_config', [
                'functionCallingConfig',
                'retrievalConfig',
                'includeServerSideToolInvocations',
            ]);
            if (tc.functionCallingConfig) {
                const f = msg(tc.functionCallingConfig, 'tool_config.function_calling_config', [
                    'mode',
                    'allowedFunctionNames',
                    'streamFunctionCallArguments',
                ]);
                if (f.mode != null)
                    need(
                        ['AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED'].includes(f.mode),
                        `Invalid value at 'tool_config.function_calling_config.mode', ` +
                            `"${f.mode}"`,
                    );
                if (f.allowedFunctionNames?.length) {
                    need(
                        ['ANY', 'VALIDATED'].includes(f.mode),
                        'Allowed function names should only be set when function calling ' +
                            'mode is ANY or VALIDATED.',
                    );
                    f.allowedFunctionNames.forEach(n =>
                        need(
                            names.has(n),
                            `Allowed function name ${n} is not in function_declarations`,
                        ),
                    );
                }
            }
        }
        if (b.generationConfig != null) {
            const g = (ctx.gen = msg(b.generationConfig, 'generation_config', GEN));
            if (g.temperature != null)
                need(
                    typeof g.temperature === 'number' && g.temperature >= 0 && g.temperature <= 2,
                    '* GenerateContentRequest.generation_config.temperature: temperature ' +
                        'must be in the range [0.0, 2.0].',
                );
            if (g.topP != null)
                need(
                    typeof g.topP === 'number' && g.topP >= 0 && g.topP <= 1,
                    '* GenerateContentRequest.generation_config.top_p: top_p must be in the ' +
                        'range [0.0, 1.0].',
                );
            if (g.maxOutputTokens != null)
                need(
                    isInt(g.maxOutputTokens) && g.maxOutputTokens > 0,
                    '* GenerateContentRequest.generation_config.max_output_tokens: ' +
                        'max_output_tokens must be positive.',
                );
            if (g.stopSequences != null)
                need(
                    Array.isArray(g.stopSequences) &&
                        g.stopSequences.length <= 5 &&
                        g.stopSequences.every(isStr),
                    '* GenerateContentRequest.generation_config.stop_sequences: at most 5 ' +
                        'strings',
                );
            if (g.thinkingConfig != null) {
                const t = msg(g.thinkingConfig, 'generation_config.thinking_config', [
                    'includeThoughts',
                    'thinkingBudget',
                    'thinkingLevel',
                ]);
                need(
                    !(t.thinkingBudget != null && t.thinkingLevel != null),
                    'You can only set only one of thinking budget and thinking level.',
                );
                if (t.thinkingLevel != null)
                    need(
                        [
                            'MINIMAL',
                            'LOW',
                            'MEDIUM',
                            'HIGH',
                            'THINKING_LEVEL_UNSPECIFIED',
                        ].includes(String(t.thinkingLevel).toUpperCase()),
                        `Invalid value at ` +
                            `'generation_config.thinking_config.thinking_level', ` +
                            `"${t.thinkingLevel}"`,
                    );
                if (t.thinkingBudget != null)
                    need(isInt(t.thinkingBudget), "Invalid value at 'thinking_budget'");
                ctx.thoughts = t.includeThoughts === true;
            }
            need(
                !(g.responseSchema && g.responseJsonSchema),
                'response_schema and response_json_schema are mutually exclusive',
            );
            if (g.responseSchema || g.responseJsonSchema)
                need(
                    /json|x.enum/.test(g.responseMimeType || ''),
                    '* GenerateContentRequest.generation_config.response_mime_type: ' +
                        'response_schema is only supported with application/json',
                );
            if (g.responseSchema) schema(g.responseSchema, 'generation_config.response_schema');
            ctx.json = g.responseJsonSchema || g.responseSchema;
        }
        if (b.safetySettings != null)
            b.safetySettings.forEach((s, i) => {
                msg(s, `safety_settings[${i}]`, ['category', 'threshold', 'method']);
                need(
                    /^HARM_CATEGORY_/.test(s.category),
                    `Invalid value at 'safety_settings[${i}].category', "${s.category}"`,
                );
            });
        if (b.cachedContent != null)
            bad('CachedContent not found (or permission denied)', { status: 403 });
    },
    view(b0, ctx) {
        const b = ctx.norm,
            lastT = ctx.turns[ctx.turns.length - 1];
        const flat = o => {
            try {
                return Object.values(o)
                    .map(v => (isStr(v) ? v : JSON.stringify(v)))
                    .join('\n');
            } catch {
                return '';
            }
        };
        return {
            userText: ctx.turns
                .filter(t => t.role !== 'model')
                .flatMap(t => t.parts.filter(p => isStr(p.text)).map(p => p.text))
                .join('\n'),
            results:
                lastT.role === 'model'
                    ? []
                    : lastT.parts
                          .filter(p => p.functionResponse)
                          .map(p => ({
                              id: p.functionResponse.id,
                              text: flat(p.functionResponse.response),
                              isError:
                                  'error' in p.functionResponse.response &&
                                  p.functionResponse.response.error != null,
                          })),
            tools: (b.tools || []).flatMap(t =>
                (t.functionDeclarations || t.function_declarations || []).map(f => ({
                    name: f.name,
                    kind: 'function',
                    schema: f.parametersJsonSchema ||
                        f.parameters_json_schema ||
                        f.parameters || { type: 'object' },
                })),
            ),
            toolChoiceNone: b.toolConfig?.functionCallingConfig?.mode === 'NONE',
            jsonSchema: ctx.json,
            stream: ctx.route.stream,
            thoughts: ctx.thoughts,
        };
    },
    async reply(b, plan, out, view, opts, ctx) {
        const q = out.quirk,
            model = ctx.route.model,
            sig3 = isSig3(model, opts);
        const pt = Math.ceil(JSON.stringify(b.contents).length / 4),
            ct = Math.ceil((plan.text + JSON.stringify(plan.calls)).length / 4);
        const usageMetadata = {
            promptTokenCount: pt,
            candidatesTokenCount: ct,
            totalTokenCount: pt + ct,
            promptTokensDetails: [{ modality: 'TEXT', tokenCount: pt }],
            ...(view.thoughts && opts.thinking ? { thoughtsTokenCount: 7 } : {}),
        };
        const mkSig = () => Buffer.from('mocksig.' + newId('', 24)).toString('base64');
        const thought =
            view.thoughts && opts.thinking ? [{ text: '**Thinking** 思考', thought: true }] : [];
        const fparts = plan.calls.map((c, i) => ({
            functionCall: {
                ...(opts.geminiIds ? { id: newId('', 10).toLowerCase() } : {}),
                name: c.name,
                args: c.args,
            },
            ...(sig3 && i === 0 && !q.has('no-signature') ? { thoughtSignature: mkSig() } : {}),
        }));
        const responseId = newId('', 22);
        const wrap = (parts, last) => ({
            candidates: [
                {
                    content: { parts, role: 'model' },
                    ...(last && !q.has('no-finish') ? { finishReason: 'STOP' } : {}),
                    index: 0,
                },
            ],
            ...(q.has('no-usage') ? {} : { usageMetadata }),
            ...(q.has('no-model-version') ? {} : { modelVersion: model }),
            ...(q.has('no-response-id') ? {} : { responseId }),
        });
        if (!ctx.route.stream)
            return out.json(
                200,
                wrap([...thought, ...(plan.calls.length ? fparts : [{ text: plan.text }])], true),
            );
        const chunks = [];
        if (thought.length) chunks.push(wrap(thought, false));
        if (plan.calls.length) {
            if (q.has('split-calls'))
                fparts.forEach((p, i) => chunks.push(wrap([p], i === fparts.length - 1)));
            else {
                chunks.push(wrap([{ text: plan.text }], false));
                chunks.push(wrap(fparts, true));
            }
        } else {
            const ps = pieces(plan.text);
            ps.forEach((t, i) => chunks.push(wrap([{ text: t }], i === ps.length - 1)));
        }
        const err = {
            error: {
                code: 503,
                message: 'The model is overloaded. Please try again later.',
                status: 'UNAVAILABLE',
            },
        };
        if (ctx.route.sse) {
            out.head(200, {
                'content-type': q.has('no-sse-type') ? 'application/json' : 'text/event-stream',
                'cache-control': 'no-cache',
            });
            const nl = q.has('lf') ? '\n\n' : '\r\n\r\n'; // Google's SSE really uses CRLF
            for (const c of chunks)
                await out.event(
                    `data: ${JSON.stringify(c)}${nl}`,
                    'body',
                    `data: ${JSON.stringify(err)}${nl}`,
                );
            if (q.has('extra-done')) await out.event('data: [DONE]' + nl);
        } else {
            out.head(200, { 'content-type': 'application/json; charset=UTF-8' });
            for (let i = 0; i < chunks.length; i++)
                await out.event(
                    (i ? ',\r\n' : '[') + JSON.stringify(chunks[i], null, 2),
                    'body',
                    ',\r\n' + JSON.stringify(err) + ']',
                );
            await out.event('\n]\n');
        }
        out.end();
    },
    count: b => ({
        totalTokens: Math.ceil(JSON.stringify(b).length / 4),
        promptTokensDetails: [
            { modality: 'TEXT', tokenCount: Math.ceil(JSON.stringify(b).length / 4) },
        ],
    }),
    models: ids => ({ models: ids.map(gm) }),
    model: gm,
    defaultModels: ['gemini-2.5-pro', 'gemini-2.5-flash'],
};
function gm(id) {
    return {
        name: 'models/' + id,
        version: '001',
        displayName: id,
        inputTokenLimit: 1048576,
        outputTokenLimit: 65536,
        supportedGenerationMethods: ['generateContent', 'countTokens'],
    };
}
