
/*
 * What the demo model says.
 */

#include "nginx/pages/ngx_http_ccproxy_pages.h"
#include "codec/json/json_write.h"


/* How much of a message is repeated in an answer. */
#define NGX_HTTP_CCPROXY_DEMO_QUOTE  160


typedef struct {
    const char  *name;
    const char  *value;
} ngx_http_ccproxy_demo_hint_t;


/* Harmless values for parameters of well-known names. */

static const ngx_http_ccproxy_demo_hint_t  ngx_http_ccproxy_demo_hints[] = {
    { "command", "echo hello" },
    { "file_path", "README.md" },
    { "path", "." },
    { "pattern", "*" },
    { "url", "https://example.com/" },
    { "location", "Paris" },
    { "city", "Paris" },
    { "description", "a call by the demo model" },
    { NULL, "demo" }
};


static const char  *ngx_http_ccproxy_demo_verbs[] = {
    "use the tool ", "use the ", "use tool ", "use ",
    "call the tool ", "call the ", "call tool ", "call ",
    "run the ", "run ",
    NULL
};


static ccp_str_t
ngx_http_ccproxy_demo_sub(ccp_str_t s, size_t from, size_t to)
{
    s.p += from;
    s.n = to - from;

    return s;
}


/* Position of a word in a text, whatever its case; -1: it is not there. */

static ssize_t
ngx_http_ccproxy_demo_find(ccp_str_t text, ccp_str_t word, size_t from)
{
    size_t  i;

    for (i = from; i + word.n <= text.n; i++) {
        if (ngx_strncasecmp((u_char *) text.p + i, (u_char *) word.p, word.n)
            == 0)
        {
            return i;
        }
    }

    return -1;
}


/* The last text of a message, without what clients wrap around it. */

static ccp_str_t
ngx_http_ccproxy_demo_text(ngx_http_ccproxy_demo_t *d, ccp_jval_t content)
{
    ssize_t      at;
    ccp_str_t    text, rest;
    ccp_jiter_t  it;

    static const char  reminder[] = "</system-reminder>";

    text = ccp_json_str(content);

    for (it = ccp_json_iter(content); ccp_json_next(&it); /* void */) {
        rest = ccp_json_gets(it.val, "text");

        if (rest.p && !ccp_str_blank(rest)
            && !ccp_str_starts(rest, "<system-reminder>"))
        {
            text = rest;
        }
    }

    if (text.p == NULL) {
        return ccp_lit("");
    }

    text = ccp_str_plain(d->arena, text);
    if (text.p == NULL) {
        return text;
    }

    for ( ;; ) {
        at = ngx_http_ccproxy_demo_find(text, ccp_lit(reminder), 0);
        if (at < 0) {
            break;
        }

        rest = ngx_http_ccproxy_demo_sub(text, at + sizeof(reminder) - 1,
                                         text.n);
        if (ccp_str_blank(rest)) {
            break;
        }

        text = rest;
    }

    while (text.n && *text.p <= ' ') {
        text = ngx_http_ccproxy_demo_sub(text, 1, text.n);
    }

    return text;
}


/* A beginning that ends at a character's end. */

static ccp_str_t
ngx_http_ccproxy_demo_quote(ccp_str_t s)
{
    if (s.n > NGX_HTTP_CCPROXY_DEMO_QUOTE) {
        s.n = NGX_HTTP_CCPROXY_DEMO_QUOTE;

        while (s.n && (s.p[s.n] & 0xc0) == 0x80) {
            s.n--;
        }
    }

    return s;
}


static int
ngx_http_ccproxy_demo_is_word(u_char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}


/* "use the X tool", "call X" … */

