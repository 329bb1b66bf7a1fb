
/*
 * Which protocol and operation a path means.  Endpoints are matched at the
 * end of the path, so that any prefix is a group.
 */

#include "codec/exchange/exchange.h"


typedef struct {
    const char   *path;
    ccp_proto_e   proto;
    ccp_op_e      op;
    unsigned      post:1;
    unsigned      tail:1;      /* one more segment follows: the model */
    unsigned      generate:1;
    unsigned      single:1;
} ccp_endpoint_route_t;


static const ccp_endpoint_route_t  ccp_endpoint_routes[] = {
    { "/v1/messages", CCP_ANTHROPIC, CCP_OP_GENERATE, 1, 0, 0, 0 },
    { "/v1/messages/count_tokens", CCP_ANTHROPIC, CCP_OP_COUNT, 1, 0, 0, 0 },
    { "/v1/chat/completions", CCP_CHAT, CCP_OP_GENERATE, 1, 0, 0, 0 },
    { "/v1/embeddings", CCP_CHAT, CCP_OP_EMBED, 1, 0, 0, 0 },
    { "/v1/responses", CCP_RESPONSES, CCP_OP_GENERATE, 1, 0, 0, 0 },
    { "/v1/responses/input_tokens", CCP_RESPONSES, CCP_OP_COUNT, 1, 0, 0, 0 },
    { "/api/chat", CCP_OLLAMA, CCP_OP_GENERATE, 1, 0, 0, 0 },
    { "/api/generate", CCP_OLLAMA, CCP_OP_GENERATE, 1, 0, 1, 0 },
    { "/api/embed", CCP_OLLAMA, CCP_OP_EMBED, 1, 0, 0, 0 },
    { "/api/embeddings", CCP_OLLAMA, CCP_OP_EMBED, 1, 0, 0, 1 },
    { "/api/show", CCP_OLLAMA, CCP_OP_MODEL, 1, 0, 0, 0 },
    { "/api/tags", CCP_OLLAMA, CCP_OP_MODELS, 0, 0, 0, 0 },
    { "/api/ps", CCP_OLLAMA, CCP_OP_PS, 0, 0, 0, 0 },
    { "/api/version", CCP_OLLAMA, CCP_OP_VERSION, 0, 0, 0, 0 },
    { "/v1beta/models", CCP_GEMINI, CCP_OP_MODELS, 0, 0, 0, 0 },
    { "/v1beta/models/", CCP_GEMINI, CCP_OP_MODEL, 0, 1, 0, 0 },
    { "/v1/models", CCP_CHAT, CCP_OP_MODELS, 0, 0, 0, 0 },
    { "/v1/models/", CCP_CHAT, CCP_OP_MODEL, 0, 1, 0, 0 },
    { "/health", CCP_CHAT, CCP_OP_HEALTH, 0, 0, 0, 0 },
    { "/", CCP_CHAT, CCP_OP_ROOT, 0, 0, 0, 0 },
    { NULL, CCP_CHAT, CCP_OP_UNKNOWN, 0, 0, 0, 0 }
};


/* What stands behind the last colon of a Gemini path. */

typedef struct {
    const char   *verb;
    ccp_op_e      op;
    unsigned      stream:1;
    unsigned      single:1;
} ccp_endpoint_verb_t;


static const ccp_endpoint_verb_t  ccp_endpoint_verbs[] = {
    { "generateContent", CCP_OP_GENERATE, 0, 0 },
    { "streamGenerateContent", CCP_OP_GENERATE, 1, 0 },
    { "countTokens", CCP_OP_COUNT, 0, 0 },
    { "embedContent", CCP_OP_EMBED, 0, 1 },
    { "batchEmbedContents", CCP_OP_EMBED, 0, 0 },
    { NULL, CCP_OP_UNKNOWN, 0, 0 }
};


/* Words that tell the nearest protocol of a path that is no endpoint. */

typedef struct {
    const char   *word;
    ccp_proto_e   proto;
} ccp_endpoint_hint_t;


static const ccp_endpoint_hint_t  ccp_endpoint_hints[] = {
    { "/messages", CCP_ANTHROPIC },
    { "/responses", CCP_RESPONSES },
    { "/v1beta/", CCP_GEMINI },
    { "/api/", CCP_OLLAMA },
    { NULL, CCP_CHAT }
};


static const uint8_t *
ccp_endpoint_find(ccp_str_t s, const char *word)
{
    size_t          n;
    const uint8_t  *p, *end;

    n = strlen(word);

    for (p = s.p, end = s.p + s.n; (size_t) (end - p) >= n; p++) {
        if (memcmp(p, word, n) == 0) {
            return p;
        }
    }

    return NULL;
}


static ccp_str_t
ccp_endpoint_slice(const uint8_t *p, const uint8_t *end)
{
    ccp_str_t  s = ccp_none;

    s.p = p;
    s.n = end - p;

    return s;
}


/* Whether the query holds name=value. */

