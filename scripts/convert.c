
/*
 * ccproxy-convert: the codec on the command line, stdin to stdout.
 *
 *   ccproxy-convert --from anthropic --to gemini < request.json
 *       a client's request in one protocol as the body for an upstream in
 *       the other (notes on what was dropped go to stderr)
 *
 *   ccproxy-convert --response --from gemini --to anthropic [--stream]
 *       an upstream's answer in one protocol as a client of the other gets
 *       it; a status line goes to stderr
 *
 * Options: --preset NAME (the target's dialect), --model NAME (on the target),
 * --request FILE (the client's request that the answer is for), --status N,
 * --content-type T, --split N (bytes a write).  Exit 0; 1: the input is
 * refused; 2: usage or memory.
 */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "codec/base/base_str.h"
#include "codec/json/json_out.h"
#include "codec/form/form_error.h"
#include "codec/form/form_request.h"
#include "codec/provider/provider.h"
#include "codec/exchange/exchange.h"


typedef struct {
    const char  *from;
    const char  *to;
    const char  *preset;
    const char  *model;
    const char  *request;
    const char  *type;
    long         status;
    long         split;
    int          response;
    int          stream;
} cvt_options_t;


/* What a client would have asked at least, to get an answer at all. */

static const char  *const cvt_requests[CCP_NPROTO] = {
    "{\"model\":\"m\",\"max_tokens\":64,\"messages\":"
        "[{\"role\":\"user\",\"content\":\"x\"}],\"stream\":%s}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"stream_options\":{\"include_usage\":true},\"stream\":%s}",
    "{\"model\":\"m\",\"input\":\"x\",\"reasoning\":{\"summary\":\"auto\"},"
        "\"stream\":%s}",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}]}",
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],"
        "\"stream\":%s}"
};

static const char  *const cvt_paths[CCP_NPROTO] = {
    "/v1/messages", "/v1/chat/completions", "/v1/responses",
    "/v1beta/models/m:generateContent", "/api/chat"
};


static void *
cvt_alloc(void *ctx, size_t n)
{
    (void) ctx;
    return malloc(n);
}


