"""The grammar of the answers that clients get, protocol by protocol."""

import re

from grammar_responses import Responses
from rules import (ERRORS, Bad, arguments, count, error_anthropic,
                   error_gemini, error_ollama, error_openai, frames, has,
                   named, need, parse, typed)

SSE = 'text/event-stream'
TYPES = {'anthropic': SSE, 'openai-chat': SSE, 'openai-responses': SSE,
         'gemini': SSE, 'ollama': 'application/x-ndjson'}


# ---- Anthropic ----

A_STOPS = ('end_turn', 'max_tokens', 'stop_sequence', 'tool_use',
           'pause_turn', 'refusal', 'model_context_window_exceeded')
A_DELTAS = {'text_delta': ('text', 'text'),
            'thinking_delta': ('thinking', 'thinking'),
            'signature_delta': ('thinking', 'signature'),
            'input_json_delta': ('tool_use', 'partial_json'),
            'citations_delta': ('text', 'citation')}


def usage_anthropic(u):
    has(u, 'input_tokens', 'cache_creation_input_tokens',
        'cache_read_input_tokens', 'output_tokens')
    for name in ('input_tokens', 'cache_creation_input_tokens',
                 'cache_read_input_tokens', 'output_tokens'):
        count(u[name], name)


def message_anthropic(m):
    has(m, 'id', 'type', 'role', 'model', 'content', 'stop_reason',
        'stop_sequence', 'usage')
    need(m['id'].startswith('msg_'), f'id {m["id"]}')
    need(m['type'] == 'message' and m['role'] == 'assistant', 'no message')
    usage_anthropic(m['usage'])


def stop_anthropic(reason, sequence, kinds):
    need(reason in A_STOPS, f'stop_reason {reason!r}')
    need(reason != 'tool_use' or 'tool_use' in kinds, 'tool_use without one')
    need(reason != 'end_turn' or 'tool_use' not in kinds, 'end after a call')
    need((sequence is None) or reason == 'stop_sequence', 'stop_sequence')


class Anthropic:
    """stream := message_start (ping | block)* message_delta message_stop
    | ... error"""

    def __init__(self):
        self.state = 'new'
        self.block = None          # type of the open one
        self.whole = False         # it takes no deltas
        self.kinds = []
        self.text = ''
        self.signed = False
        self.cut = []              # arguments to judge once the stop is known

    def message_start(self, v):
        need(self.state == 'new', 'a second start')
        self.state = 'open'
        m = v.get('message')
        message_anthropic(m)
        need(m['content'] == [] and m['stop_reason'] is None
             and m['stop_sequence'] is None, 'start is not empty')

    def content_block_start(self, v):
        need(self.state == 'open' and self.block is None, 'a block in a block')
        has(v, 'index', 'content_block')
        need(v['index'] == len(self.kinds), f'index {v["index"]}')
        b = v['content_block']
        has(b, 'type')
        self.block = b['type']
        self.kinds.append(self.block)
        self.text = ''
        self.signed = False

        if self.block == 'text':
            need(b.get('text') == '', 'text is not empty')
        elif self.block == 'thinking':
            need(b.get('thinking') == '' and b.get('signature') == '',
                 'thinking is not empty')
        elif self.block in ('tool_use', 'server_tool_use'):
            named(b.get('id'), 'id')
            named(b.get('name'), 'name')
            need(b.get('input') == {}, 'input is not empty')

    def content_block_delta(self, v):
        has(v, 'index', 'delta')
        d = v['delta']
        has(d, 'type')
        need(self.block and v['index'] == len(self.kinds) - 1,
             'a delta outside of its block')
        need(d['type'] in A_DELTAS, f'delta {d["type"]}')
        block, member = A_DELTAS[d['type']]
        need(block == self.block or (block == 'tool_use' and self.block
                                     == 'server_tool_use'),
             f'{d["type"]} in {self.block}')
        has(d, member)
        need(d[member] != '', f'an empty {d["type"]}')
        need(not self.signed, 'a delta after the signature')
        self.signed = d['type'] == 'signature_delta'
        if d['type'] in ('text_delta', 'thinking_delta', 'input_json_delta'):
            self.text += d[member]

    def content_block_stop(self, v):
        need(self.block and v.get('index') == len(self.kinds) - 1,
             'a stop outside of its block')
        if self.block == 'tool_use':
            self.cut.append(self.text)
        elif self.block == 'text':
            need(self.text != '', 'an empty text block')
        self.block = None

    def message_delta(self, v):
        need(self.state == 'open' and self.block is None, 'an early end')
        self.state = 'stopped'
        has(v, 'delta', 'usage')
        has(v['delta'], 'stop_reason', 'stop_sequence')
        reason = v['delta']['stop_reason']
        stop_anthropic(reason, v['delta']['stop_sequence'], self.kinds)
        usage_anthropic(v['usage'])
        for i, text in enumerate(self.cut):
            arguments(text, reason == 'max_tokens' and i + 1 == len(self.cut))

    def message_stop(self, v):
        need(self.state == 'stopped', 'message_stop without message_delta')
        self.state = 'ended'

    def error(self, v):
        need(self.state in ('new', 'open'), 'an error after the end')
        error_anthropic(v)
        self.state = 'ended'

    def ping(self, v):
        need(self.state in ('new', 'open'), 'a ping after the end')

    def stream(self, text):
        for v in typed(text, False):
            need(self.state != 'ended', 'something after the end')
            need(v['type'] in ('message_start', 'content_block_start',
                               'content_block_delta', 'content_block_stop',
                               'message_delta', 'message_stop', 'error',
                               'ping'), f'event {v["type"]}')
            need(self.state != 'new' or v['type'] in ('message_start', 'error',
                                                      'ping'), 'no start')
            getattr(self, v['type'])(v)
        need(self.state == 'ended', 'no end')

    def answer(self, v):
        message_anthropic(v)
        for b in v['content']:
            has(b, 'type')
            if b['type'] == 'text':
                named(b.get('text'), 'text')
            elif b['type'] == 'thinking':
                has(b, 'thinking', 'signature')
            elif b['type'] == 'tool_use':
                named(b.get('id'), 'id')
                named(b.get('name'), 'name')
                need(isinstance(b.get('input'), dict), 'input')
        stop_anthropic(v['stop_reason'], v['stop_sequence'],
                       [b['type'] for b in v['content']])


