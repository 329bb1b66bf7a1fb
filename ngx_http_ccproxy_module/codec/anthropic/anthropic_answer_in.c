
/*
 * Anthropic Messages: the upstream's answer, streamed or whole, into events.
 *
 * One block is open at a time.  Blocks are numbered afresh, so gaps and
 * repetitions of the source's indexes do no harm (T05).
 */

#include "codec/anthropic/anthropic_answer.h"
#include "codec/anthropic/anthropic.h"


typedef int (*ccp_anthropic_event_pt)(ccp_anthropic_dec_t *d, ccp_jval_t v);

typedef struct {
    const char             *type;
    ccp_anthropic_event_pt  fn;
} ccp_anthropic_event_t;


static int
ccp_anthropic_dec_error(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    ccp_err_e  cls;

    v = ccp_json_opt(v, "error");

    if (v.doc == NULL) {
        return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                            "the upstream reported an error");
    }

    cls = ccp_anthropic_error_class(ccp_json_gets(v, "type"));

    return ccp_say_refusal(&d->say, 0, v,
                           cls == CCP_E_NONE ? CCP_E_SERVER : cls);
}


static void
ccp_anthropic_dec_usage(ccp_usage_t *u, ccp_jval_t v)
{
    ccp_jval_t  part;

    *u = ccp_usage_none;

    u->in_fresh = ccp_usage_count(v, "input_tokens");
    u->in_read = ccp_usage_count(v, "cache_read_input_tokens");
    u->in_write = ccp_usage_count(v, "cache_creation_input_tokens");
    u->out_total = ccp_usage_count(v, "output_tokens");
    u->tier = ccp_json_gets(v, "service_tier");

    part = ccp_json_opt(v, "cache_creation");
    u->in_write_5m = ccp_usage_count(part, "ephemeral_5m_input_tokens");
    u->in_write_1h = ccp_usage_count(part, "ephemeral_1h_input_tokens");

    part = ccp_json_opt(v, "output_tokens_details");
    u->out_reason = ccp_usage_count(part, "thinking_tokens");

    part = ccp_json_opt(v, "server_tool_use");
    u->searches = ccp_usage_count(part, "web_search_requests");
}


static int
ccp_anthropic_dec_begin(ccp_anthropic_dec_t *d, ccp_jval_t message)
{
    ccp_usage_t  u;
    ccp_jval_t   usage;

    usage = ccp_json_opt(message, "usage");
    ccp_anthropic_dec_usage(&u, usage);

    return ccp_say_start(&d->say, ccp_json_gets(message, "id"),
                         ccp_json_gets(message, "model"), 0,
                         ccp_json_type(usage) == CCP_J_OBJECT ? &u : NULL);
}


static int
ccp_anthropic_dec_close(ccp_anthropic_dec_t *d)
{
    int  rc;

    rc = d->args ? CCP_OK
                 : ccp_say_delta(&d->say, &d->block,
                                 ccp_buf_str(&d->input, 0));

    d->input.n = 0;

    return rc == CCP_OK ? ccp_say_stop(&d->say, &d->block, 0) : rc;
}


/* Opens a block; whatever was open is closed before. */

static int
ccp_anthropic_dec_open(ccp_anthropic_dec_t *d, ccp_block_t *b, long source)
{
    int  rc;

    rc = ccp_anthropic_dec_close(d);

    d->args = 0;
    d->source = source;

    return rc == CCP_OK ? ccp_say_block(&d->say, &d->block, b) : rc;
}


/*
 * A call's input that stands in the block itself.  In a stream it counts only
 * if no deltas follow, so it must be kept (T02).
 */

static int
ccp_anthropic_dec_input(ccp_anthropic_dec_t *d, ccp_jval_t v, int whole)
{
    ccp_str_t  raw;

    v = ccp_json_opt(v, "input");

    if (whole) {
        return v.doc ? ccp_say_delta(&d->say, &d->block, ccp_json_raw(v))
                     : CCP_OK;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT || ccp_json_count(v) == 0) {
        return CCP_OK;
    }

    raw = ccp_json_raw(v);

    return ccp_buf_add(&d->input, raw.p, raw.n);
}


