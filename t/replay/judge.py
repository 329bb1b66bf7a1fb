#!/usr/bin/env python3
"""Holds answers against the grammar of their protocol.

    judge.py RECORDINGS < answers

Reads the lines that client.py writes; one line each: "ok" or "not ok", the
exchange, what is wrong.  An answer of the upstream's own protocol and form is
the upstream's bytes and is held against those instead.
"""

import os
import re
import sys

from grammar import check
from rules import Bad, need


def recorded(root, prefix, up):
    """The recorded bytes, and whether they are what a stream, or not, wants.

    An array of answers is neither: the clients here ask for SSE.
    """
    for suffix in ('sse', 'ndjson', 'json'):
        name = os.path.join(root, f'{prefix}.response.{suffix}')
        if os.path.exists(name):
            with open(name, 'rb') as f:
                data = f.read()
            line = up == 'ollama' and b'\n' not in data.rstrip()
            return data, {True: suffix != 'json' or line,
                          False: suffix == 'json' and data[:1] != b'['}
    raise FileNotFoundError(prefix)


TERMINALS = {'anthropic': rb'"type": ?"message_stop"',
             'openai-chat': rb'data: ?\[DONE\]',
             'openai-responses': rb'"type": ?"response\.(completed|incomplete'
                                 rb'|failed)"',
             'gemini': rb'"finishReason"', 'ollama': rb'"done": ?true'}


def check_splice(client, wanted, data):
    """The upstream's bytes, all of them up to its end at least; an error may
    follow what ended too early."""
    if not wanted.startswith(data):
        need(data.startswith(wanted.rstrip()), 'not the bytes that came')
        return

    left = wanted[len(data):].strip()
    need(not left or re.search(TERMINALS[client], data),
         f'{len(left)} bytes did not come')


def check_line(root, line):
    prefix, up, client, stream, status, kind, name = line.split('\t')
    stream, status = stream == '1', int(status)

    with open(name, 'rb') as f:
        data = f.read()

    if client == up and status == 200:
        wanted, fits = recorded(root, prefix, up)

        if fits[stream]:
            check_splice(client, wanted, data)
            return

    check(client, stream, status, kind, data, own=client == up)


def main(root):
    failed = 0
    for line in sys.stdin:
        prefix, _, client, stream = line.split('\t')[:4]
        text = f'{prefix} to {client} {"stream" if stream == "1" else "whole"}'
        try:
            check_line(root, line.rstrip('\n'))
            print(f'ok {text}')
        except Bad as e:
            failed += 1
            print(f'not ok {text}: {e}')
    return failed != 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
