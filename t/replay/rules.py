"""What the grammars of all protocols are made of."""

import json
import re


class Bad(Exception):
    """What is wrong with an answer."""


def need(cond, text):
    if not cond:
        raise Bad(text)


def count(value, text):
    need(isinstance(value, int) and not isinstance(value, bool)
         and value >= 0, f'{text} is {value!r}')


def named(value, text):
    need(isinstance(value, str) and value != '', f'{text} is {value!r}')


def has(obj, *names):
    need(isinstance(obj, dict), f'no object: {obj!r}')
    for name in names:
        need(name in obj, f'no member {name} in {sorted(obj)}')


def parse(text, what='payload'):
    try:
        return json.loads(text)
    except ValueError as e:
        raise Bad(f'{what} is no JSON: {e}: {text[:80]!r}') from None


def arguments(text, cut):
    """The text of a call's arguments: an object, unless it was cut."""
    try:
        value = json.loads(text)
    except ValueError:
        need(cut, f'arguments are no JSON: {text[:80]!r}')
        return
    need(isinstance(value, dict), f'arguments are no object: {text[:80]!r}')


# ---- frames ----

def frames(text, end, event, comments=True):
    """(event, data) of each frame; nothing but whole ones and comments."""
    need(text.endswith(end * 2), 'the last frame is not ended')
    found = []

    for frame in text[:-len(end * 2)].split(end * 2):
        lines = frame.split(end)
        if all(line.startswith(':') for line in lines):
            need(comments, 'a comment')
            continue

        name = None
        if event:
            need(lines[0].startswith('event: '), f'no event: {frame[:80]!r}')
            name = lines.pop(0)[len('event: '):]

        need(len(lines) == 1 and lines[0].startswith('data: '),
             f'no frame: {frame[:80]!r}')
        found.append((name, lines[0][len('data: '):]))

    return found


def typed(text, comments):
    """Payloads of frames whose event is their type."""
    found = []
    for name, data in frames(text, '\n', True, comments):
        v = parse(data)
        has(v, 'type')
        need(v['type'] == name, f'event {name} holds {v["type"]}')
        found.append(v)
    return found


# ---- errors ----

def error_anthropic(v, status=None):
    has(v, 'type', 'error')
    need(v['type'] == 'error', 'no error')
    has(v['error'], 'type', 'message')
    named(v['error']['type'], 'error.type')
    named(v['error']['message'], 'error.message')


def error_openai(v, status=None):
    has(v, 'error')
    has(v['error'], 'message', 'type', 'param', 'code')
    named(v['error']['message'], 'error.message')


def error_gemini(v, status=None):
    has(v, 'error')
    has(v['error'], 'code', 'message', 'status')
    named(v['error']['message'], 'error.message')
    need(re.fullmatch('[A-Z_]+', v['error']['status']), 'error.status')
    need(status in (None, v['error']['code']), 'error.code is not the status')


def error_ollama(v, status=None):
    has(v, 'error')
    named(v['error'], 'error')


ERRORS = {'anthropic': error_anthropic, 'openai-chat': error_openai,
          'openai-responses': error_openai, 'gemini': error_gemini,
          'ollama': error_ollama}