/* What a block holds already when it begins: everything in a whole answer. */

static int
ccp_anthropic_dec_content(ccp_anthropic_dec_t *d, ccp_jval_t v,
    const ccp_block_t *b, int whole)
{
    int          rc;
    ccp_str_t    text, sig;
    ccp_jiter_t  it;

    if (b->kind == CCP_B_CALL || b->kind == CCP_B_HCALL) {
        return ccp_anthropic_dec_input(d, v, whole);
    }

    text = ccp_none;
    sig = ccp_none;

    if (b->kind == CCP_B_TEXT) {
        text = ccp_json_gets(v, "text");

    } else if (b->kind == CCP_B_THINK) {
        text = ccp_json_gets(v, "thinking");
        sig = ccp_json_gets(v, b->redacted ? "data" : "signature");
    }

    rc = CCP_OK;

    for (it = ccp_json_iter(ccp_json_opt(v, "citations"));
         rc == CCP_OK && b->kind == CCP_B_TEXT && ccp_json_next(&it);
         /* void */ )
    {
        rc = ccp_say_cite(&d->say, &d->block, ccp_json_raw(it.val));
    }

    if (rc == CCP_OK) {
        rc = ccp_say_delta(&d->say, &d->block, text);
    }

    return rc == CCP_OK
           ? ccp_say_sig(&d->say, &d->block, CCP_ANTHROPIC, sig) : rc;
}


static int
ccp_anthropic_dec_block(ccp_anthropic_dec_t *d, ccp_jval_t v, long source,
    int whole)
{
    int          rc;
    ccp_block_t  b;

    memset(&b, 0, sizeof(b));

    b.type = ccp_json_gets(v, "type");
    b.kind = ccp_anthropic_block_kind(b.type);
    b.id = ccp_json_gets(v, "id");
    b.name = ccp_json_gets(v, "name");
    b.raw = ccp_json_raw(v);
    b.redacted = ccp_str_is(b.type, "redacted_thinking");

    switch (b.kind) {

    case CCP_B_CALL:
        b.space = ccp_json_gets(v, "toolset_name");
        break;

    case CCP_B_HCALL:
        b.space = ccp_json_gets(v, "server_name");
        break;

    case CCP_B_HRESULT:
        b.id = ccp_json_gets(v, "tool_use_id");
        break;

    case CCP_B_THINK:
        if (b.redacted) {
            b.sig = ccp_json_gets(v, "data");
        }
        break;

    case CCP_B_TEXT:
        break;

    default:
        /* kinds that only requests may hold */
        b.kind = CCP_B_OPAQUE;
    }

    rc = ccp_anthropic_dec_open(d, &b, source);

    return rc == CCP_OK ? ccp_anthropic_dec_content(d, v, &b, whole) : rc;
}


static int
ccp_anthropic_dec_message_start(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    d->say.ac->again = d->say.started;

    return ccp_anthropic_dec_begin(d, ccp_json_opt(v, "message"));
}


static int
ccp_anthropic_dec_block_start(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    return ccp_anthropic_dec_block(d, ccp_json_opt(v, "content_block"),
                                   (long) ccp_json_int(ccp_json_opt(v,
                                                                    "index"),
                                                       -1), 0);
}


/*
 * Makes sure that a block of that kind is open: some upstreams leave out the
 * start or let thinking run on in a text block (T28).
 */

static int
ccp_anthropic_dec_expect(ccp_anthropic_dec_t *d, ccp_block_e kind, long source)
{
    ccp_block_t  b;

    if (d->block.open && d->block.kind == kind
        && (d->source == source || source < 0 || d->source < 0))
    {
        return CCP_OK;
    }

    memset(&b, 0, sizeof(b));
    b.kind = kind;

    return ccp_anthropic_dec_open(d, &b, source);
}


static int
ccp_anthropic_dec_text_delta(ccp_anthropic_dec_t *d, ccp_block_e kind,
    long source, ccp_str_t text)
{
    int  rc;

    if (text.n == 0) {
        return CCP_OK;
    }

    rc = ccp_anthropic_dec_expect(d, kind, source);

    return rc == CCP_OK ? ccp_say_delta(&d->say, &d->block, text) : rc;
}


