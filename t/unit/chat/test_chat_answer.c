
/*
 * Chat Completions answers, out: what a Chat client gets, and every recorded
 * answer of a Chat upstream against what an independent reader finds in it.
 */

#include <jansson.h>

#include "ut_chat.h"


/* ---- chunks ---- */

static json_t *
chunks(chat_res_t *x, int *done)
{
    char         *s, *p, *end;
    json_t       *list, *v;
    json_error_t  je;

    list = json_array();
    *done = 0;
    ccp_out_finish(&x->out);
    s = ut_cstr(ccp_out_all(&x->out));

    for (p = s; (end = strstr(p, "\n\n")) != NULL; p = end + 2) {
        *end = '\0';

        if (strcmp(p, "data: [DONE]") == 0) {
            (*done)++;
            continue;
        }

        if (*p == ':') {
            continue;
        }

        v = strncmp(p, "data: ", 6) == 0 ? json_loads(p + 6, 0, &je) : NULL;

        if (v == NULL || *done) {
            json_array_append_new(list, json_string("unreadable"));
            json_decref(v);
            continue;
        }

        json_array_append_new(list, v);
    }

    if (*p) {
        json_array_append_new(list, json_string("rest"));
    }

    free(s);

    return list;
}


#define CH(delta, fin)                                                        \
    "{\"id\":\"chatcmpl-0123456789abcdefABCDEFGH\",\"object\":"               \
    "\"chat.completion.chunk\",\"created\":1763800000,\"model\":\"m\","       \
    "\"choices\":[{\"index\":0,\"delta\":{" delta "},\"finish_reason\":" fin  \
    "}]" U "}"
#define CALL0(rest)                                                           \
    "\"tool_calls\":[{\"index\":0," rest "}]"
#define USAGE(u)                                                              \
    "{\"id\":\"chatcmpl-0123456789abcdefABCDEFGH\",\"object\":"               \
    "\"chat.completion.chunk\",\"created\":1763800000,\"model\":\"m\","       \
    "\"choices\":[],\"usage\":{" u "}}"

