#!/usr/bin/env python3
"""Makes the manual pages: ngx_http_ccproxy_module(5) from the README and
conf/RUNNING.md, and ccproxy(1) from what
"ccproxy help" says.

  man.py OUTDIR
"""
import os
import re
import subprocess
import sys

top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SECTIONS = ('Endpoints', 'Directives', 'Groups', 'Tool compatibility mode', 'Wishes that a model refuses',
            'Variables', 'Errors', 'Limits')


def text(line):
    """A line of Markdown as roff."""
    line = re.sub(r'<br>', ' ', line)
    line = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', line)
    line = line.replace('\\|', '|').replace('\\', '\\e').replace('-', '\\-')
    line = re.sub(r'\*\*([^*]+)\*\*', r'\\fB\1\\fR', line)
    line = re.sub(r'`([^`]+)`', r'\\fB\1\\fR', line)
    line = re.sub(r'(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])', r'\\fI\1\\fR', line)
    return '\\&' + line if line[:1] in ".'" else line


def cells(row):
    return [c.strip() for c in re.split(r'(?<!\\)\|', row.strip().strip('|'))]


def table(rows):
    """Two columns are terms and what they mean; more are a row a paragraph."""
    head, rows = cells(rows[0]), [cells(r) for r in rows[2:]]
    out = []
    for r in rows:
        if len(r) == 2:
            out += ['.TP', '%s' % text(r[0]), text(r[1])]
            continue
        out += ['.TP', text(r[0])]
        for name, cell in list(zip(head, r))[1:]:
            if cell and cell != '—':
                out += ['%s%s' % (text(name) + ': ' if name else '', text(cell)), '.br']
    return out + ['.PP']


def page(md):
    out, rows, code = [], [], False
    for line in md + ['']:
        if line.startswith('|'):
            rows.append(line)
            continue
        if rows:
            out += table(rows)
            rows = []
        if line.startswith('```'):
            code = not code
            out += ['.PP', '.RS 4', '.nf'] if code else ['.fi', '.RE', '.PP']
        elif code or line.startswith('    '):
            out += [text_code(line)] if code else ['.nf', text_code(line[4:]), '.fi']
        elif line.startswith('<!--'):
            continue
        elif line.startswith('## '):
            out += ['.SH ' + text(line[3:]).upper()]
        elif line.startswith('#'):
            out += ['.SS ' + text(line.lstrip('# '))]
        elif line.startswith('- '):
            out += ['.IP \\(bu 3', text(line[2:])]
        elif not line.strip():
            if out[-1:] != ['.PP']:
                out.append('.PP')
        else:
            out.append(text(line.strip()))
    return out


def text_code(line):
    line = line.replace('\\', '\\e').replace('-', '\\-')
    return '\\&' + line if line[:1] in ".'" else line


def version():
    with open(top + '/ngx_http_ccproxy_module/codec/exchange/exchange.h') as f:
        return re.search(r'#define CCP_VERSION *"(.*)"', f.read())[1]


def module_page(readme, running):
    sections = re.split(r'^(?=## )', readme, flags=re.M)
    intro = sections[0].split('\n\n')[2]
    out = ['.TH NGX_HTTP_CCPROXY_MODULE 5 "" "%s" "nginx modules"' % version(),
           '.SH NAME', 'ngx_http_ccproxy_module \\- any LLM client to any LLM provider, inside nginx',
           '.SH DESCRIPTION'] + page(intro.split('\n'))
    if not any(s.startswith('## Directives') for s in sections):
        sys.exit('man.py: README.md has no section "Directives"')
    for s in sections[1:]:
        if s.split('\n', 1)[0][3:] in SECTIONS:
            out += page(s.rstrip().split('\n'))
    for s in re.split(r'^(?=## )', running, flags=re.M)[1:]:
        out += page(s.rstrip().split('\n'))
    return out + ['.SH SEE ALSO', '.BR ccproxy (1), nginx (8)']


def launcher_page():
    said = subprocess.run([top + '/scripts/ccproxy', 'help'], check=True, text=True,
                          capture_output=True).stdout
    return ['.TH CCPROXY 1 "" "%s" "User Commands"' % version(), '.SH NAME',
            'ccproxy \\- start LLM clients on the gateway in nginx', '.SH SYNOPSIS',
            '.B ccproxy', '.I COMMAND', '.SH DESCRIPTION', '.nf'] + \
        [text_code(l) for l in said.split('\n')] + \
        ['.fi', '.SH SEE ALSO', '.BR ngx_http_ccproxy_module (5)']


def main():
    with open(top + '/README.md', encoding='utf-8') as f:
        readme = f.read()
    with open(top + '/conf/RUNNING.md', encoding='utf-8') as f:
        running = f.read()
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, lines in (('ngx_http_ccproxy_module.5', module_page(readme, running)), ('ccproxy.1', launcher_page())):
        with open(os.path.join(sys.argv[1], name), 'w', encoding='utf-8') as f:
            f.write(re.sub(r'(\.PP\n)+', '.PP\n', '\n'.join(lines) + '\n'))


main()