# ---- Chat Completions ----

C_STOPS = ('stop', 'length', 'tool_calls', 'content_filter')
C_DELTAS = {'content', 'reasoning_content', 'refusal', 'tool_calls',
            'annotations', 'reasoning_details'}


def usage_chat(u):
    has(u, 'prompt_tokens', 'completion_tokens', 'total_tokens')
    for name in ('prompt_tokens', 'completion_tokens', 'total_tokens'):
        count(u[name], name)
    need(u['total_tokens'] == u['prompt_tokens'] + u['completion_tokens'],
         'total_tokens')


class Chat:
    """stream := role-chunk delta* finish-chunk usage-chunk [DONE]
    | ... error-chunk [DONE]"""

    def __init__(self):
        self.state = 'new'
        self.same = None
        self.calls = []            # [kind, text of arguments]

    def head(self, v):
        has(v, 'id', 'object', 'created', 'model', 'choices', 'usage')
        need(v['object'] == 'chat.completion.chunk', 'object')
        named(v['id'], 'id')
        count(v['created'], 'created')
        same = v['id'], v['created'], v['model']
        need(self.same in (None, same), f'{self.same} became {same}')
        self.same = same

    def call(self, t):
        has(t, 'index')
        kind = 'custom' if 'custom' in t else 'function'
        member = 'input' if kind == 'custom' else 'arguments'
        has(t, kind)
        has(t[kind], member)

        if t['index'] == len(self.calls):
            named(t.get('id'), 'id')
            need(t.get('type') == kind, 'type of a call')
            named(t[kind].get('name'), 'name')
            self.calls.append([kind, ''])
        else:
            need(t['index'] == len(self.calls) - 1, f'index {t["index"]}')
            need('id' not in t and 'name' not in t[kind], 'a second name')

        self.calls[-1][1] += t[kind][member]

    def finish(self, choice):
        reason = choice['finish_reason']
        need(reason in C_STOPS, f'finish_reason {reason!r}')
        need(set(choice['delta']) <= {'annotations'}, 'finish with content')
        need(reason != 'tool_calls' or self.calls, 'tool_calls without one')
        need(reason != 'stop' or not self.calls, 'stop after a call')
        for i, (kind, text) in enumerate(self.calls):
            if kind == 'function':
                arguments(text, reason == 'length'
                          and i + 1 == len(self.calls))
        self.state = 'finished'

    def chunk(self, v):
        self.head(v)

        if not v['choices']:
            need(self.state == 'finished', 'usage before the end')
            usage_chat(v['usage'])
            self.state = 'counted'
            return

        need(v['usage'] is None, 'usage among the deltas')
        need(len(v['choices']) == 1, 'several choices')
        choice = v['choices'][0]
        has(choice, 'index', 'delta', 'finish_reason')
        need(choice['index'] == 0, 'index')
        delta = choice['delta']

        if self.state == 'new':
            need(delta.get('role') == 'assistant', 'no role')
            need(delta.get('content', 0) in ('', None), 'role with content')
            self.state = 'open'
            return

        need(self.state == 'open', 'a delta after the end')

        if choice['finish_reason'] is not None:
            self.finish(choice)
            return

        need(delta and set(delta) <= C_DELTAS or 'logprobs' in choice,
             f'delta {delta}')
        for name in ('content', 'reasoning_content', 'refusal'):
            if name in delta:
                named(delta[name], name)
        for t in delta.get('tool_calls', ()):
            self.call(t)

    def stream(self, text):
        for _, data in frames(text, '\n', False):
            need(self.state != 'ended', 'something after [DONE]')

            if data == '[DONE]':
                need(self.state in ('counted', 'failed'), 'an early [DONE]')
                self.state = 'ended'
                continue

            need(self.state != 'failed', 'something after an error')
            v = parse(data)
            if 'error' in v:
                need(self.state in ('new', 'open'), 'an error after the end')
                error_openai(v)
                self.state = 'failed'
            else:
                self.chunk(v)
        need(self.state == 'ended', 'no [DONE]')

    def answer(self, v):
        has(v, 'id', 'object', 'created', 'model', 'choices', 'usage')
        need(v['object'] == 'chat.completion', 'object')
        usage_chat(v['usage'])
        need(len(v['choices']) == 1, 'several choices')
        c = v['choices'][0]
        has(c, 'index', 'message', 'finish_reason')
        need(c['finish_reason'] in C_STOPS, 'finish_reason')
        m = c['message']
        has(m, 'role', 'content')
        calls = m.get('tool_calls', [])
        need('tool_calls' not in m or calls, 'empty tool_calls')
        need(c['finish_reason'] != 'tool_calls' or calls, 'no tool_calls')
        need(c['finish_reason'] != 'stop' or not calls, 'stop after a call')
        for t in calls:
            named(t.get('id'), 'id')
            need(t.get('type') in ('function', 'custom'), 'type of a call')
            named(t[t['type']].get('name'), 'name')
            if t['type'] == 'function':
                arguments(t['function']['arguments'],
                          c['finish_reason'] == 'length' and t is calls[-1])