static int
ccp_anthropic_dec_args_delta(ccp_anthropic_dec_t *d, long source,
    ccp_str_t text)
{
    if (text.n == 0 || !d->block.open
        || (d->block.kind != CCP_B_CALL && d->block.kind != CCP_B_HCALL)
        || (d->source != source && source >= 0))
    {
        return CCP_OK;
    }

    d->args = 1;

    return ccp_say_delta(&d->say, &d->block, text);
}


static int
ccp_anthropic_dec_block_delta(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    int          rc;
    long         source;
    ccp_str_t    sig;
    ccp_jval_t   delta, type;

    source = (long) ccp_json_int(ccp_json_opt(v, "index"), -1);
    delta = ccp_json_opt(v, "delta");
    type = ccp_json_get(delta, "type");

    if (ccp_json_is(type, "text_delta")) {
        return ccp_anthropic_dec_text_delta(d, CCP_B_TEXT, source,
                                            ccp_json_gets(delta, "text"));
    }

    if (ccp_json_is(type, "input_json_delta")) {
        return ccp_anthropic_dec_args_delta(d, source,
                                            ccp_json_gets(delta,
                                                          "partial_json"));
    }

    if (ccp_json_is(type, "thinking_delta")) {
        return ccp_anthropic_dec_text_delta(d, CCP_B_THINK, source,
                                            ccp_json_gets(delta, "thinking"));
    }

    if (ccp_json_is(type, "signature_delta")) {
        sig = ccp_json_gets(delta, "signature");

        if (sig.n == 0) {
            return CCP_OK;
        }

        rc = ccp_anthropic_dec_expect(d, CCP_B_THINK, source);

        return rc == CCP_OK
               ? ccp_say_sig(&d->say, &d->block, CCP_ANTHROPIC, sig) : rc;
    }

    if (ccp_json_is(type, "citations_delta") && d->block.kind == CCP_B_TEXT) {
        return ccp_say_cite(&d->say, &d->block,
                            ccp_json_raw(ccp_json_opt(delta, "citation")));
    }

    return CCP_OK;
}


static int
ccp_anthropic_dec_block_stop(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    (void) v;

    return ccp_anthropic_dec_close(d);
}


/* stop_reason and its companions; v is the message or the delta. */

static int
ccp_anthropic_dec_finish(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    ccp_stop_e  stop;
    ccp_str_t   reason, text, category;
    ccp_jval_t  details;

    reason = ccp_json_gets(v, "stop_reason");

    if (reason.n == 0) {
        return CCP_OK;
    }

    text = ccp_none;
    category = ccp_none;
    stop = ccp_anthropic_dec_stop(reason);

    if (stop == CCP_STOP_SEQ) {
        text = ccp_json_gets(v, "stop_sequence");

    } else if (stop == CCP_STOP_REFUSAL) {
        details = ccp_json_opt(v, "stop_details");
        category = ccp_json_gets(details, "category");
        text = ccp_json_gets(details, "explanation");
    }

    return ccp_say_finish(&d->say, 0, stop, text, category);
}


static int
ccp_anthropic_dec_usage_event(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    ccp_usage_t  u;

    v = ccp_json_opt(v, "usage");

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return CCP_OK;
    }

    ccp_anthropic_dec_usage(&u, v);

    return ccp_say_usage(&d->say, &u);
}


static int
ccp_anthropic_dec_message_delta(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    int  rc;

    rc = ccp_anthropic_dec_close(d);
    if (rc == CCP_OK) {
        rc = ccp_anthropic_dec_usage_event(d, v);
    }

    return rc == CCP_OK ? ccp_anthropic_dec_finish(d, ccp_json_opt(v, "delta"))
                        : rc;
}


static int
ccp_anthropic_dec_message_stop(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    int  rc;

    (void) v;

    rc = ccp_anthropic_dec_close(d);

    return rc == CCP_OK ? ccp_say_end(&d->say) : rc;
}