static const char  up_6_5[] =
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{"
    "\"id\":\"msg_05\",\"type\":\"message\",\"role\":\"assistant\",\"model\":"
    "\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,"
    "\"usage\":{\"input_tokens\":20,\"cache_creation_input_tokens\":0,"
    "\"cache_read_input_tokens\":50,\"output_tokens\":1}}}\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{"
    "\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
    "\"thinking_delta\",\"thinking\":\"Use now.\"}}\n\n"
    "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
    "\"signature_delta\",\"signature\":\"U0lH\"}}\n\n"
    "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n"
    "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{"
    "\"type\":\"tool_use\",\"id\":\"toolu_c\",\"name\":\"now\",\"input\":{}}"
    "}\n\n"
    "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n"
    "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
    "\"tool_use\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":20,"
    "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":50,"
    "\"output_tokens\":15,\"output_tokens_details\":{\"thinking_tokens\":5}}"
    "}\n\n"
    "data: {\"type\":\"message_stop\"}\n\n";

#define U ",\"usage\":null"

static const char *const  down_6_5[] = {
    CH("\"role\":\"assistant\",\"content\":\"\"", "null"),
    CH("\"reasoning_content\":\"Use now.\"", "null"),
    CH(CALL0("\"id\":\"toolu_c\",\"type\":\"function\",\"function\":{"
             "\"name\":\"now\",\"arguments\":\"\"}"), "null"),
    CH(CALL0("\"function\":{\"arguments\":\"{}\"}"), "null"),
    CH("", "\"tool_calls\""),
    USAGE("\"prompt_tokens\":70,\"completion_tokens\":15,\"total_tokens\":85,"
          "\"prompt_tokens_details\":{\"cached_tokens\":50},"
          "\"completion_tokens_details\":{\"reasoning_tokens\":5}"),
    NULL
};

#undef U
#define U ""


/* The chunks but for carriers, of which there must be n. */

static int
same_chunks(chat_res_t *x, const char *const *want, int carriers)
{
    int           done, n, ok;
    size_t        i;
    json_t       *list, *v, *w, *d;
    json_error_t  je;

    list = chunks(x, &done);
    ok = done == 1;
    n = 0;

    json_array_foreach(list, i, v) {
        d = json_object_get(json_array_get(json_object_get(v, "choices"), 0),
                            "delta");

        if (json_object_get(d, "reasoning_details")) {
            n++;
            continue;
        }

        w = *want ? json_loads(*want++, 0, &je) : NULL;
        ok &= w && json_equal(v, w);
        json_decref(w);
    }

    ok &= *want == NULL && n == carriers;

    if (!ok) {
        printf("# got:\n%.*s\n", (int) ccp_out_all(&x->out).n,
               ccp_out_all(&x->out).p);
    }

    json_decref(list);

    return ok;
}


static void
test_example_stream(void)
{
    char        *s;
    chat_res_t  *x;

    x = chat_res_new(CCP_ANTHROPIC, NULL, 1);
    x->req.include_usage = 1;
    x->req.model = ccp_lit("m");
    chat_feed(x, ccp_cstr(up_6_5), 0);
    UT_CHECK(same_chunks(x, down_6_5, 1),
             "example 6.5: thought, call, usage, carrier of the proof");
    chat_res_free(x);

    x = chat_res_new(CCP_ANTHROPIC, NULL, 1);
    x->ac.show_think = 0;
    chat_feed(x, ccp_cstr(up_6_5), 0);
    ccp_out_finish(&x->out);
    s = ut_cstr(ccp_out_all(&x->out));
    UT_CHECK(strstr(s, "tool_calls") && !strstr(s, "reasoning_content")
             && !strstr(s, "usage"),
             "T33: usage and thoughts only for those who ask");
    free(s);
    chat_res_free(x);
}


static const char *const  down_calls[] = {
    CH("\"role\":\"assistant\",\"content\":null", "null"),
    CH(CALL0("\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":"
             "\"f\",\"arguments\":\"\"}"), "null"),
    CH(CALL0("\"function\":{\"arguments\":\"{}\"}"), "null"),
    CH("\"tool_calls\":[{\"index\":1,\"id\":\"b\",\"type\":\"function\","
       "\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]", "null"),
    CH("\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"{}\"}}]",
       "null"),
    CH("", "\"tool_calls\""),
    NULL
};

static const char *const  down_legacy[] = {
    CH("\"role\":\"assistant\",\"content\":null", "null"),
    CH("\"function_call\":{\"name\":\"f\",\"arguments\":\"\"}", "null"),
    CH("\"function_call\":{\"arguments\":\"{}\"}", "null"),
    CH("", "\"function_call\""),
    NULL
};

static const char *const  down_empty[] = {
    CH("\"role\":\"assistant\",\"content\":\"\"", "null"),
    CH("", "\"stop\""),
    NULL
};

static const char *const  down_refusal[] = {
    CH("\"role\":\"assistant\",\"content\":\"\"", "null"),
    CH("\"refusal\":\"no\"", "null"),
    CH("", "\"stop\""),
    NULL
};

static const char *const  down_error[] = {
    CH("\"role\":\"assistant\",\"content\":\"\"", "null"),
    CH("\"content\":\"a\"", "null"),
    "{\"error\":{\"message\":\"busy\",\"type\":\"server_error\",\"param\":"
    "null,\"code\":null}}",
    NULL
};


#define IN(d, f)                                                              \
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{" d             \
    "},\"finish_reason\":" f "}]}\n\n"

static void
test_chunks(void)
{
    size_t       i;
    chat_res_t  *x;

    static const struct {
        const char         *name;
        const char         *in;
        const char *const  *out;
        int                 legacy;
    } t[] = {
        { "T06: calls have an index of their own",
          IN("\"tool_calls\":[{\"index\":4,\"id\":\"a\",\"function\":{"
             "\"name\":\"f\",\"arguments\":\"{}\"}},{\"index\":9,\"id\":"
             "\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]",
             "\"tool_calls\""), down_calls, 0 },
        { "legacy functions",
          IN("\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{"
             "\"name\":\"f\",\"arguments\":\"{}\"}}]", "\"tool_calls\""),
          down_legacy, 1 },
        { "an empty answer", IN("", "\"stop\""), down_empty, 0 },
        { "a refusal", IN("\"refusal\":\"no\"", "\"stop\""), down_refusal,
          0 },
        { "T37, T38: an error midway, then one [DONE]",
          IN("\"content\":\"a\"", "null")
          "data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n\n"
          "data: [DONE]\n\n", down_error, 0 },
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        x = chat_res_new(CCP_CHAT, NULL, 1);
        x->req.legacy_fn = t[i].legacy;
        chat_feed(x, ccp_cstr(t[i].in), 0);
        UT_CHECK(same_chunks(x, t[i].out, 0), "chunks: %s", t[i].name);
        chat_res_free(x);
    }
}


static void
test_choices(void)
{
    int          done, finishes[2], roles[2], k;
    size_t       i;
    json_t      *list, *v, *c;
    chat_res_t  *x;

    x = chat_res_new_n(CCP_CHAT, NULL, 1, 2);
    x->req.include_usage = 1;
    chat_feed(x, ccp_cstr(
        "data: {\"id\":\"x\",\"choices\":[{\"index\":1,\"delta\":{\"content\""
        ":\"b\"}},{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n"
        "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},"
        "\"finish_reason\":\"stop\"},{\"index\":1,\"delta\":{},"
        "\"finish_reason\":\"length\"}]}\n\n"
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,"
        "\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"), 0);

    list = chunks(x, &done);
    memset(finishes, 0, sizeof(finishes));
    memset(roles, 0, sizeof(roles));

    json_array_foreach(list, i, v) {
        c = json_array_get(json_object_get(v, "choices"), 0);

        if (c) {
            k = (int) json_integer_value(json_object_get(c, "index"));
            finishes[k & 1] += json_is_string(json_object_get(c,
                                                           "finish_reason"));
            roles[k & 1] += json_object_get(json_object_get(c, "delta"),
                                            "role") != NULL;
        }
    }

    UT_CHECK(done == 1 && finishes[0] == 1 && finishes[1] == 1
             && roles[0] == 1 && roles[1] == 1,
             "n 2: each choice begins and ends once");
    UT_CHECK(json_is_object(json_object_get(
                 json_array_get(list, json_array_size(list) - 1), "usage")),
             "n 2: one usage, last");
    json_decref(list);
    chat_res_free(x);
}


static void
test_ping(void)
{
    ccp_event_t  ev;
    chat_res_t  *x;

    memset(&ev, 0, sizeof(ev));
    ev.kind = CCP_EV_PING;
    x = chat_res_new(CCP_CHAT, NULL, 1);
    ccp_chat_ops.enc_event(x->enc, &ev, &x->out);
    ccp_out_finish(&x->out);
    UT_CHECK(ut_str_is(ccp_out_all(&x->out), ": ping\n\n"),
             "T39: a sign of life is a comment");
    chat_res_free(x);
}


/* ---- whole ---- */

static void
test_whole(void)
{
    int                  ok;
    size_t               i;
    ccp_out_t            out;
    chat_res_t          *x;
    const ccp_error_t   *err;
    const ccp_answer_t  *ans;

#define W(m, f, u)                                                            \
    "{\"id\":\"chatcmpl-0123456789abcdefABCDEFGH\",\"object\":"               \
    "\"chat.completion\",\"created\":1763800000,\"model\":\"m\",\"choices\":["\
    "{\"index\":0,\"message\":{\"role\":\"assistant\"," m "},\"logprobs\":"   \
    "null,\"finish_reason\":\"" f "\"}],\"usage\":{" u "}}"

    static const char *const  t[][3] = {
        { "6.1",
          "{\"id\":\"msg_01\",\"type\":\"message\",\"role\":\"assistant\","
          "\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":"
          "\", 3, 4, \"}],\"stop_reason\":\"stop_sequence\","
          "\"stop_sequence\":\"5\",\"usage\":{\"input_tokens\":18,"
          "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
          "\"output_tokens\":7}}",
          W("\"content\":\", 3, 4, \",\"refusal\":null", "stop",
            "\"prompt_tokens\":18,\"completion_tokens\":7,\"total_tokens\":"
            "25") },
        { "6.2",
          "{\"id\":\"msg_02\",\"type\":\"message\",\"role\":\"assistant\","
          "\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":"
          "\"Checking.\"},{\"type\":\"tool_use\",\"id\":\"toolu_a\",\"name\":"
          "\"weather\",\"input\":{\"city\":\"Oslo\"}},{\"type\":\"tool_use\","
          "\"id\":\"toolu_b\",\"name\":\"now\",\"input\":{}}],"
          "\"stop_reason\":\"tool_use\",\"stop_sequence\":null,\"usage\":{"
          "\"input_tokens\":80,\"cache_creation_input_tokens\":0,"
          "\"cache_read_input_tokens\":0,\"output_tokens\":30}}",
          W("\"content\":\"Checking.\",\"refusal\":null,\"tool_calls\":[{"
            "\"id\":\"toolu_a\",\"type\":\"function\",\"function\":{\"name\":"
            "\"weather\",\"arguments\":\"{\\\"city\\\":\\\"Oslo\\\"}\"}},{"
            "\"id\":\"toolu_b\",\"type\":\"function\",\"function\":{\"name\":"
            "\"now\",\"arguments\":\"{}\"}}]", "tool_calls",
            "\"prompt_tokens\":80,\"completion_tokens\":30,"
            "\"total_tokens\":110") },
        { "6.6, cut by length",
          "{\"id\":\"msg_06\",\"type\":\"message\",\"role\":\"assistant\","
          "\"model\":\"m\",\"content\":[{\"type\":\"text\",\"text\":"
          "\"Once upon a\"}],\"stop_reason\":\"max_tokens\","
          "\"stop_sequence\":null,\"usage\":{\"input_tokens\":9,"
          "\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,"
          "\"output_tokens\":16}}",
          W("\"content\":\"Once upon a\",\"refusal\":null", "length",
            "\"prompt_tokens\":9,\"completion_tokens\":16,\"total_tokens\":"
            "25") },
        { "T46: read and written are in prompt_tokens",
          "{\"id\":\"msg_06\",\"type\":\"message\",\"role\":\"assistant\","
          "\"model\":\"m\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\","
          "\"name\":\"f\",\"input\":{}}],\"stop_reason\":\"tool_use\","
          "\"stop_sequence\":null,\"usage\":{\"input_tokens\":9,"
          "\"cache_creation_input_tokens\":20,\"cache_read_input_tokens\":3,"
          "\"output_tokens\":16}}",
          W("\"content\":null,\"refusal\":null,\"tool_calls\":[{\"id\":\"t\","
            "\"type\":\"function\",\"function\":{\"name\":\"f\","
            "\"arguments\":\"{}\"}}]", "tool_calls",
            "\"prompt_tokens\":32,\"completion_tokens\":16,\"total_tokens\":"
            "48,\"prompt_tokens_details\":{\"cached_tokens\":3,"
            "\"cache_write_tokens\":20}") },
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        x = chat_res_new(CCP_ANTHROPIC, NULL, 0);
        chat_whole(x, ccp_cstr(t[i][1]));
        ans = ccp_aggregate_answer(x->agg, &err);
        ccp_out_init(&out, x->a, 0);
        ok = ans && ccp_chat_ops.enc_whole(&x->ac, ans, &out) == CCP_OK
             && ccp_out_finish(&out) == CCP_OK
             && ut_json_same(ccp_out_all(&out), ccp_cstr(t[i][2]));
        UT_CHECK(ok, "whole: %s", t[i][0]);

        if (!ok) {
            printf("# got %.*s\n", (int) ccp_out_all(&out).n,
                   ccp_out_all(&out).p);
        }

        chat_res_free(x);
    }
}


/* ---- errors ---- */

static void
test_errors(void)
{
    size_t        i;
    ccp_out_t     out;
    ccp_error_t   err;
    ccp_arena_t  *a;

    static const struct {
        ccp_err_e    cls;
        const char  *code;
        int          status;
        const char  *want;
    } t[] = {
        { CCP_E_RATE, NULL, 429, "{\"error\":{\"message\":\"Slow down\","
          "\"type\":\"rate_limit_error\",\"param\":null,\"code\":"
          "\"rate_limit_exceeded\"}}" },
        { CCP_E_BAD_REQUEST, "invalid_image_url", 400,
          "{\"error\":{\"message\":\"Slow down\",\"type\":"
          "\"invalid_request_error\",\"param\":null,\"code\":"
          "\"invalid_image_url\"}}" },
        { CCP_E_TOO_LONG, "400", 400,
          "{\"error\":{\"message\":\"Slow down\",\"type\":"
          "\"invalid_request_error\",\"param\":null,\"code\":"
          "\"context_length_exceeded\"}}" },
        { CCP_E_AUTH, NULL, 401, NULL }, { CCP_E_BILLING, NULL, 429, NULL },
        { CCP_E_QUOTA, NULL, 429, NULL }, { CCP_E_FORBIDDEN, NULL, 403, NULL },
        { CCP_E_NOT_FOUND, NULL, 404, NULL },
        { CCP_E_METHOD, NULL, 405, NULL }, { CCP_E_CONFLICT, NULL, 409, NULL },
        { CCP_E_TOO_LARGE, NULL, 413, NULL },
        { CCP_E_SERVER, NULL, 500, NULL },
        { CCP_E_OVERLOADED, NULL, 503, NULL },
        { CCP_E_TIMEOUT, NULL, 504, NULL },
        { CCP_E_MALFORMED, NULL, 502, NULL },
    };

    a = ut_arena();

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        memset(&err, 0, sizeof(err));
        err.cls = t[i].cls;
        err.message = ccp_lit("Slow down");
        err.code = t[i].code ? ccp_cstr(t[i].code) : ccp_none;
        ccp_out_init(&out, a, 0);
        ccp_chat_ops.error(&err, ccp_lit("id"), &out);
        ccp_out_finish(&out);

        UT_CHECK(ccp_chat_ops.error_status(&err) == t[i].status
                 && (t[i].want == NULL
                     || ut_json_same(ccp_out_all(&out),
                                     ccp_cstr(t[i].want))),
                 "T38: error class %d is status %d", t[i].cls, t[i].status);
    }

    ccp_arena_destroy(a);
}


