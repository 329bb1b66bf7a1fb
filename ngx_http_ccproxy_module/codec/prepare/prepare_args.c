
/*
 * Arguments of calls, as JSON objects or as strings that hold those.
 */

#include "codec/prepare/prepare.h"
#include "codec/base/base_buf.h"
#include "codec/json/json_read.h"
#include "codec/json/json_write.h"


/* Member that holds text which is no JSON object. */
#define CCP_BLOCK_ARGS_MEMBER  "input"


/* An object in a string in a string: more often nobody encodes it. */
#define CCP_ARGS_ENCODED  3


/* Whether a look inside is worth it: most arguments begin as an object does. */

static int
ccp_args_is_object(ccp_str_t s)
{
    size_t  i;

    for (i = 0; i < s.n && s.p[i] <= ' '; i++) { /* void */ }

    return i < s.n && s.p[i] == '{';
}


ccp_str_t
ccp_args_settle(ccp_arena_t *a, ccp_str_t s, int *err)
{
    int          i, rc;
    ccp_str_t    text;
    ccp_jval_t   v;
    ccp_json_t   doc;
    ccp_jiter_t  it;

    if (ccp_args_is_object(s)) {
        return s;
    }

    if (ccp_str_blank(s)) {
        return ccp_lit("{}");
    }

    text = s;

    for (i = 0; i < CCP_ARGS_ENCODED; i++) {
        text = ccp_str_plain(a, text);
        if (text.p == NULL) {
            *err = 1;
            return s;
        }

        if (ccp_str_blank(text)) {
            return ccp_lit("{}");
        }

        ccp_json_init(&doc, a);
        rc = ccp_json_parse(&doc, text.p, text.n, CCP_JSON_ANY, NULL);
        v = rc == CCP_OK ? ccp_json_root(&doc) : ccp_jabsent;

        if (ccp_json_type(v) == CCP_J_ARRAY && ccp_json_count(v) == 1) {
            it = ccp_json_iter(v);
            (void) ccp_json_next(&it);
            v = ccp_json_type(it.val) == CCP_J_OBJECT ? it.val : v;
        }

        switch (ccp_json_type(v)) {

        case CCP_J_STRING:
            text = ccp_json_str(v);
            break;

        case CCP_J_OBJECT:
            s = i || text.p[0] != '{' ? ccp_json_raw(v) : s;
            text = ccp_none;
            break;

        default:
            s = ccp_json_type(v) == CCP_J_NULL
                || (ccp_json_type(v) == CCP_J_ARRAY && ccp_json_count(v) == 0)
                ? ccp_lit("{}") : s;
            text = ccp_none;
        }

        ccp_json_free(&doc);
        *err = rc == CCP_NOMEM;

        if (text.p == NULL) {
            break;
        }
    }

    return s;
}


/*
 * The arguments as plain text if they are a JSON object, "{}" if there are
 * none, else absent; *err without memory.  Text that is not spelled inside a
 * JSON string is a member of a document that was checked already.
 */
static ccp_str_t
ccp_block_args_object(ccp_arena_t *a, const ccp_block_t *call, int *err)
{
    int         rc;
    ccp_str_t   s;
    ccp_jerr_t  jerr;
    ccp_json_t  doc;

    if (call->free_text) {
        return ccp_none;
    }

    if (call->text.p == NULL || ccp_str_blank(call->text)) {
        return ccp_lit("{}");
    }

    s = call->text;

    if (!s.json) {
        return s.p[0] == '{' && s.p[s.n - 1] == '}' ? s : ccp_none;
    }

    s = ccp_str_plain(a, s);
    if (s.p == NULL) {
        *err = 1;
        return ccp_none;
    }

    ccp_json_init(&doc, a);
    rc = ccp_json_parse(&doc, s.p, s.n, 0, &jerr);

    if (rc == CCP_OK && ccp_json_type(ccp_json_root(&doc)) != CCP_J_OBJECT) {
        rc = CCP_INVALID;
    }

    ccp_json_free(&doc);
    *err = rc == CCP_NOMEM;

    return rc == CCP_OK ? s : ccp_none;
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
        ccp_w_str(o, call->text.json && !ccp_str_blank(call->text)
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
