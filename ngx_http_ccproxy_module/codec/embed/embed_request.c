
/*
 * Embedding requests: in and out.
 */

#include "codec/embed/embed.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/proto/proto_out.h"
#include "codec/proto/proto_in.h"
#include "codec/proto/proto_words.h"


/* Of Chat's user, in bytes. */
#define CCP_EMBED_USER_MAX  64


typedef struct {
    int  (*read_request)(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err);
    int  (*write_request)(ccp_write_ctx_t *x, ccp_out_t *out);
} ccp_embed_request_ops_t;


static int
ccp_embed_read_type_error(ccp_arena_t *a, ccp_error_t *err, const char *where,
    const char *want, ccp_jval_t v)
{
    return ccp_refuse(err, a, CCP_E_BAD_REQUEST, "%s: expected %s, got %s",
                      where, want, ccp_json_has(v)
                                   ? ccp_json_typename(v) : "nothing");
}


/* The same for all but Gemini, whose model is in the path. */

static int
ccp_embed_read_model(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    r->model_val = ccp_json_get(r->root, "model");
    r->model = ccp_json_str(r->model_val);

    return r->model.n
           ? CCP_OK
           : ccp_embed_read_type_error(a, err, "model", "a non-empty string",
                                       r->model_val);
}


static int
ccp_embed_read_dims(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t v)
{
    if (!ccp_json_has(v)) {
        return CCP_OK;
    }

    r->embed_dims = ccp_json_int(v, CCP_UNSET_INT);

    if (ccp_json_type(v) != CCP_J_NUMBER || r->embed_dims == CCP_UNSET_INT) {
        return ccp_embed_read_type_error(a, err, "dimensions", "an integer",
                                         v);
    }

    return CCP_OK;
}


/* ---- Chat ---- */

/* An input of a list: text, or token numbers. */

static int
ccp_embed_chat_read_input(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t v)
{
    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        return ccp_item_add(a, &r->embed_inputs, ccp_json_str(v));

    case CCP_J_ARRAY:
        return ccp_item_add(a, &r->embed_inputs, ccp_json_raw(v));

    default:
        return ccp_embed_read_type_error(a, err, "input",
                                         "strings or arrays of tokens", v);
    }
}


static int
ccp_embed_chat_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    int          rc;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    rc = ccp_embed_read_model(r, a, err);
    if (rc != CCP_OK) {
        return rc;
    }

    r->embed_format = ccp_json_gets(r->root, "encoding_format");
    r->user = ccp_json_gets(r->root, "user");
    v = ccp_json_get(r->root, "input");

    it = ccp_json_iter(v);

    if (ccp_json_type(v) == CCP_J_STRING
        || (ccp_json_type(v) == CCP_J_ARRAY && ccp_json_next(&it)
            && ccp_json_type(it.val) == CCP_J_NUMBER))
    {
        r->embed_single = 1;
        rc = ccp_embed_chat_read_input(r, a, err, v);

    } else if (ccp_json_type(v) == CCP_J_ARRAY) {

        for (it = ccp_json_iter(v); rc == CCP_OK && ccp_json_next(&it); ) {
            rc = ccp_embed_chat_read_input(r, a, err, it.val);
        }

    } else {
        return ccp_embed_read_type_error(a, err, "input",
                                         "a string or an array", v);
    }

    return rc == CCP_OK
           ? ccp_embed_read_dims(r, a, err,
                                 ccp_json_opt(r->root, "dimensions"))
           : rc;
}


/* Model, input and size: members that Chat and Ollama spell alike. */

static void
ccp_embed_chat_write_members(ccp_write_ctx_t *x, ccp_out_t *out)
{
    const ccp_item_t  *it;

    ccp_w_kstr(out, "model", x->model);
    ccp_w_key(out, "input");

    if (x->req->embed_inputs->next == NULL && x->req->embed_single) {
        ccp_w_str(out, x->req->embed_inputs->s);

    } else {
        ccp_w_arr(out);

        for (it = x->req->embed_inputs; it; it = it->next) {
            ccp_w_str(out, it->s);
        }

        ccp_w_arr_end(out);
    }

    if (x->req->embed_dims != CCP_UNSET_INT) {
        ccp_w_kint(out, "dimensions", x->req->embed_dims);
    }
}


