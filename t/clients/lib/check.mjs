// node check.mjs text|tool|parallel CLIENT STDOUT_FILE TOKEN DIR -> exits 0, or 1 with a reason
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { FLOURISH, proofContent } from './plan.mjs';
const [, , check, kind, file, token, dir] = process.argv;
const fail = m => {
    console.log(m.replace(/\s+/g, ' ').slice(0, 300));
    process.exit(1);
};
const r = JSON.parse(
    execFileSync(process.execPath, [path.join(import.meta.dirname, 'extract.mjs'), kind, file], {
        encoding: 'utf8',
    }),
);
if (r.error) fail('client reported: ' + r.error);
if (check === 'text') {
    if (!r.text.includes(token)) fail(`answer lacks ${token}: ${JSON.stringify(r.text)}`);
    if (!r.text.includes(token + FLOURISH))
        fail(`text was altered on the way: ${JSON.stringify(r.text)}`);
} else {
    for (const f of check === 'parallel' ? ['proof.txt', 'proof2.txt'] : ['proof.txt']) {
        const p = path.join(dir, f);
        if (!fs.existsSync(p)) fail(`${f} was not created; answer: ${JSON.stringify(r.text)}`);
        const got = fs.readFileSync(p, 'utf8');
        if (got.trimEnd() !== proofContent(token))
            fail(`${f} has the wrong content: ${JSON.stringify(got)}`);
    }
    if (!r.text.includes(`done ${token} results=${check === 'parallel' ? 2 : 1}`))
        fail(`final answer is not the one expected: ${JSON.stringify(r.text)}`);
}