static int
ngx_http_ccproxy_demo_asked(ccp_str_t text, ccp_str_t name)
{
    size_t        n;
    ssize_t       at;
    ccp_str_t     verb;
    const char  **v;

    if (name.n == 0) {
        return 0;
    }

    for (v = ngx_http_ccproxy_demo_verbs; *v; v++) {

        verb = ccp_cstr(*v);
        at = ngx_http_ccproxy_demo_find(text, verb, 0);

        while (at >= 0) {
            n = at + verb.n;

            if (n + name.n <= text.n
                && ngx_strncasecmp((u_char *) text.p + n, (u_char *) name.p,
                                   name.n) == 0
                && (at == 0 || !ngx_http_ccproxy_demo_is_word(text.p[at - 1]))
                && (n + name.n == text.n
                    || !ngx_http_ccproxy_demo_is_word(text.p[n + name.n])))
            {
                return 1;
            }

            at = ngx_http_ccproxy_demo_find(text, verb, at + 1);
        }
    }

    return 0;
}


/* The function of the tool that this answer calls; absent: none. */

static ccp_jval_t
ngx_http_ccproxy_demo_choose(ngx_http_ccproxy_demo_t *d, ccp_str_t text)
{
    ngx_uint_t   any;
    ccp_str_t    name, named;
    ccp_jval_t   fn, choice, first;
    ccp_jiter_t  it;

    first = ccp_jabsent;
    choice = ccp_json_opt(d->root, "tool_choice");

    if (ccp_json_is(choice, "none")) {
        return first;
    }

    named = ccp_json_gets(ccp_json_get(choice, "function"), "name");

    any = ccp_json_is(choice, "required")
          || ngx_http_ccproxy_demo_find(text, ccp_lit("call a tool"), 0) >= 0
          || ngx_http_ccproxy_demo_find(text, ccp_lit("use a tool"), 0) >= 0;

    for (it = ccp_json_iter(ccp_json_get(d->root, "tools"));
         ccp_json_next(&it); /* void */)
    {
        fn = ccp_json_get(it.val, "function");
        name = ccp_json_gets(fn, "name");

        if (name.p == NULL) {
            continue;
        }

        if (named.p ? ccp_str_eq(named, name)
                    : ngx_http_ccproxy_demo_asked(text, name))
        {
            return fn;
        }

        if (any && ccp_json_type(first) == CCP_J_ABSENT) {
            first = fn;
        }
    }

    return first;
}


/* A value that fits a schema. */

static void
ngx_http_ccproxy_demo_value(ccp_out_t *out, ccp_jval_t schema, ccp_str_t name,
    ccp_str_t text)
{
    ccp_jval_t                           type;
    ccp_jiter_t                          it;
    const ngx_http_ccproxy_demo_hint_t  *h;

    it = ccp_json_iter(ccp_json_get(schema, "enum"));

    if (ccp_json_next(&it)) {
        ccp_w_raw(out, ccp_json_raw(it.val));
        return;
    }

    type = ccp_json_get(schema, "type");

    it = ccp_json_iter(type);
    if (ccp_json_next(&it)) {
        type = it.val;
    }

    if (ccp_json_is(type, "integer") || ccp_json_is(type, "number")) {
        ccp_w_int(out, 1);

    } else if (ccp_json_is(type, "boolean")) {
        ccp_w_bool(out, 0);

    } else if (ccp_json_is(type, "array")) {
        ccp_w_arr(out);
        ccp_w_arr_end(out);

    } else if (ccp_json_is(type, "object")) {
        ccp_w_obj(out);
        ccp_w_obj_end(out);

    } else if (ccp_str_is(name, "query") || ccp_str_is(name, "prompt")
               || ccp_str_is(name, "text"))
    {
        ccp_w_str(out, ngx_http_ccproxy_demo_quote(text));

    } else {
        for (h = ngx_http_ccproxy_demo_hints; h->name; h++) {
            if (ccp_str_is(name, h->name)) {
                break;
            }
        }

        ccp_w_cstr(out, h->value);
    }
}


/* The required parameters, as the text of a JSON object. */

