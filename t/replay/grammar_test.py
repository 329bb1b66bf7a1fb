#!/usr/bin/env python3
"""The grammar's own test: good streams pass, bent ones are refused."""

import json
import sys

import grammar

tests = []


def sse(*events):
    return ''.join(f'event: {v["type"]}\ndata: {json.dumps(v)}\n\n'
                   for v in events)


def data(*values, end='\n'):
    return ''.join('data: ' + (v if isinstance(v, str) else json.dumps(v))
                   + end * 2 for v in values)


def lines(*values):
    return ''.join(json.dumps(v) + '\n' for v in values)


def judge(client, text, kind=None, status=200, stream=True):
    try:
        grammar.check(client, stream, status, kind or grammar.TYPES[client],
                      text.encode('utf-8', 'surrogateescape'))
    except grammar.Bad as e:
        return str(e)
    return None


def good(client, name, text, **args):
    why = judge(client, text, **args)
    tests.append((why is None, f'{client}: {name}', why))


def bent(client, name, text, **args):
    why = judge(client, text, **args)
    tests.append((why is not None, f'{client}: {name} is refused', 'passed'))


def bend(client, name, values, write, change):
    """The values after change(list), written."""
    values = json.loads(json.dumps(values))
    change(values)
    bent(client, name, write(*values))


# ---- Anthropic ----

def anthropic():
    use = {'input_tokens': 1, 'cache_creation_input_tokens': 0,
           'cache_read_input_tokens': 0, 'output_tokens': 2}
    v = [
        {'type': 'message_start', 'message': {
            'id': 'msg_1', 'type': 'message', 'role': 'assistant',
            'model': 'm', 'content': [], 'stop_reason': None,
            'stop_sequence': None, 'usage': use}},
        {'type': 'content_block_start', 'index': 0, 'content_block': {
            'type': 'thinking', 'thinking': '', 'signature': ''}},
        {'type': 'content_block_delta', 'index': 0, 'delta': {
            'type': 'thinking_delta', 'thinking': 'hm'}},
        {'type': 'content_block_delta', 'index': 0, 'delta': {
            'type': 'signature_delta', 'signature': 'S'}},
        {'type': 'content_block_stop', 'index': 0},
        {'type': 'ping'},
        {'type': 'content_block_start', 'index': 1, 'content_block': {
            'type': 'tool_use', 'id': 't', 'name': 'f', 'input': {}}},
        {'type': 'content_block_delta', 'index': 1, 'delta': {
            'type': 'input_json_delta', 'partial_json': '{"a":1}'}},
        {'type': 'content_block_stop', 'index': 1},
        {'type': 'message_delta', 'delta': {
            'stop_reason': 'tool_use', 'stop_sequence': None}, 'usage': use},
        {'type': 'message_stop'},
    ]
    error = {'type': 'error', 'error': {'type': 'api_error', 'message': 'x'}}

    good('anthropic', 'thinking and a call', sse(*v))
    good('anthropic', 'an error amid a block', sse(*v[:3], error))

    for name, change in {
        'no start': lambda s: s.pop(0),
        'no end': lambda s: s.pop(),
        'no message_delta': lambda s: s.pop(9),
        'a second end': lambda s: s.append(s[-1]),
        'a second start': lambda s: s.insert(1, s[0]),
        'an error after the end': lambda s: s.append(error),
        'a block left open': lambda s: s.pop(8),
        'a block in a block': lambda s: s.pop(4),
        'a delta outside': lambda s: s.insert(5, s[2]),
        'a delta of another kind': lambda s: s.insert(7, s[2]),
        'a delta after the signature': lambda s: s.insert(4, dict(
            s[2], index=0)),
        'an index twice': lambda s: s[6].update(index=0),
        'an index left out': lambda s: [e.update(index=2) for e in s[6:9]],
        'no id': lambda s: s[6]['content_block'].update(id=''),
        'arguments that are no JSON':
            lambda s: s[7]['delta'].update(partial_json='{"a"'),
        'arguments that are no object':
            lambda s: s[7]['delta'].update(partial_json='1'),
        'no arguments': lambda s: s.pop(7),
        'an empty delta': lambda s: s[2]['delta'].update(thinking=''),
        'end_turn after a call':
            lambda s: s[9]['delta'].update(stop_reason='end_turn'),
        'an unknown stop_reason':
            lambda s: s[9]['delta'].update(stop_reason='stop'),
        'no usage': lambda s: s[9].pop('usage'),
        'a negative count': lambda s: s[9]['usage'].update(output_tokens=-1),
        'an unknown event': lambda s: s.insert(1, {'type': 'other'}),
    }.items():
        bend('anthropic', name, v, sse, change)

    text = sse(*v)
    bent('anthropic', 'a frame cut', text[:-1])
    bent('anthropic', '[DONE]', text + 'data: [DONE]\n\n')
    bent('anthropic', 'a comment', ': x\n\n' + text)
    bent('anthropic', 'another event name',
         text.replace('event: ping', 'event: pong'))
    bent('anthropic', 'CR LF', text.replace('\n', '\r\n'))
    bent('anthropic', 'a payload that is no JSON',
         text.replace('{"type": "ping"}', '{"type": "ping"'))
    bent('anthropic', 'bytes that are no UTF-8',
         text.replace('hm', '\udcff'))
    bent('anthropic', 'another content type', text, kind='application/json')
    bent('anthropic', 'a foreign error', '{"error":{"message":"x"}}',
         kind='application/json', status=400)


