#!/usr/bin/env python3
"""Uses of functions and data that run against scripts/rooms.

usage: scripts/calls.py OBJECTS    (build/unit, build/module/addon)

Includes tell what a file may use, the symbols of its object what it does use.
OBJECTS holds an object for each file of some rooms: codec/json/json_read.o as
`make unit` lays them, or json/json_read.o as nginx does.  Says nothing and
returns 0 if all is well, also where there are no objects.  Files whose object
is older than they are aren't looked at.
"""

import collections
import glob
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MODULE = os.path.join(ROOT, 'ngx_http_ccproxy_module')

# Its symbols are the configuration that all of nginx/ is told by.
EVERYBODYS = 'nginx'


def rooms():
    """Room -> the rooms that it may use."""
    allowed = {}

    for line in open(os.path.join(ROOT, 'scripts', 'rooms')):
        if line[0].isalpha():
            room, _, others = line.partition(':')
            allowed.setdefault(room, set()).update(others.split())

    return allowed


def objects(allowed, where):
    """(room, path) of each file's object, if that is not out of date."""
    for room in allowed:
        for source in sorted(glob.glob(os.path.join(MODULE, room, '*.c'))):
            name = os.path.basename(source)[:-2] + '.o'

            for folder in room, os.path.basename(room):
                path = os.path.join(where, folder, name)

                if os.path.exists(path):
                    if os.path.getmtime(path) >= os.path.getmtime(source):
                        yield room, path
                    break


def symbols(paths):
    """(path, kind, name) of each symbol, kind as nm has it."""
    run = subprocess.run(['nm', '-A', *paths], capture_output=True, text=True,
                         check=True)

    for line in run.stdout.splitlines():
        path, _, rest = line.rpartition(':')
        *_, kind, name = rest.split()
        yield path, kind, name


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)

    allowed = rooms()
    room_of = {path: room for room, path in objects(allowed, sys.argv[1])}
    home, uses = {}, []
    wrong = collections.defaultdict(list)

    if not room_of:
        return 0

    for path, kind, name in symbols(sorted(room_of)):
        if kind in 'TDRBCV':
            home[name] = room_of[path]

        elif kind == 'U':
            uses.append((room_of[path], os.path.basename(path), name))

    for room, file, name in uses:
        to = home.get(name, room)

        if to not in (room, EVERYBODYS) and to not in allowed[room]:
            wrong[room, to, name].append(file)

    for (room, to, name), files in sorted(wrong.items()):
        print(f'{room} -> {to}: {name} ({", ".join(files)})')

    return bool(wrong)


if __name__ == '__main__':
    sys.exit(main())