static int
ngx_http_ccproxy_demo_arguments(ngx_http_ccproxy_demo_t *d, ccp_jval_t fn,
    ccp_str_t text)
{
    ccp_str_t    name;
    ccp_out_t    out;
    ccp_jval_t   schema, prop;
    ccp_jiter_t  it, props;

    ccp_out_init(&out, d->arena, 0);

    schema = ccp_json_get(fn, "parameters");

    ccp_w_obj(&out);

    for (it = ccp_json_iter(ccp_json_get(schema, "required"));
         ccp_json_next(&it); /* void */)
    {
        name = ccp_json_str(it.val);

        if (name.p == NULL) {
            continue;
        }

        prop = ccp_jabsent;

        for (props = ccp_json_iter(ccp_json_get(schema, "properties"));
             ccp_json_next(&props); /* void */)
        {
            if (ccp_str_eq(props.key, name)) {
                prop = props.val;
            }
        }

        ccp_w_keys(&out, name);
        ngx_http_ccproxy_demo_value(&out, prop, name, text);
    }

    ccp_w_obj_end(&out);

    d->answer = ccp_out_all(&out);

    return ccp_out_finish(&out);
}


static int
ngx_http_ccproxy_demo_say(ngx_http_ccproxy_demo_t *d, ccp_str_t text,
    int tool_result)
{
    int         i;
    ccp_buf_t   buf;
    ccp_str_t   quote;

    const char  *said[] = {
        tool_result ? "The tool answered: \"" : "You said: \"",
        "\". I am the demo model built into ccproxy: I run inside of nginx "
        "and know nothing, but what you see went through the same conversion "
        "as the answer of a real provider. Ask me to \"call a tool\" to see "
        "a tool call, or configure a provider to get real answers."
    };

    ccp_buf_init(&buf, d->arena, 0);
    quote = ngx_http_ccproxy_demo_quote(text);

    for (i = 0; i < 2; i++) {
        (void) ccp_buf_add(&buf, said[i], ngx_strlen(said[i]));

        if (i == 0) {
            (void) ccp_buf_add(&buf, quote.p, quote.n);

            if (quote.n < text.n) {
                (void) ccp_buf_add(&buf, "...", 3);
            }
        }
    }

    d->answer = ccp_buf_str(&buf, 0);

    return buf.err ? CCP_NOMEM : CCP_OK;
}


/* End of the word that begins at pos, with the space behind it. */

static size_t
ngx_http_ccproxy_demo_next(ngx_http_ccproxy_demo_t *d, size_t pos)
{
    while (pos < d->answer.n && d->answer.p[pos] != ' ') {
        pos++;
    }

    return pos < d->answer.n ? pos + 1 : pos;
}


/* A word is a token here. */

static void
ngx_http_ccproxy_demo_limit(ngx_http_ccproxy_demo_t *d)
{
    size_t  pos;

    for (pos = 0; pos < d->answer.n; d->tokens++) {

        if (d->tokens == d->max_tokens) {
            d->answer.n = pos;
            d->cut = 1;
            return;
        }

        pos = ngx_http_ccproxy_demo_next(d, pos);
    }
}


