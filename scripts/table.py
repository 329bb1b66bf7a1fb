#!/usr/bin/env python3
"""The tables of the pages that the code decides.

  table.py            print them
  table.py --write    put them into their pages, between their marks
  table.py --check    fail if a page differs from them, or from what the code
                      has (scripts/pages.py)
  table.py --silent   list what is dropped and the converter says nothing of

CONVERT names the converter, default build/ccproxy-convert (make convert).
The rows of "conversions" are in t/cases/fields.toml.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True
import pages

TOP = pages.TOP
CONVERT = os.environ.get("CONVERT", TOP + "/build/ccproxy-convert")
DIALECTS = TOP + "/ngx_http_ccproxy_module/codec/provider/provider_table.c"
COLUMNS = TOP + "/ngx_http_ccproxy_module/codec/provider/provider_column.c"
BEGIN = "<!-- {}: made by scripts/table.py -->\n"
END = "<!-- end of {} -->\n"
PROVIDERS = "conf/PROVIDERS.md"
CONVERSIONS = "ngx_http_ccproxy_module/codec/CONVERSIONS.md"

PROTOCOLS = ["anthropic", "chat", "responses", "gemini", "ollama"]
TITLES = ["Anthropic", "Chat", "Responses", "Gemini", "Ollama"]
LETTER = dict(zip(PROTOCOLS, "ACRGO"))


def convert(source, target, request):
    run = subprocess.run([CONVERT, "--from", source, "--to", target],
                         input=json.dumps(request).encode(),
                         capture_output=True, timeout=60)
    said = run.stderr.decode(errors="replace").strip().splitlines()

    if run.returncode == 1:
        return None, [line.removeprefix("refused: ") for line in said]
    if run.returncode != 0:
        sys.exit(f"{CONVERT} --from {source} --to {target}: {said}")

    doc = json.loads(run.stdout, parse_int=str, parse_float=str,
                     parse_constant=str)
    return doc, [line.removeprefix("note: ") for line in said]


def leaves(value, path=""):
    """(path, text) of every leaf; elements of arrays share a path."""
    if isinstance(value, dict) and value:
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for member in value:
            yield from leaves(member, path + "[]")
    else:
        text = value if isinstance(value, str) else json.dumps(value)
        yield path, text


def holds(text, marks):
    """Whether the text is a mark, or has a distinctive one in it."""
    for mark in marks:
        if text == mark:
            return True
        if re.search("MARK|TUFS|TVFS|NQVJ|mark_", mark) and mark in text:
            return True
    return False


def short(path, below):
    return path.split("." + below)[0] if below else path


def changes(doc, base, ignore):
    """Members that differ from the base request, as "path: value"."""
    old = list(leaves(base))
    out = []

    for leaf in leaves(doc):
        if leaf in old:
            old.remove(leaf)
        elif not any(leaf[0].startswith(i) for i in ignore):
            path, text = leaf
            if len(text) > 40:
                text = text[:37] + "…"
            out.append(f"`{path}`: `{text}`")

    gone = [leaf for leaf in old
            if not any(leaf[0].startswith(i) for i in ignore)]
    named = [leaf for leaf in gone if leaf[0].endswith(".name")]

    # a value that became another one is told by the new one
    if not out or named:
        out += [f"without `{path}`: `{text}`" for path, text in named or gone]

    return list(dict.fromkeys(out))[:4]


def cell(row, base, source, target):
    """What becomes of the row's concept on this way; and if nothing said."""
    request = base[source] | json.loads(row[source])
    was, was_said = convert(source, target, base[source])
    doc, said = convert(source, target, request)

    if doc is None:
        return "400: " + said[0], False

    said = [s for s in said if s not in was_said]
    marks = row.get("mark", [])
    marks = [marks] if isinstance(marks, str) else marks
    below = row.get("below")

    if marks:
        old = list(leaves(was))
        found = [short(path, below) for path, text in leaves(doc)
                 if holds(text, marks) and (path, text) not in old]
        found = [f"`{path}`" for path in dict.fromkeys(found)]
    else:
        found = changes(doc, was, row.get("ignore", []))

    if found:
        note = f" ({said[0]})" if said and not marks else ""
        return ", ".join(found) + note, False
    if said:
        return "dropped: " + said[0], False

    why = row.get("why", {})
    reason = why.get(target, why.get("all"))

    if reason:
        return "dropped: " + reason, False

    return "dropped", True