static int
ccp_endpoint_arg_is(ccp_str_t args, const char *pair)
{
    size_t          n;
    const uint8_t  *p;

    p = args.p ? ccp_endpoint_find(args, pair) : NULL;
    n = strlen(pair);

    return p && (p == args.p || p[-1] == '&')
           && (p + n == args.p + args.n || p[n] == '&');
}


/* …/models/M:verb, or M/verb; the colon or slash is the last one, M may hold
 * others. */

static int
ccp_endpoint_verb(ccp_endpoint_t *ep, ccp_str_t path, ccp_str_t args,
    char before, const uint8_t **start)
{
    ccp_str_t                   verb;
    const uint8_t              *p, *colon, *end;
    const ccp_endpoint_verb_t  *v;

    end = path.p + path.n;

    for (colon = end; colon > path.p && colon[-1] != before; colon--) {
        /* void */
    }

    if (colon == path.p) {
        return CCP_DECLINED;
    }

    verb = ccp_endpoint_slice(colon, end);
    path = ccp_endpoint_slice(path.p, colon - 1);

    for (v = ccp_endpoint_verbs; v->verb; v++) {
        if (ccp_str_is(verb, v->verb)) {
            break;
        }
    }

    p = ccp_endpoint_find(path, "/v1beta/");
    if (p == NULL) {
        p = ccp_endpoint_find(path, "/v1/");
    }

    if (v->verb == NULL || p == NULL) {
        return CCP_DECLINED;
    }

    *start = p;

    p = ccp_endpoint_find(ccp_endpoint_slice(p, path.p + path.n), "odels/");
    if (p == NULL) {
        return CCP_DECLINED;
    }

    ep->proto = CCP_GEMINI;
    ep->op = v->op;
    ep->post = 1;
    ep->single = v->single;
    ep->model = ccp_endpoint_slice(p + 6, path.p + path.n);
    ep->stream = v->stream;
    ep->array = v->stream && !ccp_endpoint_arg_is(args, "alt=sse");

    return CCP_OK;
}


static const ccp_endpoint_route_t *
ccp_endpoint_route(ccp_endpoint_t *ep, ccp_str_t path, const uint8_t **start)
{
    size_t                       n;
    const uint8_t               *p, *end;
    const ccp_endpoint_route_t  *rt;

    end = path.p + path.n;

    for (rt = ccp_endpoint_routes; rt->path; rt++) {
        n = strlen(rt->path);

        if (path.n < n) {
            continue;
        }

        if (!rt->tail) {

            /* "/" is the root alone: every path has some end */

            if (memcmp(end - n, rt->path, n) == 0 && (n > 1 || path.n == 1)) {
                *start = end - n;
                return rt;
            }

            continue;
        }

        p = ccp_endpoint_find(path, rt->path);

        if (p && p + n < end) {
            *start = p;
            ep->model = ccp_endpoint_slice(p + n, end);
            return rt;
        }
    }

    return rt;
}


/* The group is what stands before the endpoint, without a compat segment. */

static void
ccp_endpoint_group(ccp_endpoint_t *ep, const uint8_t *p, const uint8_t *end)
{
    const uint8_t                *q;
    ccp_str_t                     last;

    while (p < end && *p == '/') {
        p++;
    }

    while (end > p && end[-1] == '/') {
        end--;
    }

    for (q = end; q > p && q[-1] != '/'; q--) {
        /* void */
    }

    last = ccp_endpoint_slice(q, end);

    if (ccp_str_is(last, "compat") || ccp_str_is(last, "compat_mode")) {
        ep->compat = 1;
        end = q > p ? q - 1 : q;
    }

    ep->group = ccp_endpoint_slice(p, end);
}


void
ccp_endpoint_parse(ccp_endpoint_t *ep, ccp_str_t path, ccp_str_t args,
    int anthropic)
{
    const uint8_t               *start;
    const ccp_endpoint_hint_t   *hint;
    const ccp_endpoint_route_t  *rt;

    memset(ep, 0, sizeof(ccp_endpoint_t));

    while (path.n > 1 && path.p[path.n - 1] == '/') {
        path.n--;
    }

    start = path.p + path.n;

    if (ccp_endpoint_verb(ep, path, args, ':', &start) == CCP_OK
        || ccp_endpoint_verb(ep, path, args, '/', &start) == CCP_OK)
    {
        ccp_endpoint_group(ep, path.p, start);
        return;
    }

    rt = ccp_endpoint_route(ep, path, &start);

    ep->proto = rt->proto;
    ep->op = rt->op;
    ep->post = rt->post;
    ep->generate = rt->generate;
    ep->single = rt->single;

    if (rt->path == NULL) {
        for (hint = ccp_endpoint_hints; hint->word; hint++) {
            if (ccp_endpoint_find(path, hint->word)) {
                break;
            }
        }

        ep->proto = hint->proto;
        start = path.p;
    }

    if (anthropic && ep->proto == CCP_CHAT && !ep->post) {
        ep->proto = CCP_ANTHROPIC;
    }

    ccp_endpoint_group(ep, path.p, start);
}
