#!/usr/bin/env python3
"""What conf/monitoring asks for against what nginx tells: each metric of the
dashboard and of the alerts is one of /metrics; where Debian's package
prometheus is installed, promtool tries the rules, and a Prometheus that
scrapes nginx evaluates each expression.  Prints TAP.

  monitoring.py MODULE.so        PORT: a free one, and the next (19370)
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(TOP, 'conf/monitoring')
NGINX = os.environ.pop('NGINX', '/usr/sbin/nginx')
PORT = int(os.environ.get('PORT', 19370))
count = failed = 0


def ok(good, name, why=''):
    global count, failed
    count += 1
    print('%s %d - %s' % ('ok' if good else 'not ok', count, name))
    if not good:
        print('# %s' % str(why).replace('\n', '\n# '))
        failed += 1


def get(port, path, body=None):
    request = urllib.request.Request('http://127.0.0.1:%d%s' % (port, path), body,
                                     {'content-type': 'application/json'})
    with urllib.request.urlopen(request, timeout=10) as r:
        return r.read().decode()


def until(what, seconds=30):
    """The first true value of what(), or its last one when time is over."""
    end = time.monotonic() + seconds
    while True:
        try:
            value = what()
        except OSError:
            value = None
        if value or time.monotonic() > end:
            return value
        time.sleep(0.2)


CONF = '''
load_module %(module)s;
daemon off;
pid %(dir)s/pid;
error_log %(dir)s/error.log;
events {}
http {
    access_log off;
    %(paths)s
    ccproxy_provider demo {
        protocol chat;
        url http://127.0.0.1:%(port)d/demo/v1;
        price * in=1 out=2;
    }
    upstream p { ccproxy; ccproxy_target demo demo; }
    server {
        listen 127.0.0.1:%(port)d;
        location / { ccproxy on; proxy_pass http://p; }
        location /demo/v1/chat/completions { ccproxy_demo; }
        location = /metrics { ccproxy_metrics; }
    }
}
'''


def expressions():
    """(where, expression) of the dashboard and of the rules."""
    with open(os.path.join(FOLDER, 'grafana.json')) as f:
        board = json.load(f)
    for panel in board['panels']:
        for target in panel.get('targets', []):
            yield 'panel "%s"' % panel['title'], target['expr']
    for var in board['templating']['list']:
        if var['type'] == 'query':
            yield 'variable %s' % var['name'], re.sub(r'label_values\((\w+), \w+\)', r'\1', var['query']['query'])
    with open(os.path.join(FOLDER, 'alerts.yml')) as f:
        for name, text in re.findall(r'- alert: (\w+)\n\s+expr: (?:\|\n)?(.*?)\n\s+(?:for|labels):', f.read(), re.S):
            yield 'alert %s' % name, text


def names(expression):
    return {re.sub('_bucket$', '', n) for n in re.findall(r'\b(?:ccproxy|gen_ai)_\w+', expression)
            if n != 'gen_ai_token_type'}


def prometheus(directory, asked):
    """Lets a Prometheus scrape nginx, then asks it each expression."""
    with open(directory + '/prometheus.yml', 'w') as f:
        f.write('global: {scrape_interval: 1s, evaluation_interval: 1s}\n'
                'rule_files: [%s/alerts.yml]\n'
                'scrape_configs: [{job_name: ccproxy, static_configs: [{targets: ["127.0.0.1:%d"]}]}]\n'
                % (FOLDER, PORT))
    log = open(directory + '/prometheus.log', 'w')
    run = subprocess.Popen(['prometheus', '--config.file', directory + '/prometheus.yml',
                            '--storage.tsdb.path', directory + '/data',
                            '--web.listen-address', '127.0.0.1:%d' % (PORT + 1)], stdout=log, stderr=log)

    def query(text):
        try:
            said = get(PORT + 1, '/api/v1/query?' + urllib.parse.urlencode({'query': text}))
        except urllib.error.HTTPError as e:
            said = e.read().decode()
        said = json.loads(said)
        return said.get('data', {}).get('result', []) if said['status'] == 'success' else said

    try:
        # a rate needs two scrapes with requests between them
        up = until(lambda: query('count_over_time(ccproxy_requests_total[1h]) >= 2'))
        ok(up, 'Prometheus scrapes nginx')
        ask(3)
        until(lambda: query('sum(increase(ccproxy_requests_total[1h])) > 0'))
        for where, text in asked:
            text = text.replace('$__rate_interval', '1h').replace('"$pool"', '".*"').replace('"$client"', '".*"')
            said = query(text)
            ok(isinstance(said, list), '%s is evaluated' % where, said)
            if re.match('panel|variable', where):
                ok(said, '%s shows something' % where, text)
    finally:
        run.terminate()
        run.wait()


def ask(n):
    for i in range(n):
        get(PORT, '/v1/messages', json.dumps({
            'model': 'claude', 'max_tokens': 99, 'stream': i % 2 == 0,
            'messages': [{'role': 'user', 'content': 'Hello!'}]}).encode())


def main():
    module = os.path.abspath(sys.argv[1])
    directory = tempfile.mkdtemp()
    paths = ''.join('%s %s/%s; ' % (d, directory, d) for d in (
        'client_body_temp_path', 'proxy_temp_path', 'fastcgi_temp_path', 'uwsgi_temp_path', 'scgi_temp_path'))
    with open(directory + '/conf', 'w') as f:
        f.write(CONF % {'module': module, 'dir': directory, 'port': PORT, 'paths': paths})
    nginx = subprocess.Popen([NGINX, '-c', directory + '/conf', '-e', directory + '/error.log'])
    try:
        ok(until(lambda: get(PORT, '/metrics')), 'nginx runs')
        ask(4)
        told = set(re.findall('^# TYPE ([a-z_]+)', get(PORT, '/metrics'), re.M))
        asked = list(expressions())
        ok(len(asked) > 20, 'expressions are found')
        for where, text in asked:
            ok(names(text) <= told, '%s asks for metrics that there are' % where, names(text) - told)

        if shutil.which('promtool') is None or shutil.which('prometheus') is None:
            print('# prometheus is not installed: expressions are not evaluated')
        else:
            for way in (['check', 'rules', 'alerts.yml'], ['test', 'rules', 'alerts.test.yml']):
                run = subprocess.run(['promtool'] + way, cwd=FOLDER, capture_output=True, text=True)
                ok(run.returncode == 0, 'promtool ' + ' '.join(way), run.stdout + run.stderr)
            prometheus(directory, asked)
    finally:
        nginx.terminate()
        nginx.wait()
        if failed:
            with open(directory + '/error.log') as f:
                print('# ' + f.read()[-2000:].replace('\n', '\n# '))
        shutil.rmtree(directory)

    print('1..%d' % count)
    return 1 if failed else 0


sys.exit(main())