static int
ccp_anthropic_dec_ping(ccp_anthropic_dec_t *d, ccp_jval_t v)
{
    (void) v;

    return ccp_say_ping(&d->say);
}


static const ccp_anthropic_event_t  ccp_anthropic_dec_events[] = {
    { "content_block_delta", ccp_anthropic_dec_block_delta },
    { "content_block_start", ccp_anthropic_dec_block_start },
    { "content_block_stop", ccp_anthropic_dec_block_stop },
    { "message_start", ccp_anthropic_dec_message_start },
    { "message_delta", ccp_anthropic_dec_message_delta },
    { "message_stop", ccp_anthropic_dec_message_stop },
    { "ping", ccp_anthropic_dec_ping },
    { "error", ccp_anthropic_dec_error }
};


int
ccp_anthropic_dec_init(void *data, ccp_answer_ctx_t *ac)
{
    ccp_anthropic_dec_t  *d;

    d = data;
    ccp_say_init(&d->say, ac, CCP_ANTHROPIC);
    ccp_buf_init(&d->input, ac->arena, 0);

    return CCP_OK;
}


int
ccp_anthropic_dec_event(void *data, ccp_str_t event, ccp_str_t text,
    ccp_jval_t v)
{
    size_t                i;
    ccp_str_t             type;
    ccp_anthropic_dec_t  *d;

    d = data;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        /* the OpenAI terminal, which some upstreams append */
        if (ccp_str_blank(text) || ccp_str_is(text, "[DONE]")) {
            return CCP_OK;
        }

        return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                            "the upstream sent an event that is no JSON "
                            "object");
    }

    type = ccp_json_gets(v, "type");

    if (type.p == NULL) {
        type = ccp_json_has(ccp_json_get(v, "error")) ? ccp_lit("error")
                                                      : event;
    }

    for (i = 0; i < ccp_countof(ccp_anthropic_dec_events); i++) {
        if (type.p && ccp_str_is(type, ccp_anthropic_dec_events[i].type)) {
            return ccp_anthropic_dec_events[i].fn(d, v);
        }
    }

    return CCP_OK;
}


int
ccp_anthropic_dec_whole(void *data, ccp_jval_t root)
{
    int                   rc;
    ccp_stop_e            stop;
    ccp_jval_t            content;
    ccp_jiter_t           it;
    ccp_anthropic_dec_t  *d;

    d = data;

    if (ccp_json_is(ccp_json_get(root, "type"), "error")
        || ccp_json_has(ccp_json_get(root, "error")))
    {
        return ccp_anthropic_dec_error(d, root);
    }

    content = ccp_json_opt(root, "content");

    if (ccp_json_type(content) != CCP_J_ARRAY) {
        return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                            "the upstream's answer has no content");
    }

    rc = ccp_anthropic_dec_begin(d, root);

    for (it = ccp_json_iter(content); rc == CCP_OK && ccp_json_next(&it);
         /* void */ )
    {
        rc = ccp_anthropic_dec_block(d, it.val, -1, 1);
    }

    /* a call that the limit met: its input was mended to be an object */

    stop = ccp_anthropic_dec_stop(ccp_json_gets(root, "stop_reason"));

    if (rc == CCP_OK) {
        rc = ccp_say_stop(&d->say, &d->block, stop >= CCP_STOP_LENGTH
                                              && d->block.kind == CCP_B_CALL);
    }

    if (rc == CCP_OK) {
        rc = ccp_anthropic_dec_usage_event(d, root);
    }

    if (rc == CCP_OK) {
        rc = ccp_anthropic_dec_finish(d, root);
    }

    return rc == CCP_OK ? ccp_say_end(&d->say) : rc;
}


int
ccp_anthropic_dec_eof(void *data)
{
    ccp_anthropic_dec_t  *d;

    d = data;

    /* a block that the end cuts is closed by the flow stage */

    if (d->args) {
        return CCP_OK;
    }

    d->args = 1;

    return ccp_say_delta(&d->say, &d->block, ccp_buf_str(&d->input, 0));
}