static int
ccp_embed_chat_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    ccp_str_t  user;

    ccp_w_obj(out);
    ccp_embed_chat_write_members(x, out);

    user = ccp_request_fit_user(x->arena, x->req->user, CCP_EMBED_USER_MAX);

    if (x->req->user.p && user.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kstr_opt(out, "user", user);
    ccp_w_obj_end(out);

    return CCP_OK;
}


/* ---- Gemini ---- */

/* The texts of a content as one input. */

static int
ccp_embed_gemini_read_input(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t content)
{
    int            nomem;
    ccp_str_t      text;
    ccp_jiter_t    it;
    ccp_block_t   *list, **tail, *b;

    list = NULL;
    tail = &list;

    if (ccp_json_type(content) == CCP_J_STRING) {
        return ccp_item_add(a, &r->embed_inputs, ccp_json_str(content));
    }

    for (it = ccp_json_iter(ccp_json_get(content, "parts"));
         ccp_json_next(&it); )
    {
        if (ccp_json_gets(it.val, "text").p == NULL) {
            /* known to Gemini alone */
            return ccp_item_add(a, &r->embed_inputs, ccp_json_raw(it.val));
        }

        b = ccp_block_new(a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->text = ccp_json_gets(it.val, "text");
        tail = ccp_block_push(tail, b);
    }

    nomem = 0;
    text = ccp_block_join_text(a, list, "\n", &nomem);

    if (nomem) {
        return CCP_NOMEM;
    }

    if (text.p == NULL) {
        return ccp_embed_read_type_error(a, err, "content",
                                         "an object with parts of text",
                                         content);
    }

    return ccp_item_add(a, &r->embed_inputs, text);
}


/* A member in either spelling of its name. */

static ccp_jval_t
ccp_embed_gemini_get(ccp_jval_t v, const char *camel, const char *snake)
{
    ccp_jval_t  m;

    m = ccp_json_opt(v, camel);

    return ccp_json_has(m) ? m : ccp_json_opt(v, snake);
}


static int
ccp_embed_gemini_read_one(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err,
    ccp_jval_t v)
{
    int  rc;

    rc = ccp_embed_gemini_read_input(r, a, err, ccp_json_get(v, "content"));
    if (rc != CCP_OK) {
        return rc;
    }

    if (r->embed_task.p == NULL) {
        r->embed_task = ccp_json_str(ccp_embed_gemini_get(v, "taskType",
                                                          "task_type"));
    }

    return ccp_embed_read_dims(r, a, err,
                               ccp_embed_gemini_get(v, "outputDimensionality",
                                                    "output_dimensionality"));
}


static int
ccp_embed_gemini_read_request(ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    int          rc;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    if (r->embed_single) {
        return ccp_embed_gemini_read_one(r, a, err, r->root);
    }

    v = ccp_json_get(r->root, "requests");

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_embed_read_type_error(a, err, "requests", "an array", v);
    }

    rc = CCP_OK;

    for (it = ccp_json_iter(v); rc == CCP_OK && ccp_json_next(&it); ) {
        rc = ccp_embed_gemini_read_one(r, a, err, it.val);
    }

    return rc;
}


static void
ccp_embed_gemini_write_members(ccp_write_ctx_t *x, ccp_out_t *out,
    ccp_str_t text)
{
    ccp_w_key(out, "content");
    ccp_w_obj(out);
    ccp_w_key(out, "parts");
    ccp_w_arr(out);
    ccp_w_obj(out);
    ccp_w_kstr(out, "text", text);
    ccp_w_obj_end(out);
    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
    ccp_w_kstr_opt(out, "taskType", x->req->embed_task);

    if (x->req->embed_dims != CCP_UNSET_INT) {
        ccp_w_kint(out, "outputDimensionality", x->req->embed_dims);
    }
}


static int
ccp_embed_gemini_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    ccp_str_t          prefix;
    const ccp_item_t  *it;

    ccp_w_obj(out);

    if (x->req->embed_single) {
        ccp_embed_gemini_write_members(x, out, x->req->embed_inputs->s);
        ccp_w_obj_end(out);
        return CCP_OK;
    }

    prefix = ccp_str_starts(x->model, "models/") ? ccp_lit("")
                                                 : ccp_lit("models/");
    ccp_w_key(out, "requests");
    ccp_w_arr(out);

    for (it = x->req->embed_inputs; it; it = it->next) {
        ccp_w_obj(out);
        ccp_w_key(out, "model");
        ccp_w_str_open(out);
        ccp_w_str_part(out, prefix);
        ccp_w_str_part(out, x->model);
        ccp_w_str_close(out);
        ccp_embed_gemini_write_members(x, out, it->s);
        ccp_w_obj_end(out);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);

    return CCP_OK;
}


