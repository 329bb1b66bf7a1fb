// Final text and verdict of a CLI run, from its machine-readable output.
//   node extract.mjs KIND STDOUT_FILE  -> {"text":…, "error":…}
import fs from 'node:fs';
const [, , kind, file] = process.argv;
const raw = fs.readFileSync(file, 'utf8');
const lines = () =>
    raw
        .split('\n')
        .filter(l => l.startsWith('{'))
        .flatMap(l => {
            try {
                return [JSON.parse(l)];
            } catch {
                return [];
            }
        });
let text = '',
    error = null;
try {
    if (kind === 'claude') {
        const r = lines().at(-1) ?? {};
        text = r.result ?? '';
        if (r.is_error || r.subtype !== 'success')
            error = `subtype=${r.subtype} ${r.result ?? ''}`;
    } else if (kind === 'gemini') {
        const i = raw.indexOf('{\n');
        const r = JSON.parse(raw.slice(i));
        text = r.response ?? '';
        if (r.error) error = r.error.message;
    } else if (kind === 'codex')
        for (const e of lines()) {
            if (e.type === 'item.completed' && e.item.type === 'agent_message')
                text = e.item.text;
            if (e.type === 'turn.failed') error = e.error?.message ?? 'turn.failed';
        }
    else if (kind === 'opencode')
        for (const e of lines()) {
            if (e.type === 'text') text = e.part.text;
            if (e.type === 'error') error = JSON.stringify(e.error);
        }
    else if (kind === 'qwen') {
        const r = JSON.parse(raw.slice(raw.indexOf('['))).at(-1);
        text = r.result ?? '';
        if (r.is_error) error = r.error?.message ?? r.subtype;
    } else text = raw; // copilot, continue, aider: the answer as it is
} catch (e) {
    error = 'unreadable output: ' + e.message;
}
console.log(JSON.stringify({ text, error }));
