
/*
 * Answers: any bytes from an upstream of each protocol to a client of each.
 * What the client gets does not depend on where the bytes are split, its
 * frames can be read, and it ends once: by its terminal or by an error.
 * Input: upstream's row, client and how it asks, splits and status, bytes.
 */

#include "fuzz_exchange.h"
#include "codec/base/base_buf.h"
#include "codec/wire/wire_frame.h"


/* How a client of each protocol asks for a stream, and for one document. */
static const char  *const fuzz_asks[CCP_NPROTO] = {
    "{\"model\":\"m\",\"max_tokens\":64,\"stream\":%,\"messages\":[{\"role\":"
        "\"user\",\"content\":\"x\"}],\"thinking\":{\"type\":\"adaptive\"},"
        "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]}",
    "{\"model\":\"m\",\"stream\":%,\"messages\":[{\"role\":\"user\","
        "\"content\":\"x\"}],\"reasoning_effort\":\"high\","
        "\"stream_options\":{\"include_usage\":true},\"stop\":[\"END\"],"
        "\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"f\"}}]}",
    "{\"model\":\"m\",\"stream\":%,\"input\":\"x\",\"reasoning\":{"
        "\"summary\":\"auto\"},\"tools\":[{\"type\":\"custom\",\"name\":"
        "\"f\"},{\"type\":\"function\",\"name\":\"g\"}]}",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"x\"}]}],"
        "\"generationConfig\":{\"thinkingConfig\":{\"includeThoughts\":true},"
        "\"stopSequences\":[\"END\"]}}",
    "{\"model\":\"m\",\"stream\":%,\"think\":true,"
        "\"messages\":[{\"role\":\"user\","
        "\"content\":\"x\"}]}"
};

typedef struct {
    ccp_proto_e   client;
    ccp_json_t    doc;
    unsigned      frames;
    unsigned      terminals;
    unsigned      errors;
    unsigned      after;       /* frames behind a terminal */
} fuzz_seen_t;


static int
fuzz_event(void *ctx, ccp_str_t event, ccp_str_t data, int comment)
{
    int           end, error;
    ccp_jval_t    v, type;
    fuzz_seen_t  *seen = ctx;

    (void) event;

    if (comment) {
        return CCP_OK;
    }

    if (seen->client == CCP_CHAT && ccp_str_is(data, "[DONE]")) {
        seen->terminals++;
        return CCP_OK;
    }

    if (ccp_json_parse(&seen->doc, data.p, data.n, 0, NULL) != CCP_OK) {
        abort();
    }

    v = ccp_json_root(&seen->doc);
    type = ccp_json_get(v, "type");
    error = ccp_json_has(ccp_json_get(v, "error"));
    end = 0;

    switch (seen->client) {

    case CCP_ANTHROPIC:
        if (ccp_json_is(type, "ping")) {
            return CCP_OK;
        }
        end = ccp_json_is(type, "message_stop");
        break;

    case CCP_RESPONSES:
        end = ccp_json_is(type, "response.completed")
              || ccp_json_is(type, "response.incomplete");
        error = ccp_json_is(type, "response.failed");
        break;

    case CCP_OLLAMA:
        end = ccp_json_bool(ccp_json_get(v, "done"), 0);
        break;

    default:
        break;
    }

    seen->after += (seen->terminals || seen->errors) && !error;
    seen->frames++;
    seen->terminals += (end != 0);
    seen->errors += (error != 0);

    return CCP_OK;
}


static void
fuzz_stream(const ccp_buf_t *text, ccp_arena_t *a, ccp_proto_e client,
    int array)
{
    fuzz_seen_t  seen;
    ccp_frame_t  f;

    memset(&seen, 0, sizeof(fuzz_seen_t));
    seen.client = client;
    ccp_json_init(&seen.doc, a);

    ccp_frame_init(&f, array ? CCP_FRAME_ARRAY
                             : ccp_proto_ops(client)->framing, a,
                   0);

    if (ccp_frame_feed(&f, text->p, text->n, fuzz_event, &seen) != CCP_OK
        || ccp_frame_end(&f, fuzz_event, &seen) != CCP_OK)
    {
        abort();
    }

    if (seen.frames == 0 || seen.after || seen.errors > 1
        || seen.terminals > 1)
    {
        abort();
    }

    /* [DONE] follows an error too; Gemini's last frame is the end */

    if (client != CCP_GEMINI
        && seen.terminals + (client == CCP_CHAT ? 0 : seen.errors) != 1)
    {
        abort();
    }

    ccp_frame_free(&f);
    ccp_json_free(&seen.doc);
}


/* One answer, in pieces unless seed is 0; what the client got is in text. */

