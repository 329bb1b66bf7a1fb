"""The grammar of Responses answers."""

from rules import arguments, count, has, named, need, typed

R_TERMINAL = {'response.completed': 'completed',
              'response.incomplete': 'incomplete',
              'response.failed': 'failed'}
R_DONE = {'response.output_text': ('text', 'output_text', 'text'),
          'response.refusal': ('refusal', 'refusal', 'refusal'),
          'response.reasoning_summary_text': ('text', 'summary_text', 'text'),
          'response.reasoning_text': ('text', 'reasoning_text', 'text'),
          'response.function_call_arguments': ('arguments', None, 'arguments'),
          'response.custom_tool_call_input': ('input', None, 'input')}
R_ITEMS = {'message': ('response.output_text', 'response.refusal'),
           'reasoning': ('response.reasoning_summary_text',
                         'response.reasoning_text'),
           'function_call': ('response.function_call_arguments',),
           'custom_tool_call': ('response.custom_tool_call_input',)}
R_PARTS = {'response.content_part': 'content_index',
           'response.reasoning_summary_part': 'summary_index'}


def response_object(r, status):
    has(r, 'id', 'object', 'created_at', 'status', 'error',
        'incomplete_details', 'instructions', 'metadata', 'model', 'output',
        'parallel_tool_calls', 'temperature', 'tool_choice', 'tools', 'top_p')
    need(r['id'].startswith('resp_') and r['object'] == 'response', 'response')
    need(r['status'] in status, f'status {r["status"]}')
    need((r['error'] is not None) == (r['status'] == 'failed'), 'error')
    need((r['incomplete_details'] is not None)
         == (r['status'] == 'incomplete'), 'incomplete_details')


def usage_responses(u):
    has(u, 'input_tokens', 'input_tokens_details', 'output_tokens',
        'output_tokens_details', 'total_tokens')
    count(u['input_tokens_details'].get('cached_tokens'), 'cached_tokens')
    count(u['output_tokens_details'].get('reasoning_tokens'), 'reasoning')
    need(u['total_tokens'] == u['input_tokens'] + u['output_tokens'], 'total')


def item_responses(item, cut):
    has(item, 'type', 'id')
    if item['type'] == 'message':
        need(item.get('role') == 'assistant', 'role')
        need(item.get('content'), 'a message without parts')
    elif item['type'] == 'reasoning':
        has(item, 'summary')
    elif item['type'] == 'function_call':
        named(item.get('call_id'), 'call_id')
        named(item.get('name'), 'name')
        arguments(item['arguments'], cut and item['status'] == 'incomplete')
    elif item['type'] == 'custom_tool_call':
        named(item.get('call_id'), 'call_id')
        named(item.get('name'), 'name')
        has(item, 'input')


