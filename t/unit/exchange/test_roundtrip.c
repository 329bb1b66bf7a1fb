
/*
 * Requests there and back: every recorded request decoded, encoded and decoded
 * again.  In its own protocol nothing of what the neutral form holds may be
 * lost; through another protocol the texts, calls and results stay.
 *
 * A request is reduced to lines, "field: value"; the two lists are compared.
 * What is known to change stands in ut_known, with its reason.
 */

#define _GNU_SOURCE

#include <jansson.h>

#include "codec/base/base_id.h"
#include "codec/json/json_out.h"
#include "codec/json/json_read.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto.h"
#include "ut_lines.h"
#include "ut_said.h"


typedef struct {
    ccp_arena_t    *a;
    ccp_json_t      doc;
    ccp_request_t   r;
    ccp_error_t     err;
} ut_req_t;


/* What may differ, how a line of it begins, and why; where is the beginning
 * of the exchange's name, NULL: all of that protocol. */

typedef struct {
    ccp_proto_e   proto;
    const char   *where;
    char          sign;        /* '-' lost, '+' added */
    const char   *line;
    const char   *why;
} ut_known_t;

static const ut_known_t  ut_known[] = {
    { CCP_ANTHROPIC, NULL, '-', "parallel: 1", "the default is not written" },
    { CCP_ANTHROPIC, "anthropic/rig-strict-schema-matrix-scalar-root", '-',
      "tool.schema: {\"type\":\"string\"}", "arguments are an object" },
    { CCP_ANTHROPIC, "anthropic/rig-strict-schema-matrix-scalar-root", '+',
      "tool.schema: {\"properties\":{}", "the same" },
    { CCP_GEMINI, NULL, '-', "message: 1", "turns of one role are one "
      "content" },
    { CCP_CHAT, NULL, '-', "n: 1", "the default is not written" },
    { CCP_CHAT, NULL, '-', "n: 2", "refused before anything is written" },
    { CCP_CHAT, NULL, '+', "include_usage: 1", "tokens are always counted" },
    { CCP_CHAT, NULL, '+', "format.strict: 0", "the default is written" },
    { CCP_CHAT, NULL, '-', "think.mode:", "plain servers have no switch" },
    { CCP_CHAT, NULL, '-', "sig:", "proofs go back to their maker alone" },
    { CCP_CHAT, NULL, '-', "block: think", "only some servers take reasoning "
      "back" },
    { CCP_CHAT, "ollama/", '-', "text: Okay, the user asked", "the same" },
    { CCP_CHAT, "xai/", '-', "text: First, the user is", "the same" },
    { CCP_CHAT, "openrouter/", '-', "text: This is a simple", "the same" },
    { CCP_CHAT, "openai/", '+', "cache_key:", "the user's id is the key" },
    { CCP_CHAT, "deepseek/", '-', "tool.strict: 1", "not on this server" },
    { CCP_CHAT, "other/zai", '-', "tool.strict: 0", "not on this server" },
    { CCP_CHAT, "other/zai", '-', "choice", "it knows auto alone" },
    { CCP_CHAT, "other/zai", '+', "choice: 1", "the same" },
    { CCP_CHAT, "mistral/", '-', "top_logprobs", "few models have them" },
    { CCP_CHAT, "mistral/", '-', "logprobs", "the same" },
    { CCP_CHAT, "mistral/", '-', "media.detail: auto", "the same" },
    { CCP_CHAT, "mistral/", '-', "id: call_REDACTED_1", "ids have 9 "
      "characters there" },
    { CCP_CHAT, "mistral/", '+', "id: WBHtY8jDy", "the same" },
    { CCP_CHAT, "mistral/", '+', "message: 2", "no user message may follow a "
      "tool's there" },
    { CCP_CHAT, "mistral/", '+', "block: text", "the same" },
    { CCP_CHAT, "mistral/", '+', "text: Understood.", "the same" },
    { CCP_CHAT, "ollama/rubyllm-string-tool", '-', "text: Processed: test",
      "images of a result follow it in a user message" },
    { CCP_CHAT, "ollama/rubyllm-string-tool", '+', "text: Processed: test",
      "the same" },
    { CCP_CHAT, "ollama/rubyllm-string-tool", '+', "message: 1", "the same" },
    { CCP_NPROTO, NULL, 0, NULL, NULL }
};

