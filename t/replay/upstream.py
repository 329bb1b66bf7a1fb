#!/usr/bin/env python3
"""A provider that answers with recorded bytes.

    upstream.py PORT RECORDINGS SEED

The model that is asked for names the exchange: r<line of the index>-<number
of the run>.  The body goes out in HTTP chunks that are cut at random places,
inside of UTF-8 sequences and between CR and LF too; now and then it ends with
the connection instead.  The same seed cuts the same way.  A request that does
not fit the exchange's protocol is refused with status 418.
"""

import asyncio
import json
import random
import re
import sys

from index import read_index

PATHS = {
    'anthropic': r'/v1/messages',
    'openai-chat': r'/v1/chat/completions',
    'openai-responses': r'/v1/responses',
    'gemini': r'/v1beta/models/([^:/]+):(?:stream)?[gG]enerateContent(?:\?alt=sse)?',
    'ollama': r'/api/chat',
}


def cuts(rng, data):
    """Places to cut data at: some anywhere, some where it hurts."""
    n = len(data)
    if n < 2:
        return []

    at = {rng.randrange(1, n) for _ in range(rng.choice((0, 1, 3, 10, 40)))}

    odd = [i for i in range(1, n)
           if data[i] & 0xc0 == 0x80 or data[i] == 10 or data[i - 1] == 0x5c]
    at.update(rng.sample(odd, min(len(odd), rng.choice((0, 5, 30)))))

    if rng.random() < 0.5:
        first = rng.randrange(1, n)
        at.update(range(first, min(n, first + 50)))

    return sorted(at)


def pieces(rng, data):
    last = 0
    for i in cuts(rng, data) + [len(data)]:
        if i > last:
            yield data[last:i]
        last = i


class Upstream:
    def __init__(self, recordings, seed):
        self.index = read_index(recordings)
        self.seed = seed

    def find(self, method, path, body):
        """The exchange that is asked for, and its run."""
        request = json.loads(body)
        model = request.get('model')

        if model is None:
            model = re.fullmatch(PATHS['gemini'], path).group(1)

        line, run = re.fullmatch(r'r(\d+)-(\d+)', model).groups()
        rec = self.index[int(line)]

        if method != 'POST' or not re.fullmatch(PATHS[rec.protocol], path):
            raise ValueError(f'{method} {path} is not {rec.protocol}')

        return rec, run

    async def answer(self, method, path, body, out):
        try:
            rec, run = self.find(method, path, body)
        except (ValueError, AttributeError, KeyError, IndexError) as e:
            text = json.dumps({'error': f'asked in a wrong way: {e}'}).encode()
            out.write(b'HTTP/1.1 418 No\r\nContent-Type: application/json\r\n'
                      b'Content-Length: %d\r\n\r\n' % len(text) + text)
            return True

        rng = random.Random(f'{self.seed} {rec.line} {run}')
        data = rec.response()
        chunked = rng.random() < 0.85

        out.write((f'HTTP/1.1 {rec.status} Recorded\r\n'
                   f'Content-Type: {rec.content_type}\r\n'
                   + ('Transfer-Encoding: chunked\r\n' if chunked
                      else 'Connection: close\r\n') + '\r\n').encode())

        for piece in pieces(rng, data):
            if chunked:
                piece = b'%x\r\n' % len(piece) + piece + b'\r\n'

            out.write(piece)

            if rng.random() < 0.3:
                await out.drain()
                await asyncio.sleep(0)

        if chunked:
            out.write(b'0\r\n\r\n')

        return chunked

    async def serve(self, inp, out):
        try:
            while True:
                head = (await inp.readuntil(b'\r\n\r\n')).decode('latin-1')
                method, path = head.split(' ', 2)[:2]
                length = re.search(r'(?i)\r\ncontent-length: *(\d+)', head)
                body = await inp.readexactly(int(length.group(1)) if length
                                             else 0)

                if not await self.answer(method, path, body, out):
                    break
                await out.drain()

        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            out.close()


async def main(port, recordings, seed):
    upstream = Upstream(recordings, seed)
    server = await asyncio.start_server(upstream.serve, '127.0.0.1', port,
                                        limit=1 << 20)
    print('ready', flush=True)
    await server.serve_forever()


if __name__ == '__main__':
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