def merged(cells):
    """One text for the sources that agree, else one for each of them."""
    texts = {}
    for source, text in cells:
        texts.setdefault(text, []).append(LETTER[source])
    if len(texts) == 1:
        return next(iter(texts))
    return "<br>".join("".join(who) + ": " + text
                       for text, who in texts.items())


def escape(text):
    return text.replace("|", "\\|").replace("\n", " ")


def conversions():
    with open(TOP + "/t/cases/fields.toml", "rb") as f:
        spec = tomllib.load(f)

    bases = {name: {p: json.loads(t) for p, t in b.items()}
             for name, b in spec["base"].items()}
    plain = bases["plain"]
    lines = ["| concept | " + " | ".join(f"to {t}" for t in TITLES) + " |",
             "|" + "---|" * 6]
    silent = []
    jobs = []

    for row in spec["row"]:
        extra = bases.get(row.get("base", "plain"), {})
        base = {p: plain[p] | extra.get(p, {}) for p in PROTOCOLS}
        for target in PROTOCOLS:
            for source in PROTOCOLS:
                if source != target and source in row:
                    jobs.append((row, base, source, target))

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = list(pool.map(lambda job: cell(*job), jobs))

    table = {}
    for (row, _, source, target), (text, quiet) in zip(jobs, results):
        table.setdefault((row["name"], target), []).append((source, text))
        if quiet:
            silent.append(f"{source} to {target}: {row['name']}")

    for row in spec["row"]:
        cells = []
        for target in PROTOCOLS:
            cells_of = table.get((row["name"], target))
            cells.append(escape(merged(cells_of)) if cells_of else "as it came")
        lines.append(f"| {row['name']} | " + " | ".join(cells) + " |")

    return "\n".join(lines) + "\n", silent


# what an upstream says, as an OpenAI-like and as an Anthropic one
ERRORS = [
    ("bad request", 400, "invalid_request_error", None, "no"),
    ("prompt too long", 400, "invalid_request_error",
     "context_length_exceeded", "prompt is too long: 9 tokens > 8 maximum"),
    ("credential refused", 401, "authentication_error", "invalid_api_key", "no"),
    ("no credit", 402, "billing_error", "insufficient_quota", "no"),
    ("forbidden", 403, "permission_error", None, "no"),
    ("not found", 404, "not_found_error", "model_not_found", "no"),
    ("conflict", 409, "conflict_error", None, "no"),
    ("request too large", 413, "request_too_large", None, "no"),
    ("rate limit", 429, "rate_limit_error", "rate_limit_exceeded", "no"),
    ("failed", 500, "api_error", None, "no"),
    ("overloaded", 503, "overloaded_error", None, "no"),
    ("timed out", 504, "timeout_error", None, "no"),
]


def error_cell(client, status, kind, code, message):
    source = "chat" if client == "anthropic" else "anthropic"
    error = {"type": kind, "message": message}
    if source == "chat":
        error |= {"param": None, "code": code}
    doc = {"error": error}
    if source == "anthropic":
        doc["type"] = "error"

    run = subprocess.run([CONVERT, "--response", "--from", source, "--to",
                          client, "--status", str(status), "--content-type",
                          "application/json"], input=json.dumps(doc).encode(),
                         capture_output=True, timeout=60)
    said = re.search(r"status: (\d+)", run.stderr.decode())
    if run.returncode != 0 or not said:
        sys.exit(f"error table: {run.stderr.decode()}")

    error = json.loads(run.stdout)["error"]
    word = error.get("status") or error.get("type") \
        if isinstance(error, dict) else ""
    return said[1] + (f" `{word}`" if word else "")


