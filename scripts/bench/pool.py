#!/usr/bin/env python3
"""Long runs of pools through a real nginx; figures on stdout, status 1 if one is wrong.

    scripts/bench/pool.py share  [REQUESTS]   3 providers x 3 keys x 3 models, then weights 3:1
    scripts/bench/pool.py faults [REQUESTS]   one pair in three answers 429, 401, 500, resets or sends an error event
    scripts/bench/pool.py reload [SECONDS]    nginx -s reload every second under load, plain proxy_pass beside it

Settings: NGINX, MODULE, PORT_BASE (21300), ROOT (build/bench/pool), PACE (0.1, seconds between two of a stream's 20
events during reloads).
"""
import asyncio
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NGINX = os.environ.get('NGINX', '/usr/sbin/nginx')
MODULE = os.environ.get('MODULE', TOP + '/build/ngx_http_ccproxy_module.so')
BASE = int(os.environ.get('PORT_BASE', '21300'))
ROOT = os.environ.get('ROOT', TOP + '/build/bench/pool')
CLIENT, PLAIN, UP = BASE, BASE + 1, BASE + 2

RETRY_AFTER = 3
failures = []


def check(ok, text):
    print(('ok    ' if ok else 'WRONG ') + text, flush=True)
    if not ok:
        failures.append(text)


# ---- the upstream: a path's first segment tells how it answers ----

CHUNK = ('data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,'
         '"delta":%s,"finish_reason":%s}]}\n\n')
ANSWER = json.dumps({'id': 'c', 'object': 'chat.completion', 'created': 1, 'model': 'm',
                     'choices': [{'index': 0, 'message': {'role': 'assistant', 'content': 'whole'},
                                  'finish_reason': 'stop'}],
                     'usage': {'prompt_tokens': 3, 'completion_tokens': 1, 'total_tokens': 4}})
ERRORS = {
    '429': (429, 'Retry-After: %d\r\n' % RETRY_AFTER, '{"error":{"message":"slow down"}}'),
    '401': (401, '', '{"error":{"message":"wrong key"}}'),
    '500': (500, '', '{"error":{"message":"broken"}}'),
    'event': (200, '', 'data: {"error":{"message":"Overloaded","type":"overloaded_error","code":529}}\n\n'),
}
seen = Counter()
times = defaultdict(list)
pace = 0.05


async def read_head(reader):
    try:
        head = (await reader.readuntil(b'\r\n\r\n')).decode('latin-1')
    except (asyncio.IncompleteReadError, ConnectionError):
        return None, None
    fields = dict(line.lower().split(': ', 1) for line in head.split('\r\n')[1:] if ': ' in line)
    return head, fields


async def stream(writer, chunks):
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
    parts = [CHUNK % (json.dumps({'role': 'assistant', 'content': 'part%d ' % i}), 'null') for i in range(chunks)]
    parts += [CHUNK % ('{}', '"stop"'), 'data: [DONE]\n\n']
    for part in parts:
        writer.write(b'%x\r\n%s\r\n' % (len(part), part.encode()))
        await writer.drain()
        await asyncio.sleep(pace)
    writer.write(b'0\r\n\r\n')


async def upstream(reader, writer):
    try:
        while True:
            head, fields = await read_head(reader)
            if head is None:
                break
            body = await reader.readexactly(int(fields.get('content-length', 0)))
            kind = head.split(' ', 2)[1].split('/')[1]
            model = re.search(rb'"model" ?: ?"([^"]*)"', body)
            pair = (fields.get('authorization', '').replace('bearer ', ''), model.group(1).decode() if model else '')
            seen[pair] += 1
            times[pair].append(time.monotonic())
            if kind == 'reset':
                writer.transport.abort()
                break
            if kind in ERRORS:
                status, extra, text = ERRORS[kind]
                form = 'text/event-stream' if kind == 'event' else 'application/json'
                writer.write(('HTTP/1.1 %d X\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n%s'
                              % (status, form, extra, len(text), text)).encode())
            elif b'"stream":true' in body.replace(b' ', b''):
                await stream(writer, 20 if kind == 'slow' else 3)
            else:
                writer.write(('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s'
                              % (len(ANSWER), ANSWER)).encode())
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


# ---- the client ----