class Responses:
    """stream := created in_progress item* (completed | incomplete | failed)
    | created ... error failed"""

    def __init__(self):
        self.state = 'new'
        self.number = 0
        self.id = None
        self.items = []            # done ones
        self.item = None           # the open one, as added
        self.part = None           # the open one: [kind, index, parts done]
        self.parts = []
        self.text = {}             # kind -> deltas of the open part
        self.said = {}             # kind -> done text of the open part

    def at(self, v):
        need(self.item is not None, f'{v["type"]} outside of an item')
        need(v.get('item_id') == self.item['id'], 'item_id')
        need(v.get('output_index') == len(self.items), 'output_index')

    def output_item_added(self, v):
        need(self.state == 'running' and self.item is None, 'item in an item')
        has(v, 'output_index', 'item')
        need(v['output_index'] == len(self.items), 'output_index')
        item = v['item']
        has(item, 'id', 'type')
        for name in ('content', 'summary', 'arguments', 'input'):
            need(not item.get(name), f'{name} of an added item')
        self.item, self.parts = item, []
        self.text, self.said = {}, {}

    def output_item_done(self, v):
        need(self.item is not None and self.part is None, 'item done early')
        need(v.get('output_index') == len(self.items), 'output_index')
        item = v['item']
        need((item['id'], item['type'])
             == (self.item['id'], self.item['type']), 'another item is done')
        need(set(self.text) <= set(self.said), 'a text without its done')

        if item['type'] in ('message', 'reasoning'):
            shown = item.get('content' if item['type'] == 'message'
                             else 'summary') or []
            if self.parts or item['type'] == 'message':
                need([p.get('text', p.get('refusal')) for p in shown]
                     == [p.get('text', p.get('refusal')) for p in self.parts],
                     'parts of the item are not those that were shown')
        else:
            for kind in R_ITEMS.get(item['type'], ()):
                need(self.said.get(kind) == item[R_DONE[kind][0]],
                     f'{kind}.done is not what the item holds')

        self.items.append(item)
        self.item = None

    def part_added(self, v, kind):
        self.at(v)
        need(self.part is None, 'a part in a part')
        need(v.get(R_PARTS[kind]) == len(self.parts), R_PARTS[kind])
        has(v, 'part')
        need(not v['part'].get('text') and not v['part'].get('refusal'),
             'an added part is not empty')
        self.part, self.text, self.said = kind, {}, {}

    def part_done(self, v, kind):
        self.at(v)
        need(self.part == kind, 'a part is done that is not open')
        need(v.get(R_PARTS[kind]) == len(self.parts), R_PARTS[kind])
        text = v['part'].get('text', v['part'].get('refusal'))
        need(list(self.said.values()) == [text], 'part is not its text')
        self.parts.append(v['part'])
        self.part, self.text, self.said = None, {}, {}

    def body(self, v, kind, what):
        self.at(v)
        need(kind in R_ITEMS.get(self.item['type'], ()),
             f'{kind} in {self.item["type"]}')
        need((self.part is None) == (R_DONE[kind][1] is None),
             f'{kind} outside of its part')
        need(kind not in self.said, f'{v["type"]} after {kind}.done')

        if what == 'delta':
            named(v.get('delta'), 'delta')
            self.text[kind] = self.text.get(kind, '') + v['delta']
            return

        text = v.get(R_DONE[kind][0])
        need(text == self.text.get(kind, ''), f'{kind}.done is not its deltas')
        self.said[kind] = text

    def annotation(self, v):
        self.at(v)
        need(self.part, 'an annotation outside of a part')
        has(v, 'annotation', 'annotation_index', 'content_index')

    def terminal(self, v):
        r = v['response']
        status = R_TERMINAL[v['type']]
        response_object(r, (status,))
        need(r['id'] == self.id, 'another response ended')
        need(self.state == ('error' if status == 'failed' else 'running'),
             f'{v["type"]} in state {self.state}')
        if status != 'failed':
            need(self.item is None, 'an open item at the end')
            need(r['output'] == self.items, 'output is not the items done')
            usage_responses(r['usage'])
            for item in r['output']:
                item_responses(item, status == 'incomplete'
                               and item is r['output'][-1])
        else:
            has(r['error'], 'code', 'message')
        self.state = 'ended'

    def event(self, v):
        kind = v['type']

        if kind == 'response.created':
            need(self.state == 'new', 'a second start')
            response_object(v['response'], ('in_progress',))
            need(v['response']['output'] == [], 'output at the start')
            self.id = v['response']['id']
            self.state = 'created'
        elif kind == 'response.in_progress':
            need(self.state == 'created', 'in_progress')
            response_object(v['response'], ('in_progress',))
            self.state = 'running'
        elif kind == 'error':
            need(self.state in ('created', 'running'), 'error')
            has(v, 'code', 'message', 'param')
            self.state = 'error'
        elif kind in R_TERMINAL:
            self.terminal(v)
        elif kind == 'response.output_item.added':
            self.output_item_added(v)
        elif kind == 'response.output_item.done':
            self.output_item_done(v)
        elif kind == 'response.output_text.annotation.added':
            self.annotation(v)
        else:
            base, _, what = kind.rpartition('.')
            if base in R_PARTS and what in ('added', 'done'):
                (self.part_added if what == 'added' else self.part_done)(
                    v, base)
            else:
                need(base in R_DONE and what in ('delta', 'done'),
                     f'event {kind}')
                self.body(v, base, what)

    def stream(self, text):
        for v in typed(text, True):
            need(self.state != 'ended', 'something after the end')
            need(v.get('sequence_number') == self.number,
                 f'sequence_number {v.get("sequence_number")}')
            self.number += 1
            self.event(v)
        need(self.state == 'ended', 'no end')

    def answer(self, v):
        response_object(v, ('completed', 'incomplete'))
        usage_responses(v['usage'])
        for item in v['output']:
            item_responses(item, v['status'] == 'incomplete'
                           and item is v['output'][-1])