# ---- Gemini ----

G_STOPS = ('STOP', 'MAX_TOKENS', 'SAFETY', 'RECITATION', 'CONTINUATION',
           'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'OTHER', 'MODEL_ARMOR')
G_DATA = {'text', 'functionCall', 'inlineData', 'fileData', 'executableCode',
          'codeExecutionResult', 'toolCall', 'toolResponse'}


def usage_gemini(u, final):
    has(u, 'promptTokenCount')
    count(u['promptTokenCount'], 'promptTokenCount')
    if final:
        has(u, 'totalTokenCount')
        need(u['totalTokenCount'] == sum(
            u.get(n, 0) for n in ('promptTokenCount', 'candidatesTokenCount',
                                  'thoughtsTokenCount',
                                  'toolUsePromptTokenCount')), 'total')


class Gemini:
    """stream := chunk* last-chunk | chunk* error-frame"""

    def __init__(self):
        self.state = 'open'
        self.same = None

    def part(self, p):
        data = G_DATA & set(p)
        need(len(data) == 1, f'part {sorted(p)}')
        if 'functionCall' in p:
            named(p['functionCall'].get('name'), 'name')
            need(isinstance(p['functionCall'].get('args'), dict), 'args')
        if 'text' in p:
            need(isinstance(p['text'], str), 'text')

    def chunk(self, v, whole):
        has(v, 'usageMetadata', 'modelVersion', 'responseId')
        same = v['modelVersion'], v['responseId']
        need(self.same in (None, same), f'{self.same} became {same}')
        self.same = same

        candidates = v.get('candidates', [])
        blocked = 'promptFeedback' in v
        need(len(candidates) == (0 if blocked else 1), 'candidates')
        final = blocked

        for c in candidates:
            need(c.get('index') == 0, 'index')
            final = 'finishReason' in c
            need(not final or c['finishReason'] in G_STOPS, 'finishReason')
            if 'content' in c:
                need(c['content'].get('role') == 'model', 'role')
                has(c['content'], 'parts')
                for p in c['content']['parts']:
                    self.part(p)
                need(whole or final or c['content']['parts'], 'no parts')
            else:
                need(final, 'no content')

        usage_gemini(v['usageMetadata'], final)
        need(final or not whole, 'no finishReason')
        if final:
            self.state = 'ended'

    def stream(self, text):
        for _, data in frames(text, '\r\n', False):
            need(self.state == 'open', 'something after the end')
            need(data != '[DONE]', '[DONE]')
            v = parse(data)
            if 'error' in v:
                error_gemini(v)
                self.state = 'ended'
            else:
                self.chunk(v, False)
        need(self.state == 'ended', 'no end')

    def answer(self, v):
        self.chunk(v, True)


# ---- Ollama ----

class Ollama:
    """stream := line(done:false)* line(done:true) | line* error-line"""

    def __init__(self):
        self.state = 'open'
        self.model = None

    def line(self, v, whole):
        has(v, 'model', 'created_at', 'message', 'done')
        need(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z',
                          v['created_at']), 'created_at')
        need(self.model in (None, v['model']), 'another model')
        self.model = v['model']
        m = v['message']
        has(m, 'role', 'content')
        need(m['role'] == 'assistant', 'role')
        need(isinstance(m['content'], str), 'content')

        for t in m.get('tool_calls', ()):
            has(t, 'function')
            named(t['function'].get('name'), 'name')
            need(isinstance(t['function'].get('arguments'), dict),
                 'arguments')

        if not v['done']:
            need('done_reason' not in v, 'done_reason')
            need(m['content'] or m.get('thinking') or m.get('tool_calls'),
                 'an empty line')
            return

        need(v.get('done_reason') in ('stop', 'length'), 'done_reason')
        need(whole or (m['content'] == '' and 'tool_calls' not in m
                       and not m.get('thinking')), 'content at the end')
        for name in ('total_duration', 'load_duration', 'prompt_eval_count',
                     'prompt_eval_duration', 'eval_count', 'eval_duration'):
            count(v.get(name), name)
        self.state = 'ended'

    def stream(self, text):
        need(text.endswith('\n'), 'the last line is not ended')
        for line in text[:-1].split('\n'):
            need(self.state == 'open', 'something after the end')
            v = parse(line)
            if 'error' in v:
                error_ollama(v)
                self.state = 'ended'
            else:
                self.line(v, False)
        need(self.state == 'ended', 'no end')

    def answer(self, v):
        need(v.get('done') is True, 'done')
        self.line(v, True)


GRAMMARS = {'anthropic': Anthropic, 'openai-chat': Chat,
            'openai-responses': Responses, 'gemini': Gemini, 'ollama': Ollama}


# ---- answers ----

def check(client, stream, status, kind, data, own=False):
    """Raises Bad if a converted answer is not well formed.  own: the upstream
    speaks the client's protocol, so that its errors pass as they are, and
    several of these providers leave out param."""
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError as e:
        raise Bad(f'no UTF-8: {e}') from None

    kind = kind.split(';')[0]
    try:
        if status >= 400:
            need(kind == 'application/json', f'content type {kind}')
            v = parse(text)
            if own and isinstance(v.get('error'), dict):
                v['error'].setdefault('param', None)
            ERRORS[client](v, status)
        elif stream:
            need(kind == TYPES[client], f'content type {kind}')
            GRAMMARS[client]().stream(text)
        else:
            need(kind == 'application/json', f'content type {kind}')
            GRAMMARS[client]().answer(parse(text))
    except (KeyError, TypeError, AttributeError, IndexError) as e:
        raise Bad(f'malformed: {e!r}') from None