/* ---- recordings ---- */

typedef struct {
    char    text[65536];
    char    think[65536];
    char    names[4096];
    char    finish[64];
    long    prompt;
    long    completion;
    int     error;
} seen_t;


static void
see(char *to, size_t size, const char *s)
{
    size_t  n;

    n = strlen(to);
    snprintf(to + n, size - n, "%s", s ? s : "");
}


static void
see_content(seen_t *o, json_t *v)
{
    size_t   i;
    json_t  *p, *t;

    if (json_is_string(v)) {
        see(o->text, sizeof(o->text), json_string_value(v));
    }

    json_array_foreach(v, i, p) {
        t = json_object_get(p, "thinking");

        if (json_is_array(t)) {
            see(o->think, sizeof(o->think), json_string_value(
                json_object_get(json_array_get(t, 0), "text")));

        } else {
            see_content(o, json_object_get(p, "text"));
        }
    }
}


static void
see_delta(seen_t *o, json_t *d)
{
    size_t       i;
    json_t      *v;
    const char  *s;

    s = json_string_value(json_object_get(d, "reasoning_content"));
    s = s && *s ? s : json_string_value(json_object_get(d, "reasoning"));
    see(o->think, sizeof(o->think), s);
    see_content(o, json_object_get(d, "content"));
    see(o->text, sizeof(o->text),
        json_string_value(json_object_get(d, "refusal")));

    json_array_foreach(json_object_get(d, "tool_calls"), i, v) {
        s = json_string_value(json_object_get(json_object_get(v, "function"),
                                              "name"));
        if (s && *s) {
            see(o->names, sizeof(o->names), s);
            see(o->names, sizeof(o->names), " ");
        }
    }

    s = json_string_value(json_object_get(json_object_get(d, "function_call"),
                                          "name"));
    if (s && *s) {
        see(o->names, sizeof(o->names), s);
        see(o->names, sizeof(o->names), " ");
    }
}


