// node record.mjs FILE SKIP_LINES CHECK -> exits 1 with a reason when the upstream's record
// shows a hidden failure: a refused request, a retry, a fallback to a request without a stream,
// a connection cut early.
import fs from 'node:fs';
const [, , file, skip, check] = process.argv;
const rs = fs
    .readFileSync(file, 'utf8')
    .split('\n')
    .slice(+skip)
    .filter(Boolean)
    .map(l => JSON.parse(l))
    .filter(r => r.op === 'generate' || r.error);
const max = check === 'text' ? 1 : 2;
const why = [];
for (const r of rs) {
    if (r.error) why.push(`upstream refused ${r.method} ${r.path}: ${r.error}`);
    else if (r.status >= 400) why.push(`upstream answered ${r.status}`);
    else if (!r.stream) why.push('a request came without streaming (client fell back?)');
    if (r.ended !== 'finished') why.push(`reply ${r.ended}`);
}
if (rs.length > max) why.push(`${rs.length} requests, want at most ${max} (retries?)`);
if (!rs.length) why.push('no request reached the upstream');
if (why.length) {
    console.log([...new Set(why)].join('; ').replace(/\s+/g, ' ').slice(0, 400));
    process.exit(1);
}