# ---- Chat ----

def chat():
    def chunk(delta, finish=None, **more):
        return dict({'id': 'chatcmpl-1', 'object': 'chat.completion.chunk',
                     'created': 1, 'model': 'm', 'choices': [
                         {'index': 0, 'delta': delta,
                          'finish_reason': finish}], 'usage': None}, **more)

    use = {'prompt_tokens': 1, 'completion_tokens': 2, 'total_tokens': 3}
    v = [
        chunk({'role': 'assistant', 'content': ''}),
        chunk({'content': 'Hi'}),
        chunk({'tool_calls': [{
            'index': 0, 'id': 'c', 'type': 'function',
            'function': {'name': 'f', 'arguments': ''}}]}),
        chunk({'tool_calls': [{'index': 0, 'function': {
            'arguments': '{}'}}]}),
        chunk({}, 'tool_calls'),
        chunk({}, choices=[], usage=use),
        '[DONE]',
    ]
    error = {'error': {'message': 'x', 'type': 't', 'param': None,
                       'code': None}}

    def first(s, n):
        return s[n]['choices'][0]

    def tool(s, n):
        return first(s, n)['delta']['tool_calls'][0]

    good('openai-chat', 'text and a call', data(*v))
    good('openai-chat', 'a comment', ': x\n\n' + data(*v))
    good('openai-chat', 'an error', data(*v[:2], error, '[DONE]'))

    for name, change in {
        'no role': lambda s: s.pop(0),
        'a role twice': lambda s: s.insert(1, s[0]),
        'no finish': lambda s: s.pop(4),
        'two finishes': lambda s: s.insert(5, s[4]),
        'no usage': lambda s: s.pop(5),
        'no [DONE]': lambda s: s.pop(),
        'two [DONE]': lambda s: s.append('[DONE]'),
        'a delta after the finish': lambda s: s.insert(5, s[1]),
        'usage among the deltas': lambda s: s[1].update(usage=use),
        'another id': lambda s: s[1].update(id='chatcmpl-2'),
        'another model': lambda s: s[3].update(model='n'),
        'a call without its name':
            lambda s: tool(s, 2)['function'].update(name=''),
        'a name twice': lambda s: tool(s, 3).update(id='c'),
        'an index left out': lambda s: tool(s, 2).update(index=1),
        'arguments cut': lambda s: tool(s, 3)['function'].update(
            arguments='{'),
        'stop after a call': lambda s: first(s, 4).update(
            finish_reason='stop'),
        'an unknown finish': lambda s: first(s, 4).update(
            finish_reason='end_turn'),
        'a wrong sum': lambda s: s[5]['usage'].update(total_tokens=9),
        'a second choice': lambda s: first(s, 1).update(index=1),
        'an empty delta': lambda s: first(s, 1).update(delta={}),
        'an error without [DONE]': lambda s: s.__setitem__(
            slice(2, None), [error]),
        'a delta after an error': lambda s: s.insert(1, error),
    }.items():
        bend('openai-chat', name, v, data, change)

    bent('openai-chat', 'event names', 'event: x\n' + data(*v))
    bent('openai-chat', 'an error without param',
         '{"error":{"message":"x","type":"t","code":null}}',
         kind='application/json', status=400)


# ---- Responses ----

