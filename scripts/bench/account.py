#!/usr/bin/env python3
"""Counts what clients get and compares it with metrics and budgets, over a reload and a killed worker.

    scripts/bench/account.py [REQUESTS]       10000 by default; status 1 if a figure differs

Requests of four protocols, whole and streamed, from five clients with budgets, to an upstream that tells other
numbers of tokens each time.  What each client read in its answers is added up; the metrics and the budgets must say
the same, to the request and to the token.

Settings: NGINX, MODULE, PORT_BASE (21400), UP_PORT (21401), ROOT (build/bench/account), AT_A_TIME (16).
"""
import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NGINX = os.environ.get('NGINX', '/usr/sbin/nginx')
MODULE = os.environ.get('MODULE', TOP + '/build/ngx_http_ccproxy_module.so')
BASE = int(os.environ.get('PORT_BASE', '21400'))
ROOT = os.environ.get('ROOT', TOP + '/build/bench/account')
AT_A_TIME = int(os.environ.get('AT_A_TIME', '16'))
CLIENT, UP = BASE, int(os.environ.get('UP_PORT', BASE + 1))
CLIENTS = 5

failures = []
asked = 0                 # requests the upstream answered
broken = 0                # connections that ended without an answer
got = Counter()           # (client, what): what clients read


def check(ok, text):
    print(('ok    ' if ok else 'WRONG ') + text, flush=True)
    if not ok:
        failures.append(text)


# ---- the upstream ----

CHUNK = 'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[%s]%s}\n\n'


async def upstream(reader, writer):
    global asked
    try:
        while True:
            head = (await reader.readuntil(b'\r\n\r\n')).decode('latin-1')
            length = int(re.search(r'content-length: (\d+)', head, re.I)[1])
            body = json.loads(await reader.readexactly(length))

            asked += 1
            tokens_in, tokens_out = 20 + asked % 97, 1 + asked % 31
            usage = json.dumps({'prompt_tokens': tokens_in, 'completion_tokens': tokens_out,
                                'total_tokens': tokens_in + tokens_out}, separators=(',', ':'))

            if body.get('stream'):
                text = CHUNK % ('{"index":0,"delta":{"role":"assistant","content":"one"},"finish_reason":null}', '')
                text += CHUNK % ('{"index":0,"delta":{},"finish_reason":"stop"}', '')
                text += CHUNK % ('', ',"usage":' + usage) + 'data: [DONE]\n\n'
                kind = 'text/event-stream'
            else:
                text = ('{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":'
                        '{"role":"assistant","content":"one"},"finish_reason":"stop"}],"usage":%s}' % usage)
                kind = 'application/json'

            writer.write((f'HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(text)}\r\n\r\n{text}').encode())
            await writer.drain()
    except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
        pass
    finally:
        writer.close()


# ---- clients ----

TEXT = {'role': 'user', 'content': 'hi'}
KINDS = [
    ('/v1/messages', {'max_tokens': 50, 'messages': [TEXT]}, r'"input_tokens":(\d+)', r'"output_tokens":(\d+)'),
    ('/v1/messages', {'max_tokens': 50, 'messages': [TEXT], 'stream': True},
     r'"input_tokens":(\d+)', r'"output_tokens":(\d+)'),
    ('/v1/chat/completions', {'messages': [TEXT]}, r'"prompt_tokens":(\d+)', r'"completion_tokens":(\d+)'),
    ('/v1/chat/completions', {'messages': [TEXT], 'stream': True, 'stream_options': {'include_usage': True}},
     r'"prompt_tokens":(\d+)', r'"completion_tokens":(\d+)'),
    ('/v1/responses', {'input': 'hi', 'store': False}, r'"input_tokens":(\d+)', r'"output_tokens":(\d+)'),
    ('/api/chat', {'messages': [TEXT], 'stream': True}, r'"prompt_eval_count":(\d+)', r'"eval_count":(\d+)'),
]
ENDS = re.compile(r'message_stop|\[DONE\]|"done":true|"object":"(?:chat.completion|response)"|"type":"message"')


async def ask(n):
    global broken
    path, body, tokens_in, tokens_out = KINDS[n % len(KINDS)]
    client = n % CLIENTS
    body = json.dumps(dict(body, model='m')).encode()

    try:
        reader, writer = await asyncio.open_connection('127.0.0.1', CLIENT)
        writer.write((f'POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nx-api-key: secret-{client}\r\n'
                      f'Content-Length: {len(body)}\r\n\r\n').encode() + body)
        await writer.drain()
        text = (await asyncio.wait_for(reader.read(-1), 60)).decode()
        writer.close()
    except (OSError, asyncio.TimeoutError):
        text = ''

    if not text.startswith('HTTP/1.1 200') or not ENDS.search(text):
        if text.startswith('HTTP/1.1') and not text.startswith('HTTP/1.1 200'):
            check(False, 'a request was answered ' + text[:200])
        broken += 1
        return

    if not re.search(tokens_in, text):
        check(False, 'an answer tells no tokens: ' + text[-600:])
        return

    got[client, 'requests'] += 1
    got[client, 'input'] += int(re.findall(tokens_in, text)[-1])
    got[client, 'output'] += int(re.findall(tokens_out, text)[-1])