static void
see_document(seen_t *o, json_t *v)
{
    size_t       i;
    json_t      *c, *u;
    const char  *s;

    u = json_object_get(v, "error");
    o->error |= json_object_size(u) > 0
                || (json_is_string(u) && json_string_length(u));

    json_array_foreach(json_object_get(v, "choices"), i, c) {
        if (json_integer_value(json_object_get(c, "index")) != 0) {
            continue;
        }

        if (!o->finish[0]) {
            u = json_object_get(c, "delta");
            see_delta(o, u ? u : json_object_get(c, "message"));
        }

        s = json_string_value(json_object_get(c, "finish_reason"));

        if (s && *s) {
            snprintf(o->finish, sizeof(o->finish), "%s", s);
        }
    }

    u = json_object_get(v, "usage");

    if (!json_is_object(u)) {
        u = json_object_get(json_object_get(v, "x_groq"), "usage");
    }

    if (json_integer_value(json_object_get(u, "prompt_tokens"))) {
        o->prompt = json_integer_value(json_object_get(u, "prompt_tokens"));
    }

    if (json_integer_value(json_object_get(u, "completion_tokens"))) {
        o->completion = json_integer_value(
            json_object_get(u, "completion_tokens"));

        if (json_integer_value(json_object_get(u, "total_tokens"))
            > o->prompt + o->completion)
        {
            o->completion = json_integer_value(
                json_object_get(u, "total_tokens")) - o->prompt;
        }
    }
}


