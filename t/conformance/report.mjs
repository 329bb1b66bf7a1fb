// What the suite said of each upstream.
//
//   report.mjs LOGS UPSTREAM …
//
// Tests over WebSocket are left out: nginx's module serves HTTP.

import { readFileSync } from 'node:fs';

const [logs, ...upstreams] = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0 };

for (const upstream of upstreams) {
    let results;
    try {
        ({ results } = JSON.parse(readFileSync(`${logs}/${upstream}.json`, 'utf8')));
    } catch (e) {
        console.log(`FAIL ${upstream}: the suite gave no results, see ${logs}/${upstream}.err`);
        count.failed++;
        continue;
    }
    const own = { passed: 0, of: results.length };
    for (const { id, status, errors } of results) {
        const word = id.startsWith('websocket') ? 'skipped' : status;
        count[word]++;
        if (word === 'passed') own.passed++;
        const why = word === 'failed' ? `: ${errors?.join('; ').slice(0, 400)}` : '';
        console.log(`${{ passed: 'PASS', failed: 'FAIL', skipped: 'SKIP' }[word]} ${upstream} ${id}${why}`);
    }
    console.log(`# ${upstream}: ${own.passed} of ${own.of}`);
}

if (count.failed) console.log(`# logs, records and results: ${logs}`);
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed || !count.passed ? 1 : 0);