static int
ngx_http_ccproxy_demo_parse(ngx_http_ccproxy_demo_t *d, ccp_str_t body)
{
    int         rc;
    ccp_jerr_t  err;
    ccp_jval_t  max;

    ccp_json_init(&d->doc, d->arena);

    rc = ccp_json_parse(&d->doc, body.p, body.n, 0, &err);

    if (rc == CCP_INVALID) {
        return ccp_refuse(&d->error, d->arena, CCP_E_BAD_REQUEST,
                          "the body is not JSON: %s at byte %zu",
                          err.what, err.offset);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    d->root = ccp_json_root(&d->doc);
    d->model = ccp_json_gets(d->root, "model");

    if (d->model.p == NULL) {
        return ccp_refuse(&d->error, d->arena, CCP_E_BAD_REQUEST,
                          "model: a string is required");
    }

    if (ccp_json_count(ccp_json_get(d->root, "messages")) == 0) {
        return ccp_refuse(&d->error, d->arena, CCP_E_BAD_REQUEST,
                          "messages: at least one is required");
    }

    max = ccp_json_opt(d->root, "max_completion_tokens");

    if (!ccp_json_has(max)) {
        max = ccp_json_opt(d->root, "max_tokens");
    }

    d->max_tokens = ccp_json_int(max, -1);
    d->prompt_tokens = (int64_t) body.n / 4 + 1;
    d->stream = ccp_json_bool(ccp_json_get(d->root, "stream"), 0) == 1;
    d->usage = ccp_json_bool(ccp_json_get(ccp_json_get(d->root,
                                                       "stream_options"),
                                          "include_usage"), 0) == 1;

    return CCP_OK;
}


int
ngx_http_ccproxy_demo_read(ngx_http_ccproxy_demo_t *d, ccp_str_t body)
{
    int          rc, result;
    ccp_str_t    text;
    ccp_jval_t   fn, content;
    ccp_jiter_t  it;

    rc = ngx_http_ccproxy_demo_parse(d, body);
    if (rc != CCP_OK) {
        return rc;
    }

    content = ccp_jabsent;
    result = 0;

    for (it = ccp_json_iter(ccp_json_get(d->root, "messages"));
         ccp_json_next(&it); /* void */)
    {
        if (ccp_json_is(ccp_json_get(it.val, "role"), "user")
            || ccp_json_is(ccp_json_get(it.val, "role"), "tool"))
        {
            content = ccp_json_get(it.val, "content");
            result = ccp_json_is(ccp_json_get(it.val, "role"), "tool");
        }
    }

    text = ngx_http_ccproxy_demo_text(d, content);
    if (text.p == NULL) {
        return CCP_NOMEM;
    }

    fn = ccp_jabsent;

    if (!result) {
        fn = ngx_http_ccproxy_demo_choose(d, text);
    }

    if (ccp_json_has(fn)) {
        d->tool = ccp_json_gets(fn, "name");
        rc = ngx_http_ccproxy_demo_arguments(d, fn, text);

    } else {
        rc = ngx_http_ccproxy_demo_say(d, text, result);
    }

    if (rc == CCP_OK) {
        ngx_http_ccproxy_demo_limit(d);
    }

    return rc;
}


/* ---- writing ---- */

static void
ngx_http_ccproxy_demo_open(ngx_http_ccproxy_demo_t *d, ccp_out_t *out,
    const char *object)
{
    ccp_w_obj(out);
    ccp_w_kstr(out, "id", d->id);
    ccp_w_kcstr(out, "object", object);
    ccp_w_kint(out, "created", d->created);
    ccp_w_kstr(out, "model", d->model);
}


static const char *
ngx_http_ccproxy_demo_finish(ngx_http_ccproxy_demo_t *d)
{
    return d->cut ? "length" : d->tool.p ? "tool_calls" : "stop";
}


static void
ngx_http_ccproxy_demo_usage(ngx_http_ccproxy_demo_t *d, ccp_out_t *out)
{
    ccp_w_key(out, "usage");
    ccp_w_obj(out);
    ccp_w_kint(out, "prompt_tokens", d->prompt_tokens);
    ccp_w_kint(out, "completion_tokens", d->tokens);
    ccp_w_kint(out, "total_tokens", d->prompt_tokens + d->tokens);
    ccp_w_obj_end(out);
}


/* The member tool_calls; first: with what comes only once. */

static void
ngx_http_ccproxy_demo_call(ngx_http_ccproxy_demo_t *d, ccp_out_t *out,
    ccp_str_t arguments, int first, int stream)
{
    ccp_w_key(out, "tool_calls");
    ccp_w_arr(out);
    ccp_w_obj(out);

    if (stream) {
        ccp_w_kint(out, "index", 0);
    }

    if (first) {
        ccp_w_key(out, "id");
        ccp_w_str_open(out);
        ccp_w_str_part(out, ccp_lit("call_"));
        ccp_w_str_part(out, d->id);
        ccp_w_str_close(out);
        ccp_w_kcstr(out, "type", "function");
    }

    ccp_w_key(out, "function");
    ccp_w_obj(out);

    if (first) {
        ccp_w_kstr(out, "name", d->tool);
    }

    ccp_w_kstr(out, "arguments", arguments);
    ccp_w_obj_end(out);
    ccp_w_obj_end(out);
    ccp_w_arr_end(out);
}


void
ngx_http_ccproxy_demo_whole(ngx_http_ccproxy_demo_t *d, ccp_out_t *out)
{
    ngx_http_ccproxy_demo_open(d, out, "chat.completion");

    ccp_w_key(out, "choices");
    ccp_w_arr(out);
    ccp_w_obj(out);
    ccp_w_kint(out, "index", 0);
    ccp_w_key(out, "message");
    ccp_w_obj(out);
    ccp_w_kcstr(out, "role", "assistant");

    if (d->tool.p) {
        ccp_w_knull(out, "content");
        ngx_http_ccproxy_demo_call(d, out, d->answer, 1, 0);

    } else {
        ccp_w_kstr(out, "content", d->answer);
    }

    ccp_w_obj_end(out);
    ccp_w_kcstr(out, "finish_reason", ngx_http_ccproxy_demo_finish(d));
    ccp_w_obj_end(out);
    ccp_w_arr_end(out);

    ngx_http_ccproxy_demo_usage(d, out);
    ccp_w_obj_end(out);
}


/* One event: with a word of the answer, or (absent) with its end. */

static void
ngx_http_ccproxy_demo_chunk(ngx_http_ccproxy_demo_t *d, ccp_out_t *out,
    ccp_str_t word)
{
    int  first;

    first = !d->started;
    d->started = 1;

    ccp_out_lit(out, "data: ");
    out->comma = 0;

    ngx_http_ccproxy_demo_open(d, out, "chat.completion.chunk");

    ccp_w_key(out, "choices");
    ccp_w_arr(out);
    ccp_w_obj(out);
    ccp_w_kint(out, "index", 0);
    ccp_w_key(out, "delta");
    ccp_w_obj(out);

    if (first) {
        ccp_w_kcstr(out, "role", "assistant");
    }

    if (word.p == NULL) {
        ccp_w_obj_end(out);
        ccp_w_kcstr(out, "finish_reason", ngx_http_ccproxy_demo_finish(d));

    } else {
        if (d->tool.p) {
            ngx_http_ccproxy_demo_call(d, out, word, first, 1);
        } else {
            ccp_w_kstr(out, "content", word);
        }

        ccp_w_obj_end(out);
        ccp_w_knull(out, "finish_reason");
    }

    ccp_w_obj_end(out);
    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
    ccp_out_lit(out, "\n\n");
}


int
ngx_http_ccproxy_demo_word(ngx_http_ccproxy_demo_t *d, ccp_out_t *out)
{
    size_t  end;

    if (d->pos < d->answer.n) {
        end = ngx_http_ccproxy_demo_next(d, d->pos);

        ngx_http_ccproxy_demo_chunk(d, out,
                       ngx_http_ccproxy_demo_sub(d->answer, d->pos, end));
        d->pos = end;

        return 1;
    }

    ngx_http_ccproxy_demo_chunk(d, out, ccp_none);

    if (d->usage) {
        ccp_out_lit(out, "data: ");
        out->comma = 0;

        ngx_http_ccproxy_demo_open(d, out, "chat.completion.chunk");
        ccp_w_key(out, "choices");
        ccp_w_arr(out);
        ccp_w_arr_end(out);
        ngx_http_ccproxy_demo_usage(d, out);
        ccp_w_obj_end(out);
        ccp_out_lit(out, "\n\n");
    }

    ccp_out_lit(out, "data: [DONE]\n\n");

    return 0;
}