static seen_t *
see_body(const char *s, int stream)
{
    char        *copy, *line, *save;
    json_t      *v;
    seen_t      *o;

    o = calloc(1, sizeof(seen_t));
    copy = strdup(s);

    if (!stream) {
        v = json_loads(s, 0, NULL);
        see_document(o, v);
        json_decref(v);

    } else {
        for (line = strtok_r(copy, "\r\n", &save); line;
             line = strtok_r(NULL, "\r\n", &save))
        {
            v = strncmp(line, "data:", 5) == 0
                ? json_loads(line + 5, 0, NULL) : NULL;
            see_document(o, v);
            json_decref(v);
        }
    }

    free(copy);

    return o;
}


static int
same_stop(const seen_t *o, const chat_res_t *x)
{
    if (strcmp(o->finish, "length") == 0) {
        return x->stop == CCP_STOP_LENGTH;
    }

    if (strcmp(o->finish, "content_filter") == 0) {
        return x->stop == CCP_STOP_FILTER || x->stop == CCP_STOP_REFUSAL;
    }

    if (o->names[0]) {
        return x->stop == CCP_STOP_TOOL;
    }

    return x->stop == CCP_STOP_END || x->stop == CCP_STOP_REFUSAL;
}


static int64_t
sum(const ccp_usage_t *u)
{
    return (u->in_fresh > 0 ? u->in_fresh : 0)
           + (u->in_read > 0 ? u->in_read : 0)
           + (u->in_write > 0 ? u->in_write : 0);
}