/* Requests of good answers that are refused, and why. */

static const char  *const ut_refused[][2] = {
    { "openai-responses/dd-response-with-mixed-prompt-url-preserved",
      "its model is named by a prompt stored at the server" },
    { NULL, NULL }
};


static int
ut_decode(ut_req_t *q, ccp_arena_t *a, ccp_proto_e proto, ccp_str_t body)
{
    int  rc;

    memset(q, 0, sizeof(ut_req_t));
    q->a = a;
    ccp_json_init(&q->r.doc, a);
    ccp_request_unset(&q->r);
    q->r.proto = proto;
    q->r.op = CCP_OP_GENERATE;
    q->r.body = body;

    rc = ccp_json_parse(&q->r.doc, body.p, body.n, 0, NULL);

    if (rc == CCP_OK) {
        q->r.root = ccp_json_root(&q->r.doc);
        rc = ccp_proto_ops(proto)->read_request(&q->r, a, &q->err);
    }

    if (rc == CCP_OK && q->r.model.p == NULL) {
        q->r.model = ccp_lit("m");
    }

    return rc;
}


/* The request for a target of protocol to, by the provider's preset if it has
 * one and speaks so, else a plain one; absent: refused. */

static ccp_str_t
ut_encode(ut_req_t *q, ccp_proto_e to, const char *provider, int *rc)
{
    ccp_out_t              out;
    ccp_clock_t            clock;
    ccp_write_ctx_t        e;
    ccp_target_t           target;
    const ccp_provider_t  *pr;

    memset(&clock, 0, sizeof(clock));
    clock.seed[0] = 1;
    clock.seed[1] = 2;
    clock.now_ns = ut_now;

    memset(&target, 0, sizeof(target));
    target.proto = to;
    target.max_tokens = CCP_UNSET_INT;
    target.context = CCP_UNSET_INT;
    target.model = q->r.model;

    pr = provider ? ccp_provider_find(ccp_cstr(provider)) : NULL;
    if (pr == NULL || pr->proto != to) {
        pr = ccp_provider_plain(to);
    }

    target.provider = ccp_provider_for_model(pr, q->r.model, q->a);

    memset(&e, 0, sizeof(e));
    e.arena = q->a;
    e.req = &q->r;
    e.target = &target;
    e.model = q->r.model;
    e.clock = &clock;
    e.err = &q->err;

    *rc = CCP_OK;

    if (to != q->r.proto && ccp_proto_ops(q->r.proto)->convertible) {
        *rc = ccp_proto_ops(q->r.proto)->convertible(&q->r, q->a, &q->err);
    }

    if (*rc == CCP_OK) {
        *rc = ccp_history_normalise(&q->r, q->a);
    }

    if (*rc == CCP_OK) {
        *rc = ccp_names_build(&e.names, &q->r, q->a,
                              target.provider->name_max
                              ? (size_t) target.provider->name_max : 64,
                              to != CCP_RESPONSES);
    }

    ccp_out_init(&out, q->a, 0);

    if (*rc == CCP_OK) {
        *rc = ccp_proto_ops(to)->write_request(&e, &out);
    }

    if (*rc == CCP_OK) {
        *rc = ccp_out_finish(&out);
    }

    return *rc == CCP_OK ? ccp_out_all(&out) : ccp_none;
}


/* ---- the words of a request ---- */

/* Words alone, without white space: what every protocol can hold. */

typedef struct {
    char  *text;               /* one a line */
    char  *calls;
    char  *results;
} ut_words_t;


static void
ut_add(char **to, const char *s, size_t n)
{
    char    *p;
    size_t   i, len;

    len = *to ? strlen(*to) : 0;
    p = realloc(*to, len + n + 2);

    for (i = 0; i < n; i++) {
        if (!strchr(" \t\r\n", s[i]) || s[i] == '\0') {
            p[len++] = s[i];
        }
    }

    p[len++] = '\n';
    p[len] = '\0';
    *to = p;
}