def responses():
    def response(status, output, usage=None):
        return {'id': 'resp_1', 'object': 'response', 'created_at': 1,
                'status': status, 'error': None, 'incomplete_details': None,
                'instructions': None, 'metadata': {}, 'model': 'm',
                'output': output, 'parallel_tool_calls': True,
                'temperature': 1, 'tool_choice': 'auto', 'tools': [],
                'top_p': 1, 'usage': usage}

    use = {'input_tokens': 1, 'input_tokens_details': {'cached_tokens': 0},
           'output_tokens': 2, 'output_tokens_details': {
               'reasoning_tokens': 0}, 'total_tokens': 3}
    text = {'type': 'output_text', 'text': 'Hi', 'annotations': []}
    message = {'type': 'message', 'id': 'msg_1', 'role': 'assistant',
               'status': 'completed', 'content': [text]}
    call = {'type': 'function_call', 'id': 'fc_1', 'call_id': 'c',
            'name': 'f', 'arguments': '{}', 'status': 'completed'}
    m = {'item_id': 'msg_1', 'output_index': 0, 'content_index': 0}
    f = {'item_id': 'fc_1', 'output_index': 1}
    v = [
        {'type': 'response.created', 'response': response('in_progress', [])},
        {'type': 'response.in_progress',
         'response': response('in_progress', [])},
        {'type': 'response.output_item.added', 'output_index': 0,
         'item': dict(message, content=[])},
        dict(m, type='response.content_part.added', part=dict(text, text='')),
        dict(m, type='response.output_text.delta', delta='Hi'),
        dict(m, type='response.output_text.done', text='Hi'),
        dict(m, type='response.content_part.done', part=text),
        {'type': 'response.output_item.done', 'output_index': 0,
         'item': message},
        {'type': 'response.output_item.added', 'output_index': 1,
         'item': dict(call, arguments='')},
        dict(f, type='response.function_call_arguments.delta', delta='{}'),
        dict(f, type='response.function_call_arguments.done', arguments='{}'),
        {'type': 'response.output_item.done', 'output_index': 1, 'item': call},
        {'type': 'response.completed',
         'response': response('completed', [message, call], use)},
    ]

    def write(*events):
        return sse(*(dict(e, sequence_number=e.get('sequence_number', i))
                     for i, e in enumerate(events)))

    failed = [
        {'type': 'error', 'code': 'server_error', 'message': 'x',
         'param': None},
        {'type': 'response.failed', 'response': dict(
            response('failed', []), error={'code': 'server_error',
                                           'message': 'x'})},
    ]

    good('openai-responses', 'a message and a call', write(*v))
    good('openai-responses', 'a failure', write(*v[:5], *failed))

    for name, change in {
        'no start': lambda s: s.pop(0),
        'no in_progress': lambda s: s.pop(1),
        'no end': lambda s: s.pop(),
        'two ends': lambda s: s.append(s[-1]),
        'a sequence number twice': lambda s: s[4].update(sequence_number=3),
        'an item not added': lambda s: s.pop(8),
        'an item not done': lambda s: s.pop(11),
        'a part not added': lambda s: s.pop(3),
        'a part not done': lambda s: s.pop(6),
        'a text not done': lambda s: s.pop(5),
        'arguments not done': lambda s: s.pop(10),
        'done without its delta': lambda s: s.pop(4),
        'done that differs': lambda s: s[5].update(text='Ho'),
        'a part that differs': lambda s: s[6]['part'].update(text='Ho'),
        'an item that differs':
            lambda s: s[7]['item']['content'][0].update(text='Ho'),
        'an output that lacks an item':
            lambda s: s[12]['response']['output'].pop(),
        'another item id': lambda s: s[4].update(item_id='msg_2'),
        'an index twice': lambda s: s[8].update(output_index=0),
        'no usage': lambda s: s[12]['response'].update(usage=None),
        'another status': lambda s: s[12]['response'].update(
            status='incomplete'),
        'another response': lambda s: s[12]['response'].update(id='resp_2'),
        'an error alone': lambda s: s.__setitem__(slice(5, None),
                                                  failed[:1]),
        'a failure without error': lambda s: s.__setitem__(
            slice(5, None), failed[1:]),
        'an unknown event': lambda s: s.insert(2, {'type': 'response.x'}),
    }.items():
        bend('openai-responses', name, v, write, change)

    bent('openai-responses', '[DONE]', write(*v) + 'data: [DONE]\n\n')