async def metrics():
    reader, writer = await asyncio.open_connection('127.0.0.1', CLIENT)
    writer.write(b'GET /metrics HTTP/1.0\r\n\r\n')
    begun = time.perf_counter()
    text = (await reader.read(-1)).decode()
    writer.close()
    return text, time.perf_counter() - begun


def told(text, name, **labels):
    total = 0
    for line in re.findall(r'^' + name + r'(\{.*\})? ([\d.]+)$', text, re.M):
        if all('%s="%s"' % label in line[0] for label in labels.items()):
            total += float(line[1])
    return int(total)


# ---- the run ----

def configure():
    shutil.rmtree(ROOT, ignore_errors=True)
    os.makedirs(ROOT + '/logs')
    os.chmod(ROOT, 0o777)
    keys = ''.join(f'ccproxy_access_key c{i} secret-{i} budget=1000Mtokens budget=1000000/day group=all;\n'
                   for i in range(CLIENTS))

    with open(ROOT + '/nginx.conf', 'w') as out:
        out.write(f'''
load_module {MODULE};
worker_processes 2;
pid {ROOT}/nginx.pid;
error_log {ROOT}/logs/error.log info;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    ccproxy_zone ccproxy:1m state={ROOT}/state;
    ccproxy_access_group all budget=1000Mtokens/month;
    ccproxy_provider up {{ protocol chat; url http://127.0.0.1:{UP}/v1; price * in=1 out=2; }}
    upstream p {{ ccproxy; ccproxy_target up m; }}
    server {{
        listen 127.0.0.1:{CLIENT} backlog=4096;
        location / {{ ccproxy on; {keys} proxy_pass http://p; }}
        location = /metrics {{ ccproxy_metrics; }}
    }}
}}
''')


def pid():
    return int(open(ROOT + '/nginx.pid').read())


def workers():
    found = subprocess.run(['pgrep', '-P', str(pid())], capture_output=True, text=True).stdout.split()
    return [int(p) for p in found]


async def load(n):
    gate = asyncio.Semaphore(AT_A_TIME)
    jobs = []

    async def one(i):
        async with gate:
            if i == n // 3:
                os.kill(pid(), signal.SIGHUP)
            if i == n * 2 // 3:
                os.kill(workers()[-1], signal.SIGKILL)
            await ask(i)

    for i in range(n):
        jobs.append(asyncio.create_task(one(i)))
    await asyncio.gather(*jobs)


async def settled():
    """The metrics, once nothing is under way."""
    last = None
    for _ in range(100):
        text, took = await metrics()
        now = told(text, 'ccproxy_requests_total') + told(text, 'ccproxy_lost_requests_total')
        if now == last:
            return text, took
        last = now
        await asyncio.sleep(0.2)
    return text, took


def compare(text, n):
    answered = sum(v for (_, what), v in got.items() if what == 'requests')
    counted = told(text, 'ccproxy_requests_total', status='200')
    lost = told(text, 'ccproxy_lost_requests_total')

    print(f'{n} requests: {answered} answered, {broken} broken off; counted {counted}, lost with the worker {lost}')

    check(answered + broken == n, 'each request has an end')
    check(broken <= AT_A_TIME, 'no more are broken off than were under way')
    check(answered <= counted <= answered + broken - lost, 'all answers are counted, and no request twice')
    check(told(text, 'ccproxy_requests_total') == counted, 'no other status')
    check(told(text, 'gen_ai_server_request_duration_seconds_count') == counted, 'histograms have as many')

    # an answer that was booked, and cut off when its worker died, is in no client's sum
    exact = counted == answered

    for client in range(CLIENTS):
        name = f'c{client}'
        used = told(text, 'ccproxy_budget_used', client=name, unit='tokens', period='total')
        sums = {what: told(text, 'ccproxy_tokens_total', client=name, type=what) for what in ('input', 'output')}

        check(used == sums['input'] + sums['output'], f'{name}: budget and metrics agree on {used} tokens')

        for what in ('input', 'output'):
            same = sums[what] == got[client, what]
            check(same or not exact and sums[what] > got[client, what],
                  f'{name}: {got[client, what]} tokens of {what}')

    group = told(text, 'ccproxy_budget_used', group='all')
    tokens = told(text, 'ccproxy_tokens_total', type='input') + told(text, 'ccproxy_tokens_total', type='output')
    check(group == tokens, f'the group has all {group} tokens')


async def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    configure()
    server = await asyncio.start_server(upstream, '127.0.0.1', UP, backlog=1024)
    # a variable of that name would be nginx's own: inherited sockets
    env = {name: value for name, value in os.environ.items() if name != 'NGINX'}
    subprocess.run([NGINX, '-p', ROOT + '/', '-c', ROOT + '/nginx.conf'], check=True, env=env,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    try:
        begun = time.time()
        await load(n)
        print(f'{n / (time.time() - begun):.0f} requests a second')
        text, took = await settled()
        print(f'{len(text.splitlines())} lines of metrics in {took * 1000:.1f} ms')
        compare(text, n)
    finally:
        os.kill(pid(), signal.SIGTERM)
        server.close()

    sys.exit(1 if failures else 0)


asyncio.run(main())
