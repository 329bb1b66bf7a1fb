// A model without function calling: it knows of tools what the prompt says, calls by text and is
// told results by text. A request with any field of tools is refused.
import { bad } from './common.mjs';

const FIELDS = new Set([
    ...['tools', 'tool_choice', 'toolConfig', 'tool_config', 'functions', 'function_call'],
    ...['tool_calls', 'parallel_tool_calls', 'tool_call_id', 'functionCall', 'functionResponse'],
]);
const VALUES = new Set([
    ...['tool', 'tool_use', 'tool_result', 'function_call', 'function_call_output'],
    ...['custom_tool_call', 'custom_tool_call_output'],
]);

const TOOL = /<ccp:tool name="([^"]*)">\n([\s\S]*?)<\/ccp:tool>/g;
const SCHEMA = /^JSON schema of the arguments: (.*)$/m;
const CALL = /<ccp:call name="(?!TOOL")([^"]*)">([\s\S]*?)<\/ccp:call>/g;
const RESULT =
    /<ccp:result name="(?!TOOL")[^"]*" id="[^"]*"( error="true")?>([\s\S]*?)<\/ccp:result>/g;

function walk(v, found, path = '') {
    if (typeof v === 'string') {
        if (VALUES.has(v) && /(role|type)$/.test(path)) bad(`${path}: this model has no tools`);
        found.push(v);
    } else if (Array.isArray(v)) {
        v.forEach((x, i) => walk(x, found, `${path}[${i}]`));
    } else if (v && typeof v === 'object') {
        for (const [k, x] of Object.entries(v)) {
            if (FIELDS.has(k)) bad(`this model does not support tools (${path}.${k})`);
            walk(x, found, `${path}.${k}`);
        }
    }
    return found;
}

const all = (re, texts) => texts.flatMap(t => [...t.matchAll(re)]);

function tool([, name, rest]) {
    const schema = SCHEMA.exec(rest);
    return { name, kind: schema ? 'function' : 'custom', schema: schema && JSON.parse(schema[1]) };
}

// The tools and results of a request as its texts tell them.
export function readText(body, view) {
    const texts = walk(body, []);
    const calls = all(CALL, texts).map(m => JSON.parse(m[2]));
    view.tools = all(TOOL, texts).map(tool);
    view.results = all(RESULT, texts).map(([, error, text]) => ({ text, isError: !!error }));
    if (calls.length !== view.results.length)
        bad(`${calls.length} calls in the history, ${view.results.length} results`);
}

// The plan's calls as text behind its own.
export function writeText(plan) {
    const calls = plan.calls.map(
        c => `<ccp:call name="${c.name}">${JSON.stringify(c.args)}</ccp:call>`,
    );
    plan.text = [plan.text, ...calls].join('\n');
    plan.calls = [];
}