/* ---- Ollama ---- */

static int
ccp_embed_ollama_read_request(ccp_request_t *r, ccp_arena_t *a,
    ccp_error_t *err)
{
    int          rc;
    ccp_jval_t   v;
    ccp_jiter_t  it;
    const char  *member;

    rc = ccp_embed_read_model(r, a, err);
    if (rc != CCP_OK) {
        return rc;
    }

    member = r->embed_single ? "prompt" : "input";
    v = ccp_json_opt(r->root, member);

    if (ccp_json_type(v) == CCP_J_STRING) {
        if (ccp_json_str(v).n) {
            rc = ccp_item_add(a, &r->embed_inputs, ccp_json_str(v));
        }

    } else if (ccp_json_type(v) == CCP_J_ARRAY && !r->embed_single) {

        for (it = ccp_json_iter(v); rc == CCP_OK && ccp_json_next(&it); ) {
            rc = ccp_json_type(it.val) == CCP_J_STRING
                 ? ccp_item_add(a, &r->embed_inputs, ccp_json_str(it.val))
                 : ccp_embed_read_type_error(a, err, "input", "strings",
                                             it.val);
        }

    } else if (ccp_json_has(v)) {
        return ccp_embed_read_type_error(a, err, member,
                                         r->embed_single ? "a string"
                                         : "a string or an array of strings",
                                         v);
    }

    return rc == CCP_OK
           ? ccp_embed_read_dims(r, a, err,
                                 ccp_json_opt(r->root, "dimensions"))
           : rc;
}


static int
ccp_embed_ollama_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    ccp_w_obj(out);
    ccp_embed_chat_write_members(x, out);
    ccp_w_obj_end(out);

    return CCP_OK;
}


/* ---- all ---- */

static const ccp_embed_request_ops_t  ccp_embed_request_table[CCP_NPROTO] = {
    [CCP_CHAT] = { ccp_embed_chat_read_request, ccp_embed_chat_write_request },
    [CCP_GEMINI] = { ccp_embed_gemini_read_request,
                     ccp_embed_gemini_write_request },
    [CCP_OLLAMA] = { ccp_embed_ollama_read_request,
                     ccp_embed_ollama_write_request }
};


static int
ccp_embed_none(ccp_arena_t *a, ccp_error_t *err, ccp_proto_e proto)
{
    return ccp_refuse(err, a, CCP_E_NOT_FOUND,
                      "the %s protocol has no embeddings",
                      ccp_proto_name(proto));
}


int
ccp_embed_read_request(ccp_request_t *r, ccp_arena_t *a, ccp_error_t *err)
{
    ccp_in_t                        in;
    const ccp_embed_request_ops_t  *ops;

    static const char *const  names[] = {
        "model", "input", "prompt", "content", "requests", "dimensions",
        "outputDimensionality", "encoding_format", "options", NULL
    };

    ops = &ccp_embed_request_table[r->proto];

    if (ops->read_request == NULL) {
        return ccp_embed_none(a, err, r->proto);
    }

    ccp_in_init(&in, &ccp_in_plain_style, a, err);
    ccp_in_distinct(&in, r->root, names);

    return in.rc == CCP_OK ? ops->read_request(r, a, err) : in.rc;
}


/* Gemini names the model with each input too, so for another one the body is
 * written anew. */

int
ccp_embed_splice_fits(const ccp_request_t *r, const ccp_target_t *t)
{
    return r->proto == t->proto
           && (t->proto != CCP_GEMINI || t->model.p == NULL
               || ccp_str_eq(t->model, r->model));
}


int
ccp_embed_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int                             rc;
    const ccp_item_t               *it;
    const ccp_embed_request_ops_t  *ops;

    ops = &ccp_embed_request_table[x->target->proto];

    if (ops->write_request == NULL) {
        return ccp_embed_none(x->arena, x->err, x->target->proto);
    }

    if (x->req->embed_inputs == NULL) {
        return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                          "there is no input to embed");
    }

    for (it = x->req->embed_inputs; it; it = it->next) {
        if (ccp_embed_is_tokens(it->s)) {
            return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                              "this target embeds text alone: no token "
                              "numbers, no media");
        }
    }

    rc = ops->write_request(x, out);

    return rc != CCP_OK ? rc : out->err ? CCP_NOMEM : CCP_OK;
}