def errors():
    lines = ["| upstream's error | " + " | ".join(f"{t} client" for t in TITLES)
             + " |", "|" + "---|" * 6]
    for name, *rest in ERRORS:
        cells = [error_cell(client, *rest) for client in PROTOCOLS]
        lines.append(f"| {name}, {rest[0]} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


# a whole answer of Anthropic's, and of Chat's for Anthropic clients
ANSWER = {
    "anthropic": {"id": "msg_1", "type": "message", "role": "assistant",
                  "model": "m", "content": [{"type": "text", "text": "x"}],
                  "stop_reason": "end_turn", "stop_sequence": None,
                  "usage": {"input_tokens": 1, "output_tokens": 1}},
    "chat": {"id": "c", "object": "chat.completion", "created": 1, "model": "m",
             "choices": [{"index": 0, "finish_reason": "stop",
                          "message": {"role": "assistant", "content": "x"}}],
             "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
}
CALL = [{"type": "tool_use", "id": "toolu_1", "name": "a", "input": {}}]
CALLS = [{"id": "toolu_1", "type": "function",
          "function": {"name": "a", "arguments": "{}"}}]
STOPS = [
    ("natural end", {"stop_reason": "end_turn"}, {"finish_reason": "stop"}),
    ("stop sequence", {"stop_reason": "stop_sequence", "stop_sequence": "5"},
     None),
    ("limit of output tokens", {"stop_reason": "max_tokens"},
     {"finish_reason": "length"}),
    ("tool call", {"stop_reason": "tool_use", "content": CALL},
     {"finish_reason": "tool_calls",
      "message": {"role": "assistant", "content": None, "tool_calls": CALLS}}),
    ("refusal", {"stop_reason": "refusal"},
     {"finish_reason": "stop", "message": {"role": "assistant", "content": None,
                                           "refusal": "x"}}),
    ("content filter", None, {"finish_reason": "content_filter"}),
    ("paused turn", {"stop_reason": "pause_turn"}, None),
    ("context window full",
     {"stop_reason": "model_context_window_exceeded"}, None),
]
STOP_MEMBERS = re.compile(r"^(stop_reason|stop_sequence|choices\[\]\.finish_reason"
                          r"|status|incomplete_details\.reason"
                          r"|candidates\[\]\.finishReason|done_reason)$")
COUNTS = {"input_tokens": 1000, "cache_read_input_tokens": 200,
          "cache_creation_input_tokens": 30, "output_tokens": 4000,
          "output_tokens_details": {"thinking_tokens": 500}}
CHAT_COUNTS = {"prompt_tokens": 1230, "completion_tokens": 4000,
               "total_tokens": 5230,
               "prompt_tokens_details": {"cached_tokens": 200,
                                         "cache_write_tokens": 30},
               "completion_tokens_details": {"reasoning_tokens": 500}}
COUNT_MEMBERS = re.compile(r"^(usage\.|usageMetadata\.|prompt_eval_count"
                           r"|eval_count)")


def answer_cell(client, ours, chats, members):
    source, change = ("chat", chats) if client == "anthropic" or not ours \
        else ("anthropic", ours)
    if change is None or source == client:
        return "as it came"

    doc = json.loads(json.dumps(ANSWER[source]))
    if source == "chat" and "prompt_tokens" not in change:
        doc["choices"][0] |= change
    elif source == "chat":
        doc["usage"] = change
    else:
        doc |= change

    run = subprocess.run([CONVERT, "--response", "--from", source, "--to",
                          client, "--content-type", "application/json"],
                         input=json.dumps(doc).encode(), capture_output=True,
                         timeout=60)
    if run.returncode != 0:
        sys.exit(f"answers: {run.stderr.decode()}")

    found = [(path, text) for path, text in leaves(json.loads(run.stdout))
             if members.match(path) and text not in ("null", "0")]
    return ", ".join(f"`{path}`: `{text}`" for path, text in found)


def answers():
    lines = ["| upstream's answer | "
             + " | ".join(f"{t} client" for t in TITLES) + " |",
             "|" + "---|" * 6]
    for name, ours, chats in STOPS:
        cells = [answer_cell(c, ours, chats, STOP_MEMBERS) for c in PROTOCOLS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")

    cells = [answer_cell(c, {"usage": COUNTS}, CHAT_COUNTS, COUNT_MEMBERS)
             for c in PROTOCOLS]
    lines.append("| prompt of 1000 new tokens, 200 from the cache, 30 into it; "
                 "answer of 4000, 500 of them reasoning | "
                 + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def columns(row):
    """Columns of a row in C: strings joined, other values as they stand."""
    found = {}
    for name, value in re.findall(r"\.(\w+)\s*=\s*((?:\"[^\"]*\"\s*)+|[\w| .-]+)",
                                  row):
        strings = re.findall(r'"([^"]*)"', value)
        found[name] = "".join(strings) if strings else value.strip()
    return found


def presets():
    """From the source: rows of the table, columns that macros set included."""
    with open(DIALECTS, encoding="utf-8") as f:
        text = f.read()

    macros = dict(re.findall(r"#define (CCP_\w+_COLUMNS)\s*\\\n((?:.*\\\n)*.*\n)",
                             text))
    body = text[text.index("ccp_provider_rows[]"):]
    lines = ["| preset | protocol | address | key |", "|---|---|---|---|"]

    for row in re.findall(r"\{\n(.*?)\n    \}", body, re.S):
        for name, text in macros.items():
            row = row.replace(name, text.replace("\\\n", "\n"))
        row = columns(row)
        if "name" not in row:
            continue
        keys = ", ".join(f"`{k}`" for k in row.get("env", "").split(",") if k)
        base = row.get("base", "")
        base = f"`{base}`" + (" (yours, by `url`)" if "RESOURCE" in base else "")
        proto = row["proto"].removeprefix("CCP_").lower()
        more = [PROTOCOLS["acrgo".index(item[0])]
                for item in row.get("also", "").split(",") if item]
        more = f" ({', '.join(more)})" if more else ""
        lines.append(f"| [`{row['name']}`]({row['cite']}) | {proto}{more} "
                     f"| {base} | {keys or '—'} |")

    return "\n".join(lines) + "\n"


def quirks():
    """From the source: the columns that users may set."""
    with open(COLUMNS, encoding="utf-8") as f:
        text = f.read()

    text = text[text.index("ccp_columns[] = {"):text.index("of model rules and")]
    text = re.sub(r'"\s*\n\s*"', "", text)
    lines = ["| quirk | value | meaning |", "|---|---|---|"]

    for name, kind, words, doc in re.findall(
            r'ccp_column(?:_as)?\("?(\w+)"?, CCP_COLUMN_(\w+),\s*(?:\w+,\s*)??'
            r'(NULL|"[^"]*"),\s*"([^"]*)"\)', text):
        words = words.strip('"')
        if kind == "ENUM":
            words = ", ".join(f"`{w}`" for w in words.split(","))
        elif words == "NULL":
            words = "`on`, `off`" if "FLAG" in kind else "a number"
        lines.append(f"| `{name}` | {escape(words)} | {escape(doc)} |")

    if len(lines) < text.count("ccp_column"):
        sys.exit(f"{COLUMNS}: read {len(lines) - 2} of "
                 f"{text.count('ccp_column') - 1} columns")
    return "\n".join(lines) + "\n"


def replaced(page, old, name, text):
    head, begin, rest = old.partition(BEGIN.format(name))
    _, end, tail = rest.partition(END.format(name))
    if not begin or not end:
        sys.exit(f"{page} has no marks for the table of {name}")
    return head + begin + "\n" + text + "\n" + end + tail


def tables():
    """Per page its tables by name; and what is dropped in silence."""
    table, silent = conversions()

    return {pages.README: {"directives": pages.directives(
                               pages.read(pages.README))},
            PROVIDERS: {"presets": presets(), "quirks": quirks()},
            CONVERSIONS: {"conversions": table, "answers": answers(),
                          "errors": errors()}}, silent


def main():
    mode = sys.argv[1] if len(sys.argv) > 1 else ""

    if mode not in ("", "--write", "--check", "--silent"):
        sys.exit(__doc__)
    if not os.access(CONVERT, os.X_OK):
        sys.exit(f"no {CONVERT}: make convert")

    made, silent = tables()
    wrong = []

    if mode == "--silent":
        print("\n".join(silent))
        sys.exit(1 if silent else 0)

    for page, texts in made.items():
        old = new = pages.read(page)
        for name, text in texts.items():
            if mode == "":
                print(text)
            new = replaced(page, new, name, text)
        if mode == "--write":
            with open(os.path.join(TOP, page), "w", encoding="utf-8") as f:
                f.write(new)
        elif old != new:
            wrong.append(f"the tables of {page} are not what the code does: "
                         "run scripts/table.py --write")

    if mode != "--check":
        return

    wrong += pages.wrong()
    wrong += [f"dropped without a word: {line}" for line in silent]
    if wrong:
        sys.exit("\n".join(wrong))
    print("table: the pages agree with the code")


if __name__ == "__main__":
    main()