static void
fuzz_answer(ccp_try_t *try, ccp_buf_t *text, ccp_head_t *head, int status,
    const uint8_t *p, size_t n, uint32_t seed, int cut)
{
    int           rc, over;
    size_t        k, step;
    ccp_out_t     out;
    ccp_str_t     s;
    ccp_arena_t  *a;

    a = ccp_exchange_arena(ccp_try_exchange(try));
    ccp_out_init(&out, a, 0);
    ccp_buf_init(text, a, 0);

    rc = ccp_answer_begin(try, status, ccp_none, ccp_none);

    for (over = 0; !over; n -= step, p += step) {

        over = (rc != CCP_OK || n == 0);
        step = over ? 0 : n;

        if (seed && step) {
            seed = seed * 1103515245 + 12345;
            step = 1 + (seed >> 16) % 7;
            step = step < n ? step : n;
        }

        rc = rc != CCP_OK || (over && cut)
             ? ccp_answer_abort(try, CCP_E_SERVER, "cut off", &out)
             : over ? ccp_answer_end(try, &out)
                    : ccp_answer_feed(try, p, step, &out);

        for (k = 0; (s = ccp_out_seg(&out, k)).p; k++) {
            ccp_buf_add(text, s.p, s.n);
        }

        ccp_out_reset(&out);
    }

    if (rc != CCP_OK || !ccp_answer_done(try)
        || ccp_answer_head(try, head) != CCP_OK)
    {
        abort();
    }

    ccp_out_free(&out);
}


static void
fuzz_check(ccp_exchange_t *x, const ccp_buf_t *text, const ccp_head_t *head,
    ccp_proto_e client, int array)
{
    ccp_json_t  doc;

    if (head->status != 200 && head->status < 400) {
        abort();
    }

    if (head->stream) {
        fuzz_stream(text, ccp_exchange_arena(x), client, array);
        return;
    }

    ccp_json_init(&doc, ccp_exchange_arena(x));

    if (ccp_json_parse(&doc, text->p, text->n, 0, NULL) != CCP_OK) {
        abort();
    }

    ccp_json_free(&doc);
}


/* The client's request: its protocol's, with or without a stream. */

static ccp_try_t *
fuzz_ask(const ccp_provider_t *pr, ccp_proto_e client, int stream,
    int array, char *text)
{
    int                rc;
    char              *q;
    ccp_try_t         *try;
    const char        *s;
    ccp_error_t        err;
    ccp_target_t       t;
    ccp_exchange_t    *x;
    const ccp_out_t   *body;

    for (s = fuzz_asks[client], q = text; *s; s++) {
        if (*s == '%') {
            q = stpcpy(q, stream ? "true" : "false");
        } else {
            *q++ = *s;
        }
    }

    *q = '\0';

    x = fuzz_open(fuzz_paths[client == CCP_GEMINI && stream ? 5 : client],
                  array ? "" : "alt=sse");
    fuzz_target(&t, pr);

    memset(&err, 0, sizeof(ccp_error_t));

    if (ccp_exchange_request(x, ccp_cstr(text), ccp_none, &err) != CCP_OK) {
        abort();
    }

    try = fuzz_try(x, &t, &body, &rc, &err);

    if (rc != CCP_OK) {
        abort();
    }

    return try;
}


int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    int                    array, cut, status;
    char                   text[1024];
    size_t                 rows;
    ccp_buf_t              whole, split;
    ccp_head_t             head, head2;
    ccp_proto_e            client;
    ccp_try_t             *t, *t2;
    const ccp_provider_t  *pr;

    /* how the body is read is judged by its first byte that is no space */

    if (n < 4 || strchr(" \t\r\n", p[3])) {
        return 0;
    }

    for (rows = 0; ccp_provider_row(rows); rows++) { /* void */ }

    pr = p[0] < 2 * CCP_NPROTO
         ? ccp_provider_plain((ccp_proto_e) (p[0] % CCP_NPROTO))
         : ccp_provider_row(p[0] % rows);

    client = (ccp_proto_e) (p[1] % CCP_NPROTO);
    array = client == CCP_GEMINI && (p[1] & 0x80);
    cut = p[2] & 1;
    status = (p[2] & 0xf0) == 0xf0 ? 429 : 200;

    t = fuzz_ask(pr, client, p[1] & 0x40, array, text);
    fuzz_answer(t, &whole, &head, status, p + 3, n - 3, 0, cut);

    t2 = fuzz_ask(pr, client, p[1] & 0x40, array, text);
    fuzz_answer(t2, &split, &head2, status, p + 3, n - 3, p[2] + 1u, cut);

    if (head.status != head2.status || head.stream != head2.stream
        || whole.n != split.n
        || (whole.n && memcmp(whole.p, split.p, whole.n) != 0))
    {
        abort();
    }

    /* of its own protocol the client gets the upstream's very bytes */

    if (!ccp_try_spliced(t)) {
        fuzz_check(ccp_try_exchange(t), &whole, &head, client, array);
    }

    ccp_exchange_destroy(ccp_try_exchange(t));
    ccp_exchange_destroy(ccp_try_exchange(t2));

    return 0;
}