static void
ut_add_call(ccp_arena_t *a, char **to, const ccp_block_t *b)
{
    char       *t;
    json_t     *j;
    ccp_str_t   name, args;

    name = ccp_str_plain(a, b->name);
    args = ccp_str_plain(a, b->text);

    if (b->free_text) {
        j = json_pack("{s:s%}", "input", args.p, args.n);
    } else {
        j = json_loadb((const char *) args.p, args.n, JSON_ALLOW_NUL, NULL);
    }

    t = j ? json_dumps(j, JSON_SORT_KEYS | JSON_COMPACT) : strdup("{}");
    ut_add(to, (const char *) name.p, name.n);
    ut_add(to, t, strlen(t));
    free(t);
    json_decref(j);
}


static void
ut_words_of(ut_words_t *w, ccp_arena_t *a, const ccp_block_t *b, int result)
{
    ccp_str_t  t;

    for ( /* void */ ; b; b = b->next) {

        if (b->kind == CCP_B_TEXT && !ccp_str_blank(b->text)) {
            t = ccp_str_plain(a, b->text);
            ut_add(result ? &w->results : &w->text, (const char *) t.p, t.n);

        } else if (b->kind == CCP_B_CALL) {
            ut_add_call(a, &w->calls, b);

        } else if (b->kind == CCP_B_RESULT) {
            ut_words_of(w, a, b->parts, 1);
        }
    }
}


static void
ut_words(ut_words_t *w, const ut_req_t *q)
{
    const ccp_message_t  *m;

    memset(w, 0, sizeof(ut_words_t));
    ut_words_of(w, q->a, q->r.system, 0);

    for (m = q->r.msgs; m; m = m->next) {
        ut_words_of(w, q->a, m->blocks, 0);
    }
}


static void
ut_words_free(ut_words_t *w)
{
    free(w->text);
    free(w->calls);
    free(w->results);
}


/* Each line of want occurs in got, whose lines may have been joined. */

static const char *
ut_missing(const char *want, const char *got)
{
    char         *joined, *line, *copy, *save, *p;
    static char   lost[200];

    lost[0] = '\0';
    joined = NULL;
    asprintf(&joined, "%s", got ? got : "");

    for (p = joined, save = joined; *p; p++) {
        if (*p != '\n') {
            *save++ = *p;
        }
    }
    *save = '\0';

    copy = strdup(want ? want : "");
    save = copy;

    while (lost[0] == '\0' && (line = strsep(&save, "\n")) != NULL) {
        if (strstr(joined, line) == NULL) {
            snprintf(lost, sizeof(lost), "%s", line);
        }
    }

    free(copy);
    free(joined);

    return lost[0] ? lost : NULL;
}


/* ---- the two properties ---- */

