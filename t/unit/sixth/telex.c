
/*
 * Telex, a protocol that nobody speaks: what a sixth one needs of the codec
 * is this row and the line that the Makefile adds to CCP_PROTOCOLS.
 *
 *   POST /telex/send   {"to":"m","orders":"be brief","live":true,"words":9,
 *                       "talk":[{"by":"me","say":"hi"},{"by":"it","say":"ho"}]}
 *   answer             {"say":"ho","why":"end","used":[3,1]}
 *   live               {"bit":"h"} LF {"bit":"o"} LF {"why":"end","used":[3,1]}
 *   error              {"fault":"no paper"}
 *   POST /telex/weigh  the same request: {"weight":3}
 *   GET  /telex/desks  {"desks":[{"desk":"m"}]}, GET /telex/desks/m
 */

#include "codec/base/base_match.h"
#include "codec/form/form_block.h"
#include "codec/json/json_write.h"
#include "codec/proto/proto.h"
#include "codec/proto/proto_models.h"

extern const ccp_ops_t  ccp_telex_ops;


/* ---- request in ---- */

static int
ccp_telex_read_talk(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    int             n;
    ccp_str_t       by;
    ccp_jiter_t     it;
    ccp_block_t    *b;
    ccp_message_t  *m, **last;

    last = &r->msgs;
    it = ccp_json_iter(ccp_json_get(r->root, "talk"));

    for (n = 0; ccp_json_next(&it); n++) {
        by = ccp_json_gets(it.val, "by");

        if (!ccp_str_is(by, "me") && !ccp_str_is(by, "it")) {
            return ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                              "talk[%d].by: expected me or it", n);
        }

        m = ccp_message_new(a, ccp_str_is(by, "me") ? CCP_ROLE_USER
                                                    : CCP_ROLE_ASSISTANT);
        b = ccp_block_new(a, CCP_B_TEXT);

        if (m == NULL || b == NULL) {
            return CCP_NOMEM;
        }

        b->text = ccp_json_gets(it.val, "say");
        m->blocks = b;
        *last = m;
        last = &m->next;
    }

    return CCP_OK;
}


static int
ccp_telex_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_str_t  orders;

    r->model_val = ccp_json_get(r->root, "to");
    r->model = ccp_json_str(r->model_val);

    if (r->model.n == 0) {
        return ccp_refuse(err, a, CCP_E_BAD_REQUEST, "to: nobody is named");
    }

    r->stream = ccp_json_bool(ccp_json_opt(r->root, "live"), 0);
    r->max_tokens = ccp_json_int(ccp_json_opt(r->root, "words"),
                                 CCP_UNSET_INT);
    orders = ccp_json_gets(r->root, "orders");

    if (orders.n) {
        r->system = ccp_block_new(a, CCP_B_TEXT);
        if (r->system == NULL) {
            return CCP_NOMEM;
        }

        r->system->text = orders;
    }

    return ccp_telex_read_talk(r, a, err);
}


static int
ccp_telex_convertible(const ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    return ccp_json_has(ccp_json_opt(r->root, "ribbon"))
           ? ccp_refuse(err, a, CCP_E_BAD_REQUEST,
                        "ribbon: no other machine has one")
           : CCP_OK;
}


/* ---- request out ---- */

static void
ccp_telex_write_texts(ccp_out_t *out, const char *key, const ccp_block_t *b)
{
    ccp_w_key(out, key);
    ccp_w_str_open(out);

    for ( ; b; b = b->next) {
        if (b->kind == CCP_B_TEXT) {
            ccp_w_str_part(out, b->text);
        }
    }

    ccp_w_str_close(out);
}