def request(path, streamed, close):
    body = json.dumps({'model': 'claude-x', 'max_tokens': 9, 'stream': streamed,
                       'messages': [{'role': 'user', 'content': 'hi'}]}) if path.startswith('/v1/m') else \
        json.dumps({'model': 'm', 'stream': streamed, 'messages': [{'role': 'user', 'content': 'hi'}]})
    return ('POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s'
            % (path, len(body), 'Connection: close\r\n' if close else '', body)).encode()


async def read_answer(reader):
    head, fields = await read_head(reader)
    if head is None:
        return None, b'', {}
    body = b''
    if fields.get('transfer-encoding') == 'chunked':
        while True:
            size = int((await reader.readuntil(b'\r\n'))[:-2], 16)
            body += (await reader.readexactly(size + 2))[:-2]
            if size == 0:
                break
    elif 'content-length' in fields:
        body = await reader.readexactly(int(fields['content-length']))
    else:
        body = await reader.read()
    return int(head.split(' ')[1]), body, fields


def whole(streamed, body, chunks):
    if not streamed:
        return b'whole' in body
    last = b'part%d ' % (chunks - 1)
    return last in body and (b'message_stop' in body or b'[DONE]' in body) and b'error' not in body


async def ask_once(port, path, streamed, chunks):
    """One request on a connection of its own: '' or what went wrong."""
    try:
        reader, writer = await asyncio.open_connection('127.0.0.1', port)
    except OSError as e:
        return 'connect: %s' % type(e).__name__
    try:
        writer.write(request(path, streamed, True))
        status, body, _ = await asyncio.wait_for(read_answer(reader), 30 + 30 * pace)
        if status is None:
            return 'no answer'
        if status != 200 or not whole(streamed, body, chunks):
            return 'status %d: %s' % (status, body[:300].decode(errors='replace'))
        return ''
    except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as e:
        return 'cut: %s' % type(e).__name__
    finally:
        writer.close()


