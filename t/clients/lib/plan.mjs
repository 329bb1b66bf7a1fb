// What the scripted upstream is going to say: picked from the prompt, the tools
// offered and the scenario. Independent of the wire protocol.
import { randomBytes } from 'node:crypto';

export const FLOURISH = ' - Grüße 世界 🚀 "quoted" \\ back\nsecond line';
export const proofContent = tok => `${tok} "q" \\ é世界🚀`;

const rid = n => {
    // base62, like the ids real providers hand out
    const abc = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789';
    return [...randomBytes(n)].map(b => abc[b % abc.length]).join('');
};
export const newId = (prefix, n = 24) => prefix + rid(n);

const last = (re, s) => {
    const all = [...String(s).matchAll(re)];
    return all.length ? all[all.length - 1][0] : null;
};

export function markers(text) {
    const sc = last(/\[mock:[a-z0-9-]+\]/g, text);
    return {
        scenario: sc ? sc.slice(6, -1) : null,
        pong: last(/\bPONG-[A-Za-z0-9]+/g, text),
        tok: last(/\bTOK-[A-Za-z0-9]+/g, text),
        path: last(/\/[^\s"'`<>,;:]*proof\.txt/g, text),
    };
}

// ---- choosing a tool -------------------------------------------------------
const SHELL =
    /^(.*[._-])?(bash|shell|sh|exec|exec_command|shell_command|run_shell_command|run_command|execute_command|run_terminal_cmd|terminal|local_shell)$/i;
const WRITE =
    /^(.*[._-])?(write|write_file|writefile|write_to_file|create_file|createfile|save_file)$/i;
const CMD_KEYS = ['command', 'cmd', 'commands', 'script', 'code'];
const PATH_KEYS = [
    'file_path',
    'filePath',
    'path',
    'filepath',
    'absolute_path',
    'filename',
    'file',
];
const TEXT_KEYS = ['content', 'contents', 'file_text', 'text', 'data'];
const shq = s => `'${s.replace(/'/g, `'\\''`)}'`;

const typeOf = p => {
    let t = p && p.type;
    if (Array.isArray(t)) t = t.find(x => String(x).toLowerCase() !== 'null');
    return t
        ? String(t).toLowerCase()
        : p && p.properties
          ? 'object'
          : p && p.enum
            ? 'string'
            : '';
};

// An instance that satisfies a JSON schema well enough for structured output.
export function instance(s, root = s, depth = 0) {
    if (!s || typeof s !== 'object' || depth > 12) return 'x';
    if (s.$ref && typeof s.$ref === 'string' && s.$ref.startsWith('#/')) {
        let t = root;
        for (const k of s.$ref.slice(2).split('/')) t = t && t[k];
        return instance(t, root, depth + 1);
    }
    if ('const' in s) return s.const;
    if (Array.isArray(s.enum)) return s.enum[0];
    for (const k of ['anyOf', 'oneOf'])
        if (Array.isArray(s[k]) && s[k].length) return instance(s[k][0], root, depth + 1);
    if (Array.isArray(s.allOf) && s.allOf.length)
        return instance(Object.assign({}, ...s.allOf), root, depth + 1);
    switch (typeOf(s)) {
        case 'object': {
            const o = {};
            for (const k of Object.keys(s.properties || {}))
                if (!s.required || s.required.includes(k))
                    o[k] = instance(s.properties[k], root, depth + 1);
            return o;
        }
        case 'array': {
            const n = s.minItems || 0;
            return Array.from({ length: n }, () => instance(s.items, root, depth + 1));
        }
        case 'integer':
        case 'number':
            return s.minimum ?? s.exclusiveMinimum ?? 1;
        case 'boolean':
            return true;
        case 'null':
            return null;
        default:
            return 'mock';
    }
}

function argsFor(tool, style, path, content, tok) {
    const props = (tool.schema && tool.schema.properties) || {};
    const req = (tool.schema && tool.schema.required) || [];
    const args = {};
    const cmd = `printf '%s\\n' ${shq(content)} > ${shq(path)} && echo wrote-${tok}`;
    if (style === 'shell') {
        const key =
            CMD_KEYS.find(k => k in props) ||
            (Object.keys(props).length === 0 ? 'command' : null);
        if (!key) return null;
        args[key] = typeOf(props[key]) === 'array' ? ['bash', '-c', cmd] : cmd;
    } else {
        const pk = PATH_KEYS.find(k => k in props),
            tk = TEXT_KEYS.find(k => k in props);
        if (!pk || !tk) return null;
        args[pk] = path;
        args[tk] = content + '\n';
    }
    for (const k of req)
        if (!(k in args)) {
            args[k] = /desc|explan|reason|justif|title|intent/i.test(k)
                ? 'create the proof file'
                : instance(props[k] || {});
        }
    return args;
}

export function pickTool(tools, prefer = 'shell') {
    const usable = tools.filter(t => t.kind === 'function' && t.schema);
    const by = re => usable.find(t => re.test(t.name));
    const order =
        prefer === 'write'
            ? [
                  ['write', WRITE],
                  ['shell', SHELL],
              ]
            : [
                  ['shell', SHELL],
                  ['write', WRITE],
              ];
    for (const [style, re] of order) {
        const t = by(re);
        if (t && argsFor(t, style, '/x', 'x', 'x')) return { tool: t, style };
    }
    return null;
}

// ---- deciding --------------------------------------------------------------
// view = { userText, results:[{id,text,isError}], tools:[{name,schema,kind}], forced, jsonSchema }
export function makePlan(view, opts) {
    const m = markers(view.userText);
    let scenario =
        opts.scenario === 'auto'
            ? m.scenario || (m.path && m.tok ? 'tool' : 'text')
            : opts.scenario;
    const wantsCalls = scenario === 'tool' || scenario === 'parallel';
    const text = (m.pong || 'hello from the mock backend') + FLOURISH;
    const plan = { scenario, text, calls: [], final: false, note: null };
    if (view.jsonSchema) {
        plan.text = JSON.stringify(instance(view.jsonSchema));
        plan.note = 'structured';
        return plan;
    }
    if (scenario === 'model') return modelPlan(plan, view);
    if (!wantsCalls) return plan;
    if (view.results.length) {
        plan.final = true;
        const seen = view.results.filter(r => m.tok && r.text.includes(m.tok)).length;
        const bad = view.results.filter(r => r.isError).length;
        plan.note = `results=${view.results.length} echoed=${seen} errors=${bad}`;
        // 'done' is only said when every tool's output (which echoes the token) came back to us
        const lost = opts.prefer !== 'write' && seen < view.results.length;
        plan.text =
            `${lost ? 'tool-output-lost' : 'done'} ${m.tok || ''} ` +
            `results=${view.results.length}${FLOURISH}`;
        return plan;
    }
    if (view.toolChoiceNone || !m.path || !m.tok) {
        plan.note = 'no tool wanted here';
        return plan;
    }
    const pick = pickTool(view.tools, opts.prefer);
    if (!pick) {
        plan.note = view.tools.length
            ? 'no usable shell/write tool among: ' +
              view.tools
                  .map(t => t.name)
                  .join(',')
                  .slice(0, 300)
            : 'no tools offered';
        return plan;
    }
    const paths =
        scenario === 'parallel'
            ? [m.path, m.path.replace(/proof\.txt$/, 'proof2.txt')]
            : [m.path];
    plan.calls = paths.map(p => ({
        name: pick.tool.name,
        namespace: pick.tool.namespace,
        args: argsFor(pick.tool, pick.style, p, proofContent(m.tok), m.tok),
    }));
    plan.text = 'I will create the file.';
    plan.note = `tool=${pick.tool.name} x${paths.length}`;
    return plan;
}

// As a model would that knows no prompt of ours: calls the first function that
// it is offered, once, with arguments that fit its schema.
function modelPlan(plan, view) {
    const tool = view.tools.find(t => t.kind === 'function' && t.schema);

    if (tool && !view.results.length && !view.toolChoiceNone) {
        plan.calls = [
            { name: tool.name, namespace: tool.namespace, args: instance(tool.schema) },
        ];
        plan.note = `tool=${tool.name}`;
    }
    return plan;
}

// Split by code points into about n pieces (never inside a surrogate pair).
export function pieces(s, n = 5) {
    const cp = [...s];
    if (!cp.length) return [];
    const k = Math.max(1, Math.ceil(cp.length / n));
    const out = [];
    for (let i = 0; i < cp.length; i += k) out.push(cp.slice(i, i + k).join(''));
    return out;
}
