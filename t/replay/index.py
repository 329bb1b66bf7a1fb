"""The recordings' index, read."""

import json
import os


class Recording:
    def __init__(self, root, line, prefix, protocol, status, stream):
        self.path = os.path.join(root, prefix)
        self.line = line
        self.prefix = prefix
        self.protocol = protocol
        self.status = status
        self.stream = stream

        with open(self.path + '.meta.json', encoding='utf-8') as f:
            self.content_type = json.load(f)['content_type']

    def response(self):
        for suffix in ('sse', 'ndjson', 'json'):
            name = f'{self.path}.response.{suffix}'
            if os.path.exists(name):
                with open(name, 'rb') as f:
                    return f.read()
        raise FileNotFoundError(self.path)


def read_index(root):
    """All exchanges, by their line from 0."""
    recordings = []

    with open(os.path.join(root, 'index.tsv'), encoding='utf-8') as f:
        next(f)
        for line, row in enumerate(f):
            prefix, protocol, _, status, stream = row.split('\t')[:5]
            recordings.append(Recording(root, line, prefix, protocol,
                                        int(status), stream == 'yes'))
    return recordings
