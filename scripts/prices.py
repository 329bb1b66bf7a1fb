#!/usr/bin/env python3
"""Makes codec/provider/provider_prices.c of codec/provider/prices.txt.

    scripts/prices.py --write
    scripts/prices.py --check     fails if the file is not up to date
"""

import os
import re
import sys
from decimal import Decimal

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, 'ngx_http_ccproxy_module/codec/provider')
TEXT = os.path.join(FOLDER, 'prices.txt')
CODE = os.path.join(FOLDER, 'provider_prices.c')
PRESETS = os.path.join(FOLDER, 'provider_table.c')

HEAD = '''
/*
 * Public list prices: of prices.txt, by scripts/prices.py.  Don't edit.
 */

#include "codec/provider/provider_prices.h"


const ccp_list_price_t  ccp_list_prices[] = {
'''

TAIL = '''
    { NULL, NULL, NULL, 0, 0, 0, 0, 0, 0 }
};
'''


def nano(word, where):
    """A decimal as 10^-9, "-" as -1."""
    if word == '-':
        return -1
    value = Decimal(word) * 10**9
    if value != int(value) or value < 0:
        sys.exit(f'{where}: {word} is no price')
    return int(value)


def rows():
    """(presets, models, date, above, five prices) of each line."""
    known = set(re.findall(r'\.name = "([^"]+)"', open(PRESETS).read()))
    presets = date = None

    for n, line in enumerate(open(TEXT), 1):
        where = f'{TEXT}:{n}'
        line = line.split('#')[0].strip()

        if not line:
            continue

        head = re.match(r'\[([^\]]+)\] (\S+) (\d{4}-\d\d-\d\d)$', line)

        if head:
            names = head[1].split()
            unknown = set(names) - known
            if unknown:
                sys.exit(f'{where}: no preset {", ".join(unknown)}')
            presets, date = ','.join(names), head[3]
            continue

        words = line.split()
        above = 0

        if words[-1].startswith('above='):
            above = int(words.pop()[6:])

        if presets is None or len(words) != 6:
            sys.exit(f'{where}: MODEL and five prices are needed')

        yield presets, words[0], date, above, [nano(w, where)
                                               for w in words[1:]]


def code():
    out = HEAD
    last = None

    for presets, models, date, above, prices in rows():
        if presets != last:
            out += f'\n    /* {presets.replace(",", ", ")}: {date} */\n\n'
            last = presets

        figures = ', '.join(str(n) for n in [above] + prices)
        out += (f'    {{ "{presets}",\n      "{models}",\n'
                f'      "{date}",\n      {figures} }},\n')

    return out + TAIL


def main():
    if sys.argv[1:] == ['--write']:
        open(CODE, 'w').write(code())

    elif sys.argv[1:] == ['--check']:
        if open(CODE).read() != code():
            sys.exit('provider_prices.c is not what prices.txt says: '
                     'scripts/prices.py --write')

    else:
        sys.exit(__doc__)


main()
