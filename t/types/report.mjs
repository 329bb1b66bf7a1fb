// Adds up what check.mjs found and holds it against allowed.tsv.
//
//   report.mjs ALLOWED FOUND …
//
// A row of ALLOWED: protocol (or "protocol from upstream"), type and member,
// what, reason; separated by tabs; "*" stands for any text.  VERBOSE=1 prints what
// is allowed, too; PARTIAL=1: rows that nothing needs are no fault.

import { readFileSync } from 'node:fs';

const [allowedFile, ...files] = process.argv.slice(2);

const allowed = readFileSync(allowedFile, 'utf8').split('\n')
    .map((line, i) => ({ line: i + 1, fields: line.split('\t') }))
    .filter(({ fields }) => fields[0] && !fields[0].startsWith('#'));
for (const row of allowed) {
    row.n = 0;
    [row.client, row.up] = row.fields[0].split(' from ');
    if (row.fields.length !== 4) throw new Error(`${allowedFile}:${row.line}: not four fields`);
}

const fits = (pattern, text) => {
    const parts = pattern.split('*');
    return text.startsWith(parts[0]) && text.endsWith(parts.at(-1))
        && (parts.length > 1 ? text.length >= pattern.length - parts.length + 1 : text === pattern);
};

const objects = {}, problems = {};
for (const file of files) {
    const found = JSON.parse(readFileSync(file, 'utf8'));
    for (const [type, n] of Object.entries(found.objects)) {
        objects[type] = (objects[type] ?? 0) + n;
    }
    for (const [key, { n, ups, example }] of Object.entries(found.problems)) {
        const p = problems[key] ??= { n: 0, ups: {}, example };
        p.n += n;
        for (const [up, m] of Object.entries(ups)) p.ups[up] = (p.ups[up] ?? 0) + m;
    }
}

let bad = 0, good = 0;
for (const key of Object.keys(problems).sort()) {
    const p = problems[key], [client, at, what] = key.split('\t');
    const ups = { ok: [], bad: [] };
    for (const [up, n] of Object.entries(p.ups)) {
        const row = allowed.find((r) => r.client === client && (!r.up || r.up === up)
            && fits(r.fields[1], at) && fits(r.fields[2], what));
        if (row) row.n += n;
        ups[row ? 'ok' : 'bad'].push(`${up} ${n}`);
    }
    const say = (word, list) => console.log(
        `${word} ${client} | ${at} | ${what} | ${list.join(', ')} | ${p.example}`);
    if (ups.bad.length) { bad++; say('not ok', ups.bad); }
    if (ups.ok.length) { good++; if (process.env.VERBOSE) say('allowed', ups.ok); }
}
for (const row of allowed.filter((r) => !r.n && !process.env.PARTIAL)) {
    console.log(`not ok ${allowedFile}:${row.line}: nothing needs this row: ${row.fields.slice(0, 3).join(' | ')}`);
    bad++;
}

let total = 0;
for (const type of Object.keys(objects).sort()) {
    console.log(`# ${String(objects[type]).padStart(8)} ${type}`);
    total += objects[type];
}
console.log(`# ${total} objects validated, ${bad} kinds of violations, ${good} allowed`);
if (!total) bad++;
console.log(`${total ? Object.keys(objects).length : 0} passed, ${bad} failed`);
process.exit(bad ? 1 : 0);