async def status():
    reader, writer = await asyncio.open_connection('127.0.0.1', CLIENT)
    writer.write(b'GET /status HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    _, body, _ = await read_answer(reader)
    writer.close()
    return json.loads(body)


def pairs(page):
    return [pair for pool in page['pools'] for pair in pool['pairs']]


# ---- nginx ----

class Nginx:
    def __init__(self, pool, workers=2):
        shutil.rmtree(ROOT, ignore_errors=True)
        os.makedirs(ROOT + '/logs')
        with open(ROOT + '/nginx.conf', 'w') as f:
            f.write('''
load_module %s;
worker_processes %d;
pid nginx.pid;
error_log logs/error.log notice;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    %s
    upstream plain { server 127.0.0.1:%d; keepalive 16; }
    server {
        listen 127.0.0.1:%d backlog=4096;
        location / { ccproxy on; proxy_pass http://p; }
        location = /status { ccproxy_status; }
    }
    server {
        listen 127.0.0.1:%d backlog=4096;
        location / { proxy_pass http://plain; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
    }
}
''' % (MODULE, workers, pool, UP, CLIENT, PLAIN))
        self.command = [NGINX, '-p', ROOT, '-c', 'nginx.conf', '-e', 'logs/error.log']
        self.process = subprocess.Popen(self.command + ['-g', 'daemon off;'])
        for _ in range(200):
            if os.path.exists(ROOT + '/nginx.pid'):
                break
            time.sleep(0.05)

    def reload(self):
        with open(ROOT + '/nginx.pid') as f:
            os.kill(int(f.read()), 1)

    def workers(self):
        out = subprocess.run(['ps', '--ppid', str(self.process.pid), '-o', 'pid=,rss=,args='],
                             capture_output=True, text=True).stdout
        return [line.split(None, 2) for line in out.splitlines()]

    def rss(self):
        """KB of the master, and of the mean worker that is not shutting down."""
        with open('/proc/%d/status' % self.process.pid) as f:
            master = int(re.search(r'VmRSS:\s+(\d+)', f.read()).group(1))
        sizes = [int(w[1]) for w in self.workers() if 'shutting' not in w[2]]
        return master, sum(sizes) // max(len(sizes), 1)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        with open(ROOT + '/logs/error.log') as f:
            bad = re.findall(r'\[(?:alert|emerg|crit)\].*', f.read())
        check(not bad, 'no alert in the log%s' % (': ' + bad[0] if bad else ''))


async def many(n, width, one):
    """one(i) for i below n, width at a time; the results."""
    results, left = [], iter(range(n))

    async def runner():
        for i in left:
            results.append(await one(i))

    await asyncio.gather(*(runner() for _ in range(width)))
    return results


# ---- runs ----

def url(kind):
    return 'url http://127.0.0.1:%d/%s/v1;' % (UP, kind)


async def run_share(n):
    for title, count, pool in (
        ('27 pairs', 27, ''.join('ccproxy_provider p%d { protocol chat; %s %s }\n' % (
            p, url('ok'), ' '.join('key literal:p%dk%d;' % (p, k) for k in range(3))) for p in range(3))
         + 'upstream p { ccproxy; ' + ' '.join('ccproxy_target p%d m%d;' % (p, m) for p in range(3) for m in range(3))
         + ' }'),
        ('weights 3:1', 2, 'ccproxy_provider p0 { protocol chat; %s key literal:k0; }\n'
         'ccproxy_provider p1 { protocol chat; %s key literal:k1; }\n'
         'upstream p { ccproxy; ccproxy_target p0 m weight=3; ccproxy_target p1 m; }' % (url('ok'), url('ok'))),
    ):
        seen.clear()
        nginx = Nginx(pool)
        bad = [r for r in await many(n, 16, lambda i: ask_once(CLIENT, '/v1/messages', i % 4 == 0, 3)) if r]
        check(not bad, '%s: %d requests, %d failed %s' % (title, n, len(bad), bad[:1]))
        shares = sorted(seen.values())
        if count == 27:
            check(len(shares) == 27 and shares[0] * 27 >= 0.8 * n and shares[-1] * 27 <= 1.2 * n,
                  '%s: shares %d to %d, even would be %d' % (title, shares[0], shares[-1], n // 27))
        else:
            check(abs(shares[-1] / n - .75) <= .15 * .75 and abs(shares[0] / n - .25) <= .15 * .25,
                  '%s: %d to %d' % (title, shares[-1], shares[0]))
        check(sum(p['served'] for p in pairs(await status())) == n, '%s: counters exact' % title)
        nginx.stop()


async def run_faults(n):
    kinds = ['429', '401', '500', 'reset', 'event'] + ['ok'] * 10
    random.Random(4).shuffle(kinds)
    nginx = Nginx(''.join('ccproxy_provider p%d { protocol chat; %s key literal:%s-%d; }\n' % (i, url(k), k, i)
                          for i, k in enumerate(kinds))
                  + 'upstream p { ccproxy; ' + ' '.join('ccproxy_target p%d m;' % i for i in range(15)) + ' }')
    seen.clear()
    times.clear()
    begun = time.monotonic()
    bad = [r for r in await many(n, 24, lambda i: ask_once(CLIENT, '/v1/messages', i % 4 == 0, 3)) if r]
    took = time.monotonic() - begun
    check(not bad, '%d requests in %.0f s, %d failed %s' % (n, took, len(bad), bad[:1]))
    for pair in sorted(seen):
        kind = pair[0].split('-')[0]
        if kind != 'ok':
            print('      %-7s asked %d times' % (kind, seen[pair]))
            check(seen[pair] > 0, '%s was asked' % kind)
        if kind == '429':
            # tries of the same moment on the way to it are no further use
            gaps = [b - a for a, b in zip(times[pair], times[pair][1:])]
            early = [g for g in gaps if 0.3 < g < RETRY_AFTER - 0.1]
            check(len(gaps) > 0 or took < RETRY_AFTER, '429 key is asked again: %d times' % len(gaps))
            check(not early, '429 key: none of its %d pauses shorter than Retry-After (least of them %.2f s)'
                  % (len(gaps), min([g for g in gaps if g > 0.3], default=0)))
    page = pairs(await status())
    check(sum(p['served'] for p in page) == n and sum(p['inflight'] for p in page) == 0,
          'counters: served %d, inflight %d, failed %d' % tuple(sum(p[k] for p in page)
                                                                for k in ('served', 'inflight', 'failed')))
    nginx.stop()


async def run_reload(seconds):
    global pace
    pace = float(os.environ.get('PACE', '0.1'))
    pool = ''.join('ccproxy_provider p%d { protocol chat; %s key literal:p%dk0; key literal:p%dk1; }\n'
                   % (p, url('slow'), p, p) for p in range(3)) + \
        'upstream p { ccproxy; ccproxy_target p0 m; ccproxy_target p1 m; ccproxy_target p2 m; }'
    nginx = Nginx(pool)
    sides = {'ours': (CLIENT, '/v1/messages'), 'plain': (PLAIN, '/slow/v1/chat/completions')}
    asked, bad, idle = Counter(), defaultdict(list), Counter()
    end = time.monotonic() + seconds

    async def fresh(side, streamed):
        port, path = sides[side]
        while time.monotonic() < end:
            why = await ask_once(port, path, streamed, 20)
            kind = (side, 'streams' if streamed else 'whole')
            asked[kind] += 1
            if why:
                bad[kind].append(why)

    async def kept(side):
        """Requests on a kept connection; one that nginx closed before any byte of an answer is asked again."""
        port, path = sides[side]
        reader = writer = None
        kind = (side, 'kept')
        while time.monotonic() < end:
            used = writer is not None
            try:
                if not used:
                    reader, writer = await asyncio.open_connection('127.0.0.1', port)
                writer.write(request(path, False, False))
                code, body, fields = await asyncio.wait_for(read_answer(reader), 30 + 30 * pace)
                why = '' if code == 200 and whole(False, body, 0) else 'status %s' % code
                last = code is None or fields.get('connection') == 'close'
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as e:
                code, why, last = None, 'cut: %s' % type(e).__name__, True
            if last and writer is not None:
                writer.close()
                writer = None
            if code is None and used:
                idle[side] += 1
                continue
            asked[kind] += 1
            if why:
                bad[kind].append(why)

    memory = []

    async def reloader():
        reloads = 0
        while time.monotonic() < end - 1:
            await asyncio.sleep(1)
            nginx.reload()
            reloads += 1
            memory.append(nginx.rss())
        return reloads

    jobs = [fresh(s, streamed) for s in sides for streamed in (False,) * 4 + (True,) * 10]
    jobs += [kept(s) for s in sides for _ in range(4)]
    reloads = (await asyncio.gather(reloader(), *jobs))[0]

    for _ in range(100):
        page = pairs(await status())
        if sum(p['inflight'] for p in page) == 0:
            break
        await asyncio.sleep(0.1)

    print('%d reloads' % reloads)
    for kind in sorted(asked):
        print('      %-5s %-8s %6d asked, %d failed %s' % (*kind, asked[kind], len(bad[kind]), bad[kind][:2]))
    for kind in ('streams', 'whole', 'kept'):
        check(len(bad['ours', kind]) <= len(bad['plain', kind]), '%s: none lost that plain nginx would not lose'
              % kind)
    check(not bad['ours', 'streams'], 'no stream cut')
    print('      closed while idle: ours %d, plain %d' % (idle['ours'], idle['plain']))
    good = sum(asked['ours', k] - len(bad['ours', k]) for k in ('streams', 'whole', 'kept'))
    served, inflight, failed = (sum(p[k] for p in page) for k in ('served', 'inflight', 'failed'))
    check(served == good and inflight == 0 and failed == 0,
          'counters: served %d of %d answers, inflight %d, failed %d' % (served, good, inflight, failed))
    third = max(len(memory) // 3, 1)
    for i, who in enumerate(('master', 'worker')):
        first = sum(m[i] for m in memory[:third]) / third
        last = sum(m[i] for m in memory[-third:]) / third
        check(last < first + 1024, '%s: %d KB in the first third, %d KB in the last' % (who, first, last))
    nginx.stop()


async def main():
    runs = {'share': (run_share, 2700), 'faults': (run_faults, 10000), 'reload': (run_reload, 60)}
    if len(sys.argv) < 2 or sys.argv[1] not in runs:
        sys.exit(__doc__)
    run, n = runs[sys.argv[1]]
    server = await asyncio.start_server(upstream, '127.0.0.1', UP, backlog=4096)
    await run(int(sys.argv[2]) if len(sys.argv) > 2 else n)
    server.close()

    # connections that nginx had kept still wait for a request: not for those
    sys.stdout.flush()
    os._exit(1 if failures else 0)


asyncio.run(main())