static int
ccp_telex_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    const ccp_message_t  *m;

    ccp_w_obj(out);
    ccp_w_kstr(out, "to", x->model);

    if (x->req->system) {
        ccp_telex_write_texts(out, "orders", x->req->system);
    }

    if (x->req->stream) {
        ccp_w_kbool(out, "live", 1);
    }

    if (x->req->max_tokens != CCP_UNSET_INT) {
        ccp_w_kint(out, "words", x->req->max_tokens);
    }

    ccp_w_key(out, "talk");
    ccp_w_arr(out);

    for (m = x->req->msgs; m; m = m->next) {
        ccp_w_obj(out);
        ccp_w_kcstr(out, "by", m->role == CCP_ROLE_ASSISTANT ? "it" : "me");
        ccp_telex_write_texts(out, "say", m->blocks);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_telex_write_path(ccp_write_ctx_t *x, ccp_out_t *out)
{
    if (x->req->op == CCP_OP_COUNT) {
        ccp_out_lit(out, "/telex/weigh");
    } else {
        ccp_out_lit(out, "/telex/send");
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}


/* ---- answer in ---- */

typedef struct {
    ccp_answer_ctx_t  *ac;
    unsigned           open:1;
} ccp_telex_dec_t;


static int
ccp_telex_dec_init(void *dec, ccp_answer_ctx_t *ac)
{
    ccp_telex_dec_t  *d = dec;

    d->ac = ac;

    return CCP_OK;
}


static int
ccp_telex_dec_text(ccp_telex_dec_t *d, ccp_str_t text)
{
    int          rc;
    ccp_block_t  b;
    ccp_event_t  ev;

    memset(&ev, 0, sizeof(ccp_event_t));
    rc = CCP_OK;

    if (!d->open) {
        memset(&b, 0, sizeof(ccp_block_t));
        b.kind = CCP_B_TEXT;
        d->open = 1;
        ev.kind = CCP_EV_BLOCK_START;
        ev.block = &b;
        rc = ccp_emit(&d->ac->sink, &ev);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    ev.kind = CCP_EV_DELTA;
    ev.text = text;

    return ccp_emit(&d->ac->sink, &ev);
}


static int
ccp_telex_dec_finish(ccp_telex_dec_t *d, ccp_jval_t v)
{
    int                       rc;
    ccp_jiter_t               it;
    ccp_event_t               ev;
    ccp_usage_t               u;
    static const ccp_usage_t  unset = CCP_USAGE_INIT;

    u = unset;
    it = ccp_json_iter(ccp_json_get(v, "used"));
    u.in_fresh = ccp_json_next(&it) ? ccp_json_int(it.val, -1) : -1;
    u.out_total = ccp_json_next(&it) ? ccp_json_int(it.val, -1) : -1;

    memset(&ev, 0, sizeof(ccp_event_t));
    ev.kind = CCP_EV_USAGE;
    ev.usage = &u;
    rc = ccp_emit(&d->ac->sink, &ev);

    if (rc == CCP_OK) {
        ev.kind = CCP_EV_FINISH;
        ev.usage = NULL;
        ev.stop = ccp_json_is(ccp_json_get(v, "why"), "cut")
                  ? CCP_STOP_LENGTH : CCP_STOP_END;
        rc = ccp_emit(&d->ac->sink, &ev);
    }

    if (rc == CCP_OK) {
        ev.kind = CCP_EV_END;
        rc = ccp_emit(&d->ac->sink, &ev);
    }

    return rc;
}


static int
ccp_telex_dec_event(void *dec, ccp_str_t event, ccp_str_t data, ccp_jval_t v)
{
    int                rc;
    ccp_jval_t         bit;
    ccp_telex_dec_t   *d = dec;

    (void) event;
    (void) data;

    bit = ccp_json_opt(v, "bit");
    rc = ccp_json_has(bit) ? ccp_telex_dec_text(d, ccp_json_str(bit))
                           : CCP_OK;

    return rc == CCP_OK && ccp_json_has(ccp_json_opt(v, "why"))
           ? ccp_telex_dec_finish(d, v) : rc;
}


static int
ccp_telex_dec_whole(void *dec, ccp_jval_t root)
{
    int               rc;
    ccp_telex_dec_t  *d = dec;

    rc = ccp_telex_dec_text(d, ccp_json_gets(root, "say"));

    return rc == CCP_OK ? ccp_telex_dec_finish(d, root) : rc;
}


static int
ccp_telex_dec_eof(void *dec)
{
    (void) dec;

    return CCP_OK;
}


/* ---- answer out ---- */

static void
ccp_telex_enc_end(ccp_out_t *out, ccp_stop_e stop, const ccp_usage_t *u)
{
    ccp_w_kcstr(out, "why", stop == CCP_STOP_LENGTH ? "cut" : "end");
    ccp_w_key(out, "used");
    ccp_w_arr(out);
    ccp_w_int(out, u ? u->in_fresh : -1);
    ccp_w_int(out, u ? u->out_total : -1);
    ccp_w_arr_end(out);
}


static int
ccp_telex_error(const ccp_error_t *err, ccp_str_t request_id, ccp_out_t *out)
{
    (void) request_id;

    ccp_w_obj(out);
    ccp_w_kstr(out, "fault", err->message);
    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_telex_error_status(const ccp_error_t *err)
{
    return err->cls == CCP_E_BAD_REQUEST ? 422 : 500;
}


static int
ccp_telex_enc_init(void *enc, ccp_answer_ctx_t *ac)
{
    *(ccp_answer_ctx_t **) enc = ac;

    return CCP_OK;
}


static int
ccp_telex_enc_event(void *enc, const ccp_event_t *ev, ccp_out_t *out)
{
    (void) enc;

    switch (ev->kind) {

    case CCP_EV_DELTA:
        ccp_w_obj(out);
        ccp_w_kstr(out, "bit", ev->text);
        ccp_w_obj_end(out);
        break;

    case CCP_EV_FINISH:
        ccp_w_obj(out);
        ccp_telex_enc_end(out, ev->stop, ev->usage);
        ccp_w_obj_end(out);
        break;

    case CCP_EV_ERROR:
        (void) ccp_telex_error(ev->error, ccp_none, out);
        break;

    default:
        return CCP_OK;
    }

    ccp_out_lit(out, "\n");
    out->comma = 0;

    return out->err ? CCP_NOMEM : CCP_OK;
}


static int
ccp_telex_enc_whole(ccp_answer_ctx_t *ac, const ccp_answer_t *ans,
    ccp_out_t *out)
{
    (void) ac;

    ccp_w_obj(out);
    ccp_telex_write_texts(out, "say", ans->blocks);
    ccp_telex_enc_end(out, ans->stop, &ans->usage);
    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}


/* ---- models ---- */

static void
ccp_telex_models_entry(ccp_out_t *out, const ccp_models_t *l,
    const ccp_model_t *m)
{
    (void) l;

    ccp_w_obj(out);
    ccp_w_kstr(out, "desk", m->id);
    ccp_w_obj_end(out);
}


static void
ccp_telex_models_list(const ccp_models_t *l, ccp_out_t *out)
{
    ccp_models_page_t  page = { 0, l->n, 0 };

    ccp_models_cut(&page, ccp_models_number(l, "first", 0));

    ccp_w_obj(out);
    ccp_w_models(out, "desks", l, &page, ccp_telex_models_entry);
    ccp_w_obj_end(out);
}


static void
ccp_telex_models_one(const ccp_models_t *l, ccp_out_t *out)
{
    ccp_telex_models_entry(out, l, &l->m[0]);
}


static const char *const  ccp_telex_models_known[] = { "desk-1", NULL };

static const ccp_models_ops_t  ccp_telex_models = {
    .list = ccp_telex_models_list,
    .one = ccp_telex_models_one,
    .known = ccp_telex_models_known
};


/* ---- the row ---- */

static const ccp_endpoint_row_t  ccp_telex_endpoints[] = {
    { .path = "/telex/send", .op = CCP_OP_GENERATE, .post = 1 },
    { .path = "/telex/weigh", .op = CCP_OP_COUNT, .post = 1 },
    { .path = "/telex/desks", .op = CCP_OP_MODELS },
    { .path = "/telex/desks/", .op = CCP_OP_MODEL, .tail = 1 },
    { .path = "/telex/year", .op = CCP_OP_VERSION },
    { .path = NULL }
};

static const ccp_member_path_t  ccp_telex_lost[] = {
    { NULL, "colour" }, { "paper", "size" }, { NULL, NULL }
};

static const ccp_member_path_t  ccp_telex_caps[] = {
    { NULL, "words" }, { NULL, NULL }
};

static const char *const  ccp_telex_forward[] = { "x-telex-*", NULL };
static const char *const  ccp_telex_owned[] = { "talk", NULL };

static const ccp_places_t  ccp_telex_places = {
    .system = { "orders" },
    .make = "\"%\"",
    .hot = 1
};


const ccp_ops_t  ccp_telex_ops = {
    .name = "telex",
    .stream_type = "application/x-telex",
    .framing = CCP_FRAME_NDJSON,
    .endpoints = ccp_telex_endpoints,
    .hint = "/telex/",
    .version = "1933",
    .read_request = ccp_telex_read_request,
    .write_request = ccp_telex_write_request,
    .path = ccp_telex_write_path,
    .convertible = ccp_telex_convertible,
    .lost = ccp_telex_lost,
    .caps = ccp_telex_caps,
    .forward = ccp_telex_forward,
    .owned = ccp_telex_owned,
    .places = &ccp_telex_places,
    .dec_size = sizeof(ccp_telex_dec_t),
    .dec_init = ccp_telex_dec_init,
    .dec_event = ccp_telex_dec_event,
    .dec_whole = ccp_telex_dec_whole,
    .dec_eof = ccp_telex_dec_eof,
    .enc_size = sizeof(ccp_answer_ctx_t *),
    .enc_init = ccp_telex_enc_init,
    .enc_event = ccp_telex_enc_event,
    .enc_whole = ccp_telex_enc_whole,
    .error = ccp_telex_error,
    .error_status = ccp_telex_error_status,
    .call_prefix = "call_",
    .call_digits = 8,
    .count = "weight",
    .family = "",
    .models = &ccp_telex_models
};
