
/*
 * Blocks and lists, joined texts, arguments of calls, user ids.
 */

#include "codec/form/form_request.h"
#include "codec/base/base_buf.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"


/* Member that holds text which is no JSON object. */
#define CCP_ARGS_MEMBER  "input"

/* Hex digits that stand for a user id that is too long. */
#define CCP_USER_DIGITS  32


ccp_block_t *
ccp_block_new(ccp_arena_t *a, ccp_block_e kind)
{
    ccp_block_t  *b;

    b = ccp_calloc(a, sizeof(ccp_block_t));

    if (b != NULL) {
        b->kind = kind;
    }

    return b;
}


ccp_block_t **
ccp_block_push(ccp_block_t **tail, ccp_block_t *b)
{
    b->next = NULL;
    *tail = b;

    return &b->next;
}


ccp_message_t *
ccp_message_new(ccp_arena_t *a, ccp_role_e role)
{
    ccp_message_t  *m;

    m = ccp_calloc(a, sizeof(ccp_message_t));

    if (m != NULL) {
        m->role = role;
    }

    return m;
}


int
ccp_item_add(ccp_arena_t *a, ccp_item_t **list, ccp_str_t s)
{
    ccp_item_t  *it;

    it = ccp_calloc(a, sizeof(ccp_item_t));
    if (it == NULL) {
        return CCP_NOMEM;
    }

    it->s = s;

    if (*list == NULL) {
        *list = it;

    } else {
        (*list)->last->next = it;
    }

    (*list)->last = it;

    return CCP_OK;
}


ccp_str_t
ccp_blocks_text(ccp_arena_t *a, const ccp_block_t *b, const char *sep,
    int *err)
{
    size_t     n;
    ccp_buf_t  buf;
    ccp_str_t  first;

    first = ccp_none;
    n = 0;

    for ( ; b != NULL; b = b->next) {
        if (b->kind != CCP_B_TEXT || b->text.p == NULL) {
            continue;
        }

        if (n++ == 0) {
            first = b->text;
            continue;
        }

        if (n == 2) {
            ccp_buf_init(&buf, a, 0);
            (void) ccp_buf_add_json(&buf, first);
        }

        (void) ccp_buf_add_json(&buf, ccp_cstr(sep));
        (void) ccp_buf_add_json(&buf, b->text);
    }

    if (n < 2) {
        return first;
    }

    if (buf.err) {
        *err = 1;
        ccp_buf_free(&buf);
        return ccp_none;
    }

    return ccp_buf_str(&buf, 1);
}


/*
 * The arguments as plain text if they are a JSON object, "{}" if there are
 * none, else absent; *err without memory.  Text that is not spelled inside a
 * JSON string is a member of a document that was checked already.
 */
static ccp_str_t
ccp_args_object(ccp_arena_t *a, const ccp_block_t *call, int *err)
{
    int         rc;
    ccp_str_t   s;
    ccp_jerr_t  jerr;
    ccp_json_t  doc;

    if (call->custom) {
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
    s = ccp_args_object(a, call, &err);

    if (err) {
        o->err = 1;
        return;
    }

    if (s.p != NULL) {
        ccp_w_raw(o, s);
        return;
    }

    ccp_w_obj(o);
    ccp_w_kstr(o, CCP_ARGS_MEMBER,
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
    s = ccp_args_object(a, call, &err);

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
    (void) ccp_buf_add(&buf, "{\"" CCP_ARGS_MEMBER "\":\"",
                       sizeof("{\"" CCP_ARGS_MEMBER "\":\"") - 1);
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
ccp_user_fit(ccp_arena_t *a, ccp_str_t user, size_t max)
{
    size_t             i;
    uint8_t           *p;
    uint64_t           h[2];
    ccp_str_t          s;
    static const char  hex[] = "0123456789abcdef";

    if (user.p == NULL) {
        return user;
    }

    s = ccp_str_plain(a, user);
    if (s.p == NULL || s.n <= max) {
        return s.p == NULL ? s : user;
    }

    p = ccp_alloc(a, CCP_USER_DIGITS);
    if (p == NULL) {
        return ccp_none;
    }

    h[0] = ccp_str_hash(s, 0);
    h[1] = ccp_str_hash(s, h[0]);

    for (i = 0; i < CCP_USER_DIGITS; i++) {
        p[i] = (uint8_t) hex[(h[i / 16] >> (i % 16 * 4)) & 15];
    }

    s.p = p;
    s.n = CCP_USER_DIGITS;

    return s;
}


static int
ccp_says_json(const ccp_block_t *b)
{
    size_t          i;
    const uint8_t  *p;

    for ( ; b; b = b->next) {
        p = b->text.p;

        for (i = 0; b->kind == CCP_B_TEXT && i + 4 <= b->text.n; i++) {
            if ((p[i] | 0x20) == 'j' && (p[i + 1] | 0x20) == 's'
                && (p[i + 2] | 0x20) == 'o' && (p[i + 3] | 0x20) == 'n')
            {
                return 1;
            }
        }
    }

    return 0;
}


int
ccp_mentions_json(const ccp_request_t *r)
{
    const ccp_message_t  *m;

    if (ccp_says_json(r->system)) {
        return 1;
    }

    for (m = r->msgs; m; m = m->next) {
        if (m->role != CCP_ROLE_ASSISTANT && ccp_says_json(m->blocks)) {
            return 1;
        }
    }

    return 0;
}
