"""What the pages must say because the code has it: directives with their
contexts, statements of a provider's block, variables, rooms; and links that
lead somewhere.  scripts/table.py --check looks at all of it.
"""

import os
import re

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CODE = "ngx_http_ccproxy_module"
MODULE = CODE + "/nginx/ngx_http_ccproxy_module.c"
PROVIDER = CODE + "/nginx/conf/ngx_http_ccproxy_provider_statement.c"
VARIABLES = CODE + "/nginx/request/ngx_http_ccproxy_variables.c"
ROOMS = "scripts/rooms"
README = "README.md"
RUNNING = "conf/RUNNING.md"
MAP = CODE + "/README.md"
MOST = 35000     # bytes of README.md: what is longer belongs to another page

CONTEXTS = {"NGX_HTTP_UPS_CONF": ["upstream"],
            "NGX_HTTP_MAIN_CONF": ["http"],
            "NGX_HTTP_CCPROXY_LEVELS": ["http", "server", "location"],
            "NGX_HTTP_LOC_CONF": ["location"]}


def read(path):
    with open(os.path.join(TOP, path), encoding="utf-8") as f:
        return f.read()


def array(path, declaration):
    """The text of an array in C, from its name to its end."""
    text = read(path)
    begin = text.index(declaration)
    return text[begin:text.index("\n};", begin)]


def commands():
    """(directive, its contexts) of each entry of the module's table."""
    found = []
    for name, flags in re.findall(r'ngx_string\("(\w+)"\),\s*([\w|]+),',
                                  array(MODULE, "ngx_http_ccproxy_commands[]")):
        found.append((name, [word for flag in flags.split("|")
                             for word in CONTEXTS.get(flag, [])]))
    return found


def blocks(readme):
    """(heading, text) of each section of the third level."""
    parts = re.split(r"^#{1,3} (.*)\n", readme, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def described(readme):
    """(page, heading, text) of what may be a directive's block."""
    return [(page, head, text) for page, said in ((README, readme),
                                                  (RUNNING, read(RUNNING)))
            for head, text in blocks(said)]


def form(text):
    """The rows Syntax, Default and Context of a block, by their names."""
    return dict(re.findall(r"^\| (Syntax|Default|Context) \| (.*) \|$", text,
                           re.M))


def words_of(cell):
    return set(re.findall(r"`(\w+)`", cell))


def slug(heading):
    """The anchor that a heading gets."""
    text = re.sub(r"[^\w\- ]", "", heading.lower())
    return text.replace(" ", "-")


def directives(readme):
    """The list of directives by context, in the order of the pages."""
    lines = ["| in | |", "|---|---|"]

    for context in (["upstream"], ["http"], ["http", "server", "location"],
                    ["location"]):
        names = {name for name, words in commands() if words == context}
        links = []
        for page, head, text in described(readme):
            name = head.split(" ")[0]
            # a name that is two directives has two headings
            has = words_of(form(text).get("Context", ""))
            if name in names and has >= set(context):
                at = "" if page == README else page
                links.append(f"[{name}]({at}#{slug(head)})")
        lines.append("| " + ", ".join(f"`{word}`" for word in context) + " | "
                     + ", ".join(links) + " |")

    return "\n".join(lines) + "\n"


def wrong_directives(readme):
    found = {}

    for page, head, text in described(readme):
        if not head.startswith("ccproxy"):
            continue
        name = head.split(" ")[0]
        rows = form(text)
        if len(rows) < 3 or f"**{name}**" not in rows["Syntax"]:
            yield f"{page}: \"{head}\" has no syntax, default and context"
            continue
        found.setdefault(name, []).append(words_of(rows["Context"]))

    for name, words in commands():
        if not any(set(words) <= has for has in found.get(name, [])):
            yield f"{README}: no block for {name} in {', '.join(words)}"

    known = {}
    for name, words in commands():
        known.setdefault(name, set()).update(words)
    for name, sets in found.items():
        for word in set().union(*sets) - known.get(name, set()):
            yield f"{README}: {name} is no directive of {word}"


def differ(page, what, code, said):
    for name in sorted(code - said):
        yield f"{page}: {what} {name} is missing"
    for name in sorted(said - code):
        yield f"{page}: there is no {what} {name}"


def wrong_names(readme):
    sections = dict(blocks(readme))

    code = array(PROVIDER, "ngx_http_ccproxy_statements[]")
    rows = [line.split(" | ")[0]
            for line in sections["ccproxy_provider"].split("\n")
            if line.startswith("| `")]
    yield from differ(README, "statement",
                      set(re.findall(r'_(?:statement|slot)\("(\w+)",(?![^"]*_later)',
                                     code)),
                      {word for row in rows
                       for word in re.findall(r"(?:^\| |; )`(\w+)`", row)})

    code = array(VARIABLES, "ngx_http_ccproxy_vars[]")
    rows = [line.split(" | ")[0] for line in sections["Variables"].split("\n")
            if line.startswith("| `")]
    yield from differ(README, "variable",
                      set(re.findall(r'(?:_var\("|\("ccproxy_)(\w+)"', code)),
                      {word for row in rows
                       for word in re.findall(r"`\$ccproxy_(\w+)`", row)})


def wrong_rooms():
    rooms = set(re.findall(r"^([\w/]+):", read(ROOMS), re.M))
    yield from differ(MAP, "room", rooms,
                      set(re.findall(r"^\| `([\w/]+)` \|", read(MAP), re.M)))


def pages():
    for path, folders, files in os.walk(TOP):
        folders[:] = [name for name in folders
                      if name not in ("build", "node_modules")
                      and (name == ".ci" or not name.startswith("."))
                      and not name.startswith("servroot")]
        for name in files:
            if name.endswith(".md"):
                yield os.path.relpath(os.path.join(path, name), TOP)


def text_of(page):
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```|^    .*?$", "", read(page), flags=re.M | re.S)


def anchors(page):
    return {slug(head) for head in re.findall(r"^#+ (.*)$", text_of(page),
                                              re.M)}


def wrong_links():
    for page in pages():
        for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
            if re.match(r"\w+:", link):
                continue
            path, _, anchor = link.partition("#")
            path = os.path.normpath(os.path.join(os.path.dirname(page), path)) \
                if path else page
            if not os.path.exists(os.path.join(TOP, path)):
                yield f"{page}: {link} leads to no file"
            elif anchor and anchor not in anchors(path):
                yield f"{page}: {link} leads to no heading"


def wrong():
    """What is missing or wrong, a line each."""
    readme = read(README)
    size = len(readme.encode())

    if size > MOST:
        yield f"{README}: {size} bytes, at most {MOST}"
    yield from wrong_directives(readme)
    yield from wrong_names(readme)
    yield from wrong_rooms()
    yield from wrong_links()
