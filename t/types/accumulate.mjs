// What the official SDKs make of a stream: the body is what their fetch gets.

// Members that the SDKs add to what came.
const added = new Set(['parsed', 'parsed_arguments', 'parsed_output', 'output_parsed',
    'output_text', '_request_id']);

function strip(v) {
    if (Array.isArray(v)) return v.map(strip);
    if (v === null || typeof v !== 'object') return v;
    return Object.fromEntries(Object.entries(v)
        .filter(([name, m]) => !added.has(name) && m !== undefined)
        .map(([name, m]) => [name, name === 'input' ? m : strip(m)]));
}

export class Accumulators {
    static async load(require) {
        const self = new Accumulators();
        const fetch = async () => new Response(self.body,
            { headers: { 'content-type': 'text/event-stream' } });
        const { default: Anthropic } = require('@anthropic-ai/sdk');
        const { default: OpenAI } = require('openai');
        const options = { apiKey: 'k', fetch, maxRetries: 0, logLevel: 'off' };
        const anthropic = new Anthropic(options);
        const openai = new OpenAI(options);
        const messages = [{ role: 'user', content: 'x' }];
        self.ways = {
            anthropic: () => anthropic.messages
                .stream({ model: 'm', max_tokens: 9, messages }).finalMessage(),
            chat: () => openai.chat.completions
                .stream({ model: 'm', messages }).finalChatCompletion(),
            responses: () => openai.responses
                .stream({ model: 'm', input: 'x' }).finalResponse(),
        };
        return self;
    }

    // { value } or { error }; undefined where the SDK has no accumulator or
    // the stream tells an error, which is no final object.
    async final(client, body) {
        const way = this.ways[client];
        if (!way || /^event: (error|response\.failed)$|^data: \{"error"/m.test(body.toString())) return undefined;
        this.body = body;
        try {
            return { value: strip(await way()) };
        } catch (e) {
            return { error: `${e.constructor.name}: ${e.message}`.slice(0, 120) };
        }
    }
}