static int
ut_is_known(ccp_proto_e proto, const char *prefix, char sign,
    const char *line)
{
    const ut_known_t  *k;

    for (k = ut_known; k->line; k++) {
        if (k->proto == proto && k->sign == sign
            && (k->where == NULL
                || strncmp(prefix, k->where, strlen(k->where)) == 0)
            && strncmp(line, k->line, strlen(k->line)) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static int
ut_is_refused(const ut_rec_t *rec)
{
    int  i;

    for (i = 0; ut_refused[i][0]; i++) {
        if (strcmp(rec->prefix, ut_refused[i][0]) == 0) {
            return 1;
        }
    }

    return rec->status >= 400;     /* its own server did so too */
}


/* Lines of a that b lacks (multiset), but for the known; printed. */

static int
ut_lost(ccp_proto_e proto, const char *prefix, char sign, const char *a,
    const char *b)
{
    int      lost;
    char    *copy, *save, *line, *rest, *at, *pat;

    lost = 0;
    copy = strdup(a);
    save = copy;
    asprintf(&rest, "\n%s", b);

    while ((line = strsep(&save, "\n")) != NULL) {
        if (*line == '\0') {
            continue;
        }

        asprintf(&pat, "\n%s\n", line);
        at = strstr(rest, pat);

        if (at) {
            at[1] = '\1';      /* taken */

        } else if (!ut_is_known(proto, prefix, sign, line)) {
            printf("# %s %c %.200s\n", prefix, sign, line);
            lost++;
        }

        free(pat);
    }

    free(copy);
    free(rest);

    return lost;
}


static void
ut_same_protocol(const ut_rec_t *rec, ccp_proto_e proto, ccp_str_t body)
{
    int           rc, lost;
    char         *before, *after;
    ut_req_t      q, again;
    ccp_str_t     out;
    ccp_arena_t  *a;

    a = ut_arena();

    rc = ut_decode(&q, a, proto, body);
    out = rc == CCP_OK ? ut_encode(&q, proto, rec->provider, &rc) : ccp_none;

    if (rc == CCP_OK) {
        rc = ut_decode(&again, a, proto, out);
    }

    if (rc == CCP_OK) {
        rc = ccp_history_normalise(&again.r, a);
    }

    if (rc != CCP_OK) {
        UT_CHECK(rc == CCP_INVALID && ut_is_refused(rec),
                 "%s there and back: %.*s", rec->prefix,
                 (int) q.err.message.n, q.err.message.p);
        ccp_arena_destroy(a);
        return;
    }

    before = ut_lines(&q.r, q.a);
    after = ut_lines(&again.r, again.a);
    lost = ut_lost(proto, rec->prefix, '-', before, after)
           + ut_lost(proto, rec->prefix, '+', after, before);

    UT_CHECK(lost == 0, "%s there and back", rec->prefix);

    free(before);
    free(after);
    ccp_arena_destroy(a);
}


static void
ut_other_protocol(const ut_rec_t *rec, ccp_proto_e proto, ccp_proto_e to,
    ccp_str_t body)
{
    int           rc;
    ut_req_t      q, again;
    ccp_str_t     out;
    const char   *lost;
    ut_words_t    want, got;
    ccp_arena_t  *a;

    a = ut_arena();

    rc = ut_decode(&q, a, proto, body);
    out = rc == CCP_OK ? ut_encode(&q, to, NULL, &rc) : ccp_none;

    if (rc == CCP_INVALID && q.err.cls == CCP_E_BAD_REQUEST
        && q.err.message.n)
    {
        /* what only its own server knows is refused with a reason */

        UT_CHECK(1, "%s to %s: refused: %.*s", rec->prefix, ut_protocols[to],
                 (int) q.err.message.n, q.err.message.p);
        ccp_arena_destroy(a);
        return;
    }

    if (rc == CCP_OK) {
        rc = ut_decode(&again, a, to, out);
    }

    if (rc != CCP_OK) {
        UT_CHECK(0, "%s to %s and back", rec->prefix, ut_protocols[to]);
        ccp_arena_destroy(a);
        return;
    }

    ut_words(&want, &q);
    ut_words(&got, &again);

    lost = ut_missing(want.text, got.text);
    lost = lost ? lost : ut_missing(want.calls, got.calls);
    lost = lost ? lost : ut_missing(want.results, got.results);

    UT_CHECK(lost == NULL, "%s to %s and back%s%.100s", rec->prefix,
             ut_protocols[to], lost ? ": lost " : "", lost ? lost : "");

    ut_words_free(&want);
    ut_words_free(&got);
    ccp_arena_destroy(a);
}


static void
ut_roundtrip(const ut_rec_t *rec, void *arg)
{
    int           k;
    ccp_str_t     body;
    ccp_proto_e   proto;

    (void) arg;

    body = ut_rec_request(rec);
    proto = ut_protocol(rec->protocol);

    if (body.p == NULL || proto == CCP_NPROTO) {
        return;
    }

    ut_same_protocol(rec, proto, body);

    for (k = 0; k < CCP_NPROTO; k++) {
        if (k != (int) proto) {
            ut_other_protocol(rec, proto, (ccp_proto_e) k, body);
        }
    }

    free((void *) body.p);
}


int
main(int argc, char **argv)
{
    (void) ut_recordings(argc > 1 ? argv[1] : NULL, ut_roundtrip, NULL);

    return ut_done();
}