static void
recorded_splits(const ut_rec_t *rec, ccp_str_t s, chat_res_t *x)
{
    int          ok;
    size_t       i, step;
    chat_res_t  *y;

    /* all places of a short one, some hundred of a long one */
    step = s.n / 200 + 1;

    for (ok = 1, i = 0; i < s.n && ok; i += i == 0 ? 1 : step) {
        y = chat_res_new(CCP_CHAT, NULL, 1);
        ok = chat_feed(y, s, i) == CCP_OK && strcmp(x->log, y->log) == 0;
        chat_res_free(y);
    }

    UT_CHECK(ok, "%s: the same, cut anywhere", rec->prefix);
}


static void
recorded(const ut_rec_t *rec, void *arg)
{
    int         *n = arg;
    int          done;
    seen_t      *o;
    json_t      *list;
    ccp_str_t    s;
    chat_res_t  *x;

    s = ut_rec_response(rec);

    if (s.p == NULL || rec->status != 200) {
        free((void *) s.p);
        return;
    }

    (*n)++;
    o = see_body((char *) s.p, rec->stream);
    x = chat_res_new(CCP_CHAT, NULL, rec->stream);

    if (rec->stream) {
        chat_feed(x, s, s.n);
        recorded_splits(rec, s, x);

        list = chunks(x, &done);
        UT_CHECK(done == 1 && json_array_size(list) > 0,
                 "%s: the client's stream ends once", rec->prefix);
        json_decref(list);

    } else {
        chat_whole(x, s);
    }

    UT_CHECK(strcmp(o->text, x->text[CHAT_TEXT]) == 0,
             "%s: text", rec->prefix);
    UT_CHECK(strcmp(o->think, x->text[CHAT_THINK]) == 0,
             "%s: reasoning", rec->prefix);
    UT_CHECK(strcmp(o->names, x->text[CHAT_NAMES]) == 0, "%s: calls [%s] [%s]",
             rec->prefix, o->names, x->text[CHAT_NAMES]);
    UT_CHECK(x->errors == (o->error != 0) && x->ends == 1
             && x->finishes == !o->error, "%s: its end", rec->prefix);

    if (!o->error && x->usage.estimated) {
        UT_CHECK(o->prompt == 0, "%s: usage is unknown", rec->prefix);

    } else if (!o->error) {
        UT_CHECK(same_stop(o, x), "%s: stop %s %d", rec->prefix, o->finish,
                 x->stop);
        UT_CHECK(sum(&x->usage) == o->prompt
                 && (x->usage.out_total > 0 ? x->usage.out_total : 0)
                    == o->completion, "%s: usage %ld %ld", rec->prefix,
                 o->prompt, o->completion);
    }

    free(o);
    free((void *) s.p);
    chat_res_free(x);
}


int
main(void)
{
    int  n;

    test_example_stream();
    test_chunks();
    test_choices();
    test_ping();
    test_whole();
    test_errors();

    n = 0;

    if (ut_recordings("openai-chat", recorded, &n)) {
        UT_CHECK(n > 50, "%d recorded answers", n);
    }

    return ut_done();
}
