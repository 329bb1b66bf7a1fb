#!/usr/bin/env python3
"""Asks for every recorded exchange in all five protocols, streamed and whole.

    client.py PORT RECORDINGS DIR

Each answer's body is kept in DIR; stdout is one line for each answer: prefix,
upstream protocol, client protocol, 1 if streamed, status, content type, file.
"""

import http.client
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local

from index import read_index

USER = [{'role': 'user', 'content': 'x'}]


def anthropic(model, stream):
    return '/v1/messages', {
        'model': model, 'max_tokens': 2048, 'messages': USER,
        'stream': stream,
        'thinking': {'type': 'enabled', 'budget_tokens': 1024}}


def chat(model, stream):
    body = {'model': model, 'messages': USER, 'stream': stream,
            'reasoning_effort': 'high'}
    if stream:
        body['stream_options'] = {'include_usage': True}
    return '/v1/chat/completions', body


def responses(model, stream):
    return '/v1/responses', {
        'model': model, 'input': 'x', 'stream': stream,
        # that a recording calls: another custom tool is the provider's own
        'tools': [{'type': 'custom', 'name': 'math_exp'}],
        'reasoning': {'effort': 'high', 'summary': 'auto'}}


def gemini(model, stream):
    path = f'/v1beta/models/{model}:'
    path += 'streamGenerateContent?alt=sse' if stream else 'generateContent'
    return path, {
        'contents': [{'role': 'user', 'parts': [{'text': 'x'}]}],
        'generationConfig': {'thinkingConfig': {'includeThoughts': True}}}


def ollama(model, stream):
    return '/api/chat', {'model': model, 'messages': USER, 'stream': stream,
                         'think': True}


CLIENTS = {'anthropic': anthropic, 'openai-chat': chat,
           'openai-responses': responses, 'gemini': gemini, 'ollama': ollama}

kept = local()


def ask(port, path, body):
    """Status, content type and body; the connection is kept for the next."""
    conn = getattr(kept, 'conn', None)
    if conn is None:
        conn = kept.conn = http.client.HTTPConnection('127.0.0.1', port,
                                                      timeout=30)
    try:
        conn.request('POST', path, json.dumps(body),
                     {'Content-Type': 'application/json'})
        answer = conn.getresponse()
        return (answer.status, answer.getheader('Content-Type', 'none'),
                answer.read())

    except (OSError, http.client.HTTPException) as e:
        kept.conn = None
        conn.close()
        return 0, 'none', repr(e).encode()


def exchange(port, directory, rec, run):
    client = list(CLIENTS)[run // 2]
    stream = run % 2
    path, body = CLIENTS[client](f'r{rec.line}-{run}', bool(stream))
    status, kind, data = ask(port, f'/{rec.protocol}{path}', body)

    name = f'{directory}/{rec.line}-{run}.body'
    with open(name, 'wb') as f:
        f.write(data)

    return '\t'.join((rec.prefix, rec.protocol, client, str(stream),
                      str(status), kind, name))


def main(port, recordings, directory):
    jobs = [(rec, run) for rec in read_index(recordings)
            for run in range(2 * len(CLIENTS))]

    with ThreadPoolExecutor(4) as pool:
        for line in pool.map(lambda j: exchange(port, directory, *j), jobs):
            print(line)


if __name__ == '__main__':
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
