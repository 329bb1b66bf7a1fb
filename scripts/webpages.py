#!/usr/bin/env python3
"""The status page and the index as C: pages/page/* into headers.

  webpages.py --write    make the headers
  webpages.py --check    fail if one differs from its sources

A page is one document: style and script stand in it, and its policy names
their hashes, so that a browser runs nothing else.
"""

import base64
import hashlib
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
SOURCE = TOP + "/ngx_http_ccproxy_module/nginx/pages/page/"
WIDTH = 72

# page, its header, the name in C
PAGES = [
    ("page", "nginx/pages/ngx_http_ccproxy_page.h", "page"),
    ("index", "nginx/request/ngx_http_ccproxy_index.h", "index"),
]


def read(name):
    with open(SOURCE + name, encoding="utf-8") as f:
        return f.read()


def digest(text):
    return "'sha256-" + base64.b64encode(
        hashlib.sha256(text.encode()).digest()).decode() + "'"


def literal(text):
    """Lines of C strings."""
    lines, line = [], ""
    before = ""
    for byte in text.encode():
        c = chr(byte)
        if c == "\n":
            c = "\\n"
        elif c in '"\\':
            c = "\\" + c
        elif c == "?" and before == "?":
            c = "\\?"
        elif byte >= 0x7f or byte < 0x20:
            c = f"\\{byte:03o}"
        before = chr(byte)
        if len(line) + len(c) > WIDTH:
            lines.append(line)
            line = ""
        line += c
    lines.append(line)
    return "\n".join(f'    "{x}"' for x in lines)


def array(name, text):
    return f"static const char  ngx_http_ccproxy_{name}[] =\n{literal(text)};\n"


def header(page, path, name):
    css, js = read("page.css"), read(page + ".js")
    html = read(page + ".html").replace("%css%", css).replace("%js%", js)
    guard = f"_NGX_HTTP_CCPROXY_{name.upper()}_H_INCLUDED_"
    policy = ("default-src 'none'; style-src " + digest(css) + "; script-src "
              + digest(js) + "; connect-src 'self'; base-uri 'none'; "
              "form-action 'none'; frame-ancestors 'none'")
    parts = []
    if name == "page":
        head, rest = html.split("%tables%</main>\n")
        between, tail = rest.split("%state%")
        # the server writes tables and data between these
        parts = [("page_head", head), ("page_tail", between + tail)]
    else:
        parts = [(name, html)]
    text = (f"\n/*\n * Made by scripts/webpages.py from nginx/pages/page/{page}.html, "
            f"page.css and\n * {page}.js.\n */\n\n#ifndef {guard}\n#define {guard}\n\n\n"
            f"#define NGX_HTTP_CCPROXY_{name.upper()}_POLICY  "
            + "\\\n" + literal(policy).replace("\n", " \\\n") + "\n\n\n"
            + "\n\n".join(array(n, t) for n, t in parts)
            + f"\n\n#endif /* {guard} */\n")
    return TOP + "/ngx_http_ccproxy_module/" + path, text


def main():
    if sys.argv[1:] not in (["--write"], ["--check"]):
        sys.exit(__doc__)
    wrong = 0
    for page, path, name in PAGES:
        path, text = header(page, path, name)
        try:
            with open(path, encoding="utf-8") as f:
                old = f.read()
        except FileNotFoundError:
            old = ""
        if sys.argv[1] == "--write":
            if old != text:
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
        elif old != text:
            print(f"{path} is not what its sources make: scripts/webpages.py --write")
            wrong = 1
    sys.exit(wrong)


if __name__ == "__main__":
    main()