static void
cvt_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static int64_t
cvt_now(void *ctx)
{
    struct timespec  ts;

    (void) ctx;
    clock_gettime(CLOCK_REALTIME, &ts);

    return (int64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


static ccp_str_t
cvt_read(FILE *f)
{
    char       *p;
    size_t      n, cap, got;
    ccp_str_t   s = ccp_none;

    cap = 65536;
    n = 0;
    p = malloc(cap);

    while (p && (got = fread(p + n, 1, cap - n, f)) > 0) {
        n += got;
        if (n == cap) {
            cap *= 2;
            p = realloc(p, cap);
        }
    }

    s.p = (uint8_t *) p;
    s.n = n;

    return s;
}


static void
cvt_write(const ccp_out_t *out)
{
    size_t     k;
    ccp_str_t  s;

    for (k = 0; (s = ccp_out_seg(out, k)).p; k++) {
        fwrite(s.p, 1, s.n, stdout);
    }
}


static int
cvt_fail(const char *what, const ccp_error_t *err)
{
    fprintf(stderr, "%s: %.*s\n", what, (int) err->message.n,
            err->message.p ? (const char *) err->message.p : "");
    return 1;
}


static void
cvt_notes(const ccp_item_t *note)
{
    for ( ; note; note = note->next) {
        fprintf(stderr, "note: %.*s\n", (int) note->s.n, note->s.p);
    }
}


/* The request decoded, and encoded for the target. */

static ccp_try_t *
cvt_try(const cvt_options_t *o, ccp_proto_e client, ccp_proto_e up,
    ccp_str_t body, const ccp_out_t **out, int *rc)
{
    ccp_env_t              env;
    ccp_str_t              uri;
    ccp_try_t             *try;
    ccp_error_t            err;
    ccp_target_t           t;
    ccp_exchange_t        *x;
    ccp_endpoint_t         ep;
    const ccp_provider_t  *pr;

    memset(&env, 0, sizeof(env));
    env.mem.alloc = cvt_alloc;
    env.mem.free = cvt_free;
    env.clock.seed[0] = (uint64_t) cvt_now(NULL);
    env.clock.seed[1] = 0x9e3779b97f4a7c15ULL;
    env.clock.now_ns = cvt_now;
    env.answer_limit = 256 << 20;

    ccp_endpoint_parse(&ep, ccp_cstr(cvt_paths[client]), ccp_none, 0);
    if (client == CCP_GEMINI) {
        ep.stream = o->stream;
        ep.array = 0;
    }

    pr = o->preset ? ccp_provider_find(ccp_cstr(o->preset))
                   : ccp_provider_plain(up);
    if (pr == NULL) {
        fprintf(stderr, "no such preset: %s\n", o->preset);
        *rc = 2;
        return NULL;
    }

    memset(&t, 0, sizeof(t));
    t.provider = pr;
    t.proto = up;
    t.root = ccp_lit("");
    t.model = o->model ? ccp_cstr(o->model) : ccp_none;
    t.max_tokens = CCP_UNSET_INT;
    t.context = CCP_UNSET_INT;

    x = ccp_exchange_create(&env, &ep);
    try = x ? ccp_try_create(x, &t) : NULL;

    if (try == NULL) {
        ccp_exchange_destroy(x);
        *rc = 2;
        return NULL;
    }

    memset(&err, 0, sizeof(err));
    *rc = ccp_exchange_request(x, body, ccp_none, &err);

    if (*rc == CCP_OK) {
        *rc = ccp_try_request(try, ccp_none, out, &uri, &err);
    }

    if (*rc != CCP_OK) {
        *rc = cvt_fail("refused", &err);
        ccp_exchange_destroy(x);
        return NULL;
    }

    if (!o->response) {
        cvt_notes(ccp_exchange_req(x)->notes);
        cvt_notes(ccp_try_notes(try));
    }

    return try;
}


static int
cvt_response(const cvt_options_t *o, ccp_try_t *try, ccp_str_t in)
{
    int          rc;
    size_t       i, n, step;
    ccp_out_t    out;
    ccp_head_t   head;

    step = o->split > 0 ? (size_t) o->split : in.n;

    rc = ccp_answer_begin(try, (int) o->status, ccp_cstr(o->type), ccp_none);
    ccp_out_init(&out, ccp_exchange_arena(ccp_try_exchange(try)), 0);

    for (i = 0; rc == CCP_OK && i < in.n; i += n) {
        n = in.n - i < step ? in.n - i : step;
        rc = ccp_answer_feed(try, in.p + i, n, &out);
        if (rc == CCP_OK) {
            cvt_write(&out);
        }
        ccp_out_reset(&out);
    }

    if (rc == CCP_OK) {
        rc = ccp_answer_end(try, &out);
        cvt_write(&out);
    }

    if (rc != CCP_OK) {
        fprintf(stderr, "no memory\n");
        return 2;
    }

    if (ccp_answer_head(try, &head) == CCP_OK) {
        fprintf(stderr, "status: %d %.*s\n", head.status,
                (int) head.content_type.n, head.content_type.p);
    }

    return 0;
}


static int
cvt_usage(void)
{
    fprintf(stderr, "usage: ccproxy-convert --from PROTOCOL --to PROTOCOL "
            "[--response [--stream] [--request FILE] [--status N] "
            "[--content-type T] [--split N]] [--preset NAME] [--model NAME]\n"
            "protocols: anthropic chat responses gemini ollama\n");
    return 2;
}


static int
cvt_options(cvt_options_t *o, int argc, char **argv)
{
    int          i, k;
    const char  *v;

    const struct { const char *name; const char **s; long *n; int *flag; }
    table[] = {
        { "--from", &o->from, NULL, NULL },
        { "--to", &o->to, NULL, NULL },
        { "--preset", &o->preset, NULL, NULL },
        { "--model", &o->model, NULL, NULL },
        { "--request", &o->request, NULL, NULL },
        { "--content-type", &o->type, NULL, NULL },
        { "--status", NULL, &o->status, NULL },
        { "--split", NULL, &o->split, NULL },
        { "--response", NULL, NULL, &o->response },
        { "--stream", NULL, NULL, &o->stream },
        { NULL, NULL, NULL, NULL }
    };

    for (i = 1; i < argc; i++) {
        for (k = 0; table[k].name && strcmp(argv[i], table[k].name); k++) {
            /* void */
        }

        if (table[k].flag) {
            *table[k].flag = 1;
            continue;
        }

        v = argv[i + 1];
        if (table[k].name == NULL || v == NULL) {
            return 0;
        }

        if (table[k].s) {
            *table[k].s = v;
        } else {
            *table[k].n = strtol(v, NULL, 10);
        }
        i++;
    }

    return o->from && o->to;
}


int
main(int argc, char **argv)
{
    int               rc;
    char              text[512];
    FILE             *f;
    ccp_str_t         in, req;
    ccp_try_t        *try;
    ccp_proto_e       from, to;
    cvt_options_t     o;
    const ccp_out_t  *out;

    memset(&o, 0, sizeof(o));
    o.status = 200;
    o.type = "";

    if (!cvt_options(&o, argc, argv)) {
        return cvt_usage();
    }

    from = ccp_proto_find(ccp_cstr(o.from));
    to = ccp_proto_find(ccp_cstr(o.to));

    if (from == CCP_NPROTO || to == CCP_NPROTO) {
        return cvt_usage();
    }

    in = cvt_read(stdin);

    if (!o.response) {
        try = cvt_try(&o, from, to, in, &out, &rc);
        if (try) {
            cvt_write(out);
            ccp_exchange_destroy(ccp_try_exchange(try));
        }
        free((void *) in.p);
        return rc;
    }

    if (o.request) {
        f = fopen(o.request, "rb");
        if (f == NULL) {
            perror(o.request);
            return 2;
        }
        req = cvt_read(f);
        fclose(f);

    } else {
        snprintf(text, sizeof(text), cvt_requests[to],
                 o.stream ? "true" : "false");
        req = ccp_cstr(text);
    }

    try = cvt_try(&o, to, from, req, &out, &rc);
    if (try) {
        rc = cvt_response(&o, try, in);
        ccp_exchange_destroy(ccp_try_exchange(try));
    }

    if (o.request) {
        free((void *) req.p);
    }
    free((void *) in.p);

    return rc;
}