# ---- Gemini ----

def gemini():
    def chunk(parts, usage, **more):
        return {'candidates': [dict({'content': {
            'role': 'model', 'parts': parts}, 'index': 0}, **more)],
            'usageMetadata': usage, 'modelVersion': 'm', 'responseId': 'r'}

    def write(*values):
        return data(*values, end='\r\n')

    use = {'promptTokenCount': 1}
    total = {'promptTokenCount': 1, 'candidatesTokenCount': 2,
             'totalTokenCount': 3}
    v = [
        chunk([{'text': 'Hi'}], use),
        chunk([{'functionCall': {'name': 'f', 'args': {}}}], use),
        chunk([{'text': ''}], total, finishReason='STOP'),
    ]
    error = {'error': {'code': 500, 'message': 'x', 'status': 'INTERNAL'}}

    def part(s, n):
        return s[n]['candidates'][0]['content']['parts'][0]

    good('gemini', 'text and a call', write(*v))
    good('gemini', 'an error', write(v[0], error))

    for name, change in {
        'no end': lambda s: s.pop(),
        'two ends': lambda s: s.append(s[-1]),
        'text after the end': lambda s: s.append(s[0]),
        '[DONE]': lambda s: s.append('[DONE]'),
        'no usage': lambda s: s[0].pop('usageMetadata'),
        'a wrong sum': lambda s: s[2]['usageMetadata'].update(
            totalTokenCount=1),
        'a call without a name': lambda s: part(s, 1)['functionCall'].pop(
            'name'),
        'arguments that are text': lambda s: part(s, 1)[
            'functionCall'].update(args='{}'),
        'a part of two kinds': lambda s: part(s, 1).update(text=''),
        'an empty part': lambda s: part(s, 0).clear(),
        'another role': lambda s: s[0]['candidates'][0]['content'].update(
            role='assistant'),
        'another response': lambda s: s[1].update(responseId='q'),
        'an unknown reason': lambda s: s[2]['candidates'][0].update(
            finishReason='stop'),
        'an error after the end': lambda s: s.append(error),
    }.items():
        bend('gemini', name, v, write, change)

    bent('gemini', 'LF alone', data(*v))
    bent('gemini', 'a code that is not the status', json.dumps(error),
         kind='application/json', status=400)


# ---- Ollama ----

def ollama():
    def line(message, **more):
        return dict({'model': 'm', 'created_at': '2025-01-01T00:00:00.5Z',
                     'message': dict({'role': 'assistant', 'content': ''},
                                     **message), 'done': False}, **more)

    v = [
        line({'content': 'Hi'}),
        line({'tool_calls': [{'function': {'name': 'f', 'arguments': {}}}]}),
        line({}, done=True, done_reason='stop', total_duration=1,
             load_duration=0, prompt_eval_count=1, prompt_eval_duration=0,
             eval_count=2, eval_duration=1),
    ]

    good('ollama', 'text and a call', lines(*v))
    good('ollama', 'an error', lines(v[0], {'error': 'x'}))

    for name, change in {
        'no end': lambda s: s.pop(),
        'two ends': lambda s: s.append(s[-1]),
        'text after the end': lambda s: s.append(s[0]),
        'arguments that are text': lambda s: s[1]['message']['tool_calls'][0][
            'function'].update(arguments='{}'),
        'an empty line': lambda s: s[0]['message'].update(content=''),
        'content at the end': lambda s: s[2]['message'].update(content='x'),
        'no done_reason': lambda s: s[2].pop('done_reason'),
        'no count': lambda s: s[2].pop('eval_count'),
        'another model': lambda s: s[1].update(model='n'),
        'no time': lambda s: s[0].update(created_at='now'),
        'an error after the end': lambda s: s.append({'error': 'x'}),
        'an error that is an object': lambda s: s.__setitem__(
            slice(1, None), [{'error': {'message': 'x'}}]),
    }.items():
        bend('ollama', name, v, lines, change)

    bent('ollama', 'a last line cut', lines(*v)[:-1])
    bent('ollama', 'event stream', data(*v))


def main():
    for part in (anthropic, chat, responses, gemini, ollama):
        part()

    for ok, name, why in tests:
        print(f'ok grammar: {name}' if ok else f'not ok grammar: {name}: {why}')

    return not all(ok for ok, _, _ in tests)


if __name__ == '__main__':
    sys.exit(main())
