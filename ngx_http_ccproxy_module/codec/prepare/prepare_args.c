
/*
 * Arguments of calls, as JSON objects or as strings that hold those.
 */

#include "codec/prepare/prepare.h"
#include "codec/base/base_buf.h"
#include "codec/json/json_read.h"
#include "codec/json/json_write.h"


/* Member that holds text which is no JSON object. */
#define CCP_BLOCK_ARGS_MEMBER  "input"


/* How often arguments may be wrapped: encoded once more, put into a list. */
#define CCP_BLOCK_ARGS_WRAPS   3


/*
 * What a value says of arguments: the object, {} for null, "" and [], what a
 * string or a list of one value holds.  DECLINED: it is none.
 */

static int
ccp_args_unwrap(ccp_arena_t *a, ccp_json_t *doc, ccp_str_t *s)
{
    int          rc, i;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    for (i = 0; i < CCP_BLOCK_ARGS_WRAPS; i++) {
        if (ccp_str_blank(*s)) {
            *s = ccp_lit("{}");
            return CCP_OK;
        }

        rc = ccp_json_parse(doc, s->p, s->n, CCP_JSON_ANY, NULL);
        if (rc != CCP_OK) {
            return rc == CCP_NOMEM ? rc : CCP_DECLINED;
        }

        v = ccp_json_root(doc);

        if (ccp_json_type(v) == CCP_J_ARRAY && ccp_json_count(v) == 1) {
            it = ccp_json_iter(v);
            (void) ccp_json_next(&it);
            v = it.val;
        }

        switch (ccp_json_type(v)) {

        case CCP_J_OBJECT:
            *s = ccp_json_raw(v);
            return CCP_OK;

        case CCP_J_STRING:
            *s = ccp_str_plain(a, ccp_json_str(v));
            if (s->p == NULL) {
                return CCP_NOMEM;
            }

            break;

        case CCP_J_NULL:
            *s = ccp_none;
            break;

        default:
            if (ccp_json_type(v) != CCP_J_ARRAY || ccp_json_count(v)) {
                return CCP_DECLINED;
            }

            *s = ccp_none;
        }
    }

    return CCP_DECLINED;
}


int
ccp_args_begin(ccp_str_t s)
{
    size_t  i;

    for (i = 0; i < s.n; i++) {
        if (s.json && s.p[i] == '\\' && i + 1 < s.n
            && (s.p[i + 1] == 'n' || s.p[i + 1] == 'r' || s.p[i + 1] == 't'))
        {
            i++;

        } else if (s.json && s.p[i] == '\\' && i + 1 < s.n) {
            return s.p[i + 1] == '"' ? '"' : '\\';

        } else if (s.p[i] > ' ') {
            return s.p[i];
        }
    }

    return 0;
}


ccp_str_t
ccp_args_object(ccp_arena_t *a, ccp_str_t text, int *err)
{
    int         rc;
    ccp_str_t   s;
    ccp_json_t  doc;

    if (text.p == NULL || ccp_str_blank(text)) {
        return ccp_lit("{}");
    }

    s = ccp_str_plain(a, text);
    if (s.p == NULL) {
        *err = 1;
        return ccp_none;
    }

    ccp_json_init(&doc, a);
    rc = ccp_args_unwrap(a, &doc, &s);
    ccp_json_free(&doc);

    *err = rc == CCP_NOMEM;

    while (s.n && s.p[0] <= ' ') {
        s.p++;
        s.n--;
    }

    return rc == CCP_OK ? s : ccp_none;
}


/*
 * The arguments of a call as plain text of an object, else absent; *err
 * without memory.  Text that is not spelled inside a JSON string is a member
 * of a document that was checked already.
 */
static ccp_str_t
ccp_block_args_object(ccp_arena_t *a, const ccp_block_t *call, int *err)
{
    ccp_str_t  s;

    if (call->free_text) {
        return ccp_none;
    }

    s = call->text;

    return s.n && !s.json && s.p[0] == '{' && s.p[s.n - 1] == '}'
           ? s : ccp_args_object(a, s, err);
}


void
ccp_w_args(ccp_out_t *o, ccp_arena_t *a, const ccp_block_t *call)
{
    int        err;
    ccp_str_t  s;

    err = 0;
    s = ccp_block_args_object(a, call, &err);

    if (err) {
        o->err = 1;
        return;
    }

    if (s.p != NULL) {
        ccp_w_raw(o, s);
        return;
    }

    ccp_w_obj(o);
    ccp_w_kstr(o, CCP_BLOCK_ARGS_MEMBER,
               call->text.p != NULL ? call->text : ccp_lit(""));
    ccp_w_obj_end(o);
}


void
ccp_w_args_str(ccp_out_t *o, ccp_arena_t *a, const ccp_block_t *call)
{
    int        err;
    ccp_buf_t  buf;
    ccp_str_t  s;

    err = 0;
    s = ccp_block_args_object(a, call, &err);

    if (err) {
        o->err = 1;
        return;
    }

    if (s.p != NULL) {
        /* the client's own spelling, if it was a string there */
        ccp_w_str(o, call->text.json && ccp_args_begin(call->text) == '{'
                     ? call->text : s);
        return;
    }

    ccp_buf_init(&buf, a, 0);
    (void) ccp_buf_add(&buf, "{\"" CCP_BLOCK_ARGS_MEMBER "\":\"",
                       sizeof("{\"" CCP_BLOCK_ARGS_MEMBER "\":\"") - 1);
    (void) ccp_buf_add_json(&buf, call->text);
    (void) ccp_buf_add(&buf, "\"}", 2);

    if (buf.err) {
        o->err = 1;
        ccp_buf_free(&buf);
        return;
    }

    ccp_w_str(o, ccp_buf_str(&buf, 0));
}


ccp_str_t
ccp_args_settle(ccp_arena_t *a, ccp_str_t s, int *err)
{
    size_t     i;
    ccp_str_t  object;

    for (i = 0; i < s.n && s.p[i] <= ' '; i++) { /* void */ }

    if (i < s.n && s.p[i] == '{') {
        return s;
    }

    object = ccp_args_object(a, s, err);

    return object.p ? object : s;
}
