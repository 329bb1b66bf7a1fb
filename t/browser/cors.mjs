#!/usr/bin/env node
// ccproxy_cors in a real browser: what pages of a named origin, and of another
// one, can do and read.  Skipped, with a word, where there is no Chromium.
//
//   t/browser/cors.mjs          MODULE, NGINX and CHROMIUM name other binaries
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const top = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const module = path.resolve(process.env.MODULE
    ?? path.join(top, 'build/ngx_http_ccproxy_module.so'));
const find = (given, names) => (given ? [given] : names).find(
    name => spawnSync(name, ['--version']).status === 0
            || spawnSync(name, ['-v']).status === 0);
const chromium = find(process.env.CHROMIUM,
    ['chromium', 'chromium-browser', 'google-chrome']);
const nginx = find(process.env.NGINX, ['nginx', '/usr/sbin/nginx']);

if (!chromium || !nginx) {
    console.log(`1..0 # SKIP ${chromium ? 'nginx' : 'chromium'} is not there`);
    process.exit(0);
}

const port = () => new Promise(done => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => done(port));
    });
});

const [api, page, other, up] = [await port(), await port(), await port(),
    await port()];
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ccproxy-browser-'));
fs.chmodSync(dir, 0o755);

// The page asks, as an app would, and writes down what it could read.
fs.writeFileSync(path.join(dir, 'index.html'), `<!doctype html><title>t</title>
<pre id="out">waiting</pre>
<script>
async function ask(name, key, model) {
    try {
        const answer = await fetch('http://127.0.0.1:${api}/v1/chat/completions', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json',
                       'Authorization': 'Bearer ' + key,
                       'X-Stainless-Lang': 'js' },
            body: JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }] })
        });
        const body = await answer.json();
        return { name, status: answer.status,
                 text: body.choices?.[0].message.content,
                 error: body.error?.message,
                 request: answer.headers.get('x-request-id') };
    } catch (e) {
        return { name, thrown: e.name };
    }
}
(async () => {
    const all = [await ask('answer', 'browser-secret', 'm'),
                 await ask('key', 'wrong-secret', 'm'),
                 await ask('upstream', 'browser-secret', 'broken')];
    document.getElementById('out').textContent = 'DONE' + JSON.stringify(all) + 'END';
})();
</script>
`);

fs.writeFileSync(path.join(dir, 'nginx.conf'), `
load_module ${module};
daemon off; pid ${dir}/pid; error_log ${dir}/error.log info;
worker_processes 1;
events {}
http {
    access_log ${dir}/access.log;
    client_body_temp_path ${dir}/b; proxy_temp_path ${dir}/p;
    fastcgi_temp_path ${dir}/f; uwsgi_temp_path ${dir}/u; scgi_temp_path ${dir}/s;
    ccproxy_provider good { protocol chat; url http://127.0.0.1:${up}/v1; }
    ccproxy_provider bad { protocol chat; url http://127.0.0.1:${up}/bad; }
    upstream pool { ccproxy; ccproxy_target good m; }
    upstream broken { ccproxy; ccproxy_target bad m; }
    server {
        listen 127.0.0.1:${api};
        location / {
            ccproxy on;
            ccproxy_access_key browser browser-secret;
            ccproxy_cors http://127.0.0.1:${page};
            ccproxy_route broken broken;
            ccproxy_route * pool;
            proxy_pass http://$ccproxy_pool;
        }
    }
    server {
        listen 127.0.0.1:${page};
        listen 127.0.0.1:${other};
        default_type text/html;
        location / { root ${dir}; }
    }
    server {
        listen 127.0.0.1:${up};
        default_type application/json;
        location / {
            add_header X-Request-Id req-1;
            return 200 '{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hello page"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}';
        }
        location /bad/ { return 400 '{"error":{"message":"not so","type":"invalid_request_error","code":null}}'; }
    }
}
`);

const server = spawn(nginx, ['-p', dir, '-e', path.join(dir, 'error.log'),
    '-c', path.join(dir, 'nginx.conf')], { stdio: 'inherit' });
let count = 0, failed = 0;

const check = (ok, name, seen) => {
    console.log(`${ok ? 'ok' : 'not ok'} ${++count} - ${name}`);
    if (!ok) {
        failed++;
        console.log(`# saw ${JSON.stringify(seen)}`);
    }
};

const listens = at => new Promise(done => {
    const c = net.connect(at, '127.0.0.1', () => { c.destroy(); done(true); });
    c.on('error', () => done(false));
});

function visit(at) {
    const run = spawnSync(chromium, ['--headless', '--no-sandbox',
        '--disable-gpu', '--disable-dev-shm-usage', '--virtual-time-budget=10000',
        `--user-data-dir=${dir}/profile-${at}`, '--dump-dom',
        `http://127.0.0.1:${at}/index.html`], { timeout: 120000 });
    const found = /DONE(.*?)END<\/pre>/s.exec(String(run.stdout));

    return found ? JSON.parse(found[1].replaceAll('&quot;', '"')
        .replaceAll('&lt;', '<').replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&')) : { raw: String(run.stdout).slice(0, 500),
        err: String(run.stderr).slice(-500) };
}

try {
    for (let i = 0; i < 200 && !await listens(api); i++) {
        await new Promise(done => setTimeout(done, 50));
    }

    const own = visit(page);
    const [answer, key, upstream] = Array.isArray(own) ? own : [];

    check(answer?.status === 200 && answer.text === 'hello page',
        'a page of the origin asks, and reads the answer', own);
    check(answer?.request === 'req-1', '… and its headers', answer);
    check(key?.status === 401 && key.error, 'it can read that its key is wrong',
        key);
    check(upstream?.status === 400 && upstream.error === 'not so',
        'and what an upstream refuses', upstream);

    const foreign = visit(other);

    check(Array.isArray(foreign) && foreign.length === 3
        && foreign.every(one => one.thrown === 'TypeError'),
        'a page of another origin reads nothing', foreign);

    const asked = fs.readFileSync(path.join(dir, 'access.log'), 'utf8')
        .split('\n').filter(line => /POST \/v1\/chat.*Mozilla/.test(line));

    check(asked.length === 3, 'nor does its browser send the request', asked);

} finally {
    server.kill('SIGTERM');
    await new Promise(done => server.on('exit', done));
    fs.rmSync(dir, { recursive: true, force: true });
}

console.log(`1..${count}`);
process.exit(failed ? 1 : 0);
