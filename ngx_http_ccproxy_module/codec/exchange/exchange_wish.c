
/*
 * Wishes of a request that a model may refuse while it could serve the rest:
 * which ones there are, and the request as if the client had not made them.
 * That is the client's body without the members that say them, read again, so
 * that all that follows, splice or conversion, is as for any other request.
 * What refuses them: exchange_refused.c.
 */

#include "codec/compat/compat.h"
#include "codec/exchange/exchange_private.h"
#include "codec/form/form_think.h"


/* How deep images lie: messages, content, a result's content, its parts. */
#define CCP_WISH_DEPTH     8

/* Longest name of a member of the rows' tables, spelled with underscores. */
#define CCP_WISH_NAME_MAX  32


static const char  *const ccp_wish_names[CCP_NWISH] = {
    [CCP_WISH_TOOLS] = "tools",
    [CCP_WISH_TOOL_CHOICE] = "tool choice",
    [CCP_WISH_PARALLEL] = "parallel calls",
    [CCP_WISH_STREAM_USAGE] = "stream options",
    [CCP_WISH_FORMAT] = "output format",
    [CCP_WISH_TEMPERATURE] = "temperature",
    [CCP_WISH_IMAGE] = "images",
    [CCP_WISH_THINK] = "thinking"
};


/* Where messages lie in a request, and blocks in messages and blocks.
 * Arguments of calls are the caller's own, whatever they look like. */

static const char  *const ccp_wish_messages[] = {
    "messages", "input", "contents", NULL
};

static const char  *const ccp_wish_blocks[] = {
    "content", "output", "parts", NULL
};


const char *
ccp_wish_name(ccp_wish_e wish)
{
    return ccp_wish_names[wish];
}


/* ---- what there is ---- */

static int
ccp_wish_has_image(const ccp_block_t *b)
{
    for ( ; b; b = b->next) {
        if (b->kind == CCP_B_IMAGE || ccp_wish_has_image(b->parts)) {
            return 1;
        }
    }

    return 0;
}


static unsigned
ccp_wish_find(const ccp_request_t *r)
{
    unsigned              set;
    const ccp_message_t  *m;

    if (r->op != CCP_OP_GENERATE) {
        return 0;
    }

    set = 0;

    if (ccp_compat_needed(r)) {
        set |= CCP_WISH_BIT(CCP_WISH_TOOLS);
    }

    if (r->tool_choice.mode != CCP_TC_UNSET
        && r->tool_choice.mode != CCP_TC_NONE)
    {
        set |= CCP_WISH_BIT(CCP_WISH_TOOL_CHOICE);
    }

    if (r->parallel >= 0) {
        set |= CCP_WISH_BIT(CCP_WISH_PARALLEL);
    }

    if (r->stream) {

        /* Chat's streams are asked for their usage, whatever the client */

        set |= CCP_WISH_BIT(CCP_WISH_STREAM_USAGE);
    }

    if (r->out.kind == CCP_F_JSON || r->out.kind == CCP_F_SCHEMA) {
        set |= CCP_WISH_BIT(CCP_WISH_FORMAT);
    }

    if (r->temperature.p) {
        set |= CCP_WISH_BIT(CCP_WISH_TEMPERATURE);
    }

    if (ccp_think_wanted(&r->think) >= 0) {
        set |= CCP_WISH_BIT(CCP_WISH_THINK);
    }

    for (m = r->msgs; m; m = m->next) {
        if (ccp_wish_has_image(m->blocks)) {
            return set | CCP_WISH_BIT(CCP_WISH_IMAGE);
        }
    }

    return set;
}


unsigned
ccp_exchange_wishes(ccp_exchange_t *x)
{
    if (x->decoded && !x->wished) {
        x->wishes = ccp_wish_find(&x->req);
        x->wished = 1;
    }

    return x->wishes;
}


/* ---- without ---- */

/* A member by its name, or by its other spelling, with underscores. */

static ccp_jval_t
ccp_wish_get(const ccp_request_t *r, ccp_jval_t v, const char *name)
{
    char        *p, snake[CCP_WISH_NAME_MAX];
    ccp_jval_t   found;

    found = ccp_json_get(v, name);

    if (found.doc || !ccp_proto_ops(r->proto)->snake) {
        return found;
    }

    for (p = snake; *name && p < snake + sizeof(snake) - 2; name++) {
        if (*name >= 'A' && *name <= 'Z') {
            *p++ = '_';
        }

        *p++ = (char) (*name | 0x20);
    }

    *p = '\0';

    return ccp_json_get(v, snake);
}


/* Whether the member goes as a whole, so that there's nothing to do in it. */

static int
ccp_wish_goes(const ccp_wish_member_t *m, unsigned without, const char *name)
{
    for ( ; m->name; m++) {
        if (m->parent == NULL && (without & CCP_WISH_BIT(m->wish))
            && strcmp(m->name, name) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static void
ccp_wish_drop_members(const ccp_request_t *r, unsigned without,
    ccp_edit_t *e)
{
    ccp_jval_t                v;
    const ccp_wish_member_t  *m, *wishes;

    wishes = ccp_proto_ops(r->proto)->wishes;

    for (m = wishes; m && m->name; m++) {

        if (!(without & CCP_WISH_BIT(m->wish))) {
            continue;
        }

        v = r->root;

        if (m->parent) {
            if (ccp_wish_goes(wishes, without, m->parent)) {
                continue;
            }

            v = ccp_wish_get(r, v, m->parent);
        }

        v = ccp_json_type(v) == CCP_J_OBJECT ? ccp_wish_get(r, v, m->name)
                                             : ccp_jabsent;

        if (v.doc) {
            ccp_edit_drop(e, v);
        }
    }
}


/* What stands instead of an object that is an image; NULL: it is none. */

static const char *
ccp_wish_instead(const ccp_request_t *r, ccp_jval_t v)
{
    ccp_str_t                mime;
    ccp_jval_t               member;
    const ccp_wish_image_t  *im;

    for (im = ccp_proto_ops(r->proto)->wish_images; im && im->member; im++) {

        member = ccp_wish_get(r, v, im->member);

        if (im->value && ccp_json_is(member, im->value)) {
            return im->instead;
        }

        if (im->value == NULL && ccp_json_type(member) == CCP_J_OBJECT) {
            mime = ccp_json_str(ccp_wish_get(r, member, "mimeType"));

            if (ccp_str_starts(mime, "image/")) {
                return im->instead;
            }
        }
    }

    return NULL;
}


static void ccp_wish_drop_images(const ccp_request_t *r, ccp_jval_t v,
    int depth, ccp_edit_t *e);


/* An object that holds blocks, or may hold them. */

static void
ccp_wish_enter(const ccp_request_t *r, ccp_jval_t v, int depth, ccp_edit_t *e)
{
    ccp_jval_t          member;
    const ccp_ops_t    *ops;
    const char *const  *list;

    ops = ccp_proto_ops(r->proto);
    list = depth == 0 ? ccp_wish_messages : ccp_wish_blocks;

    for ( ; *list; list++) {
        member = ccp_json_get(v, *list);

        if (member.doc) {
            ccp_wish_drop_images(r, member, depth + 1, e);
        }
    }

    if (ops->wish_image_drop) {
        member = ccp_json_get(v, ops->wish_image_drop);

        if (member.doc) {
            ccp_edit_drop(e, member);
        }
    }

    if (ops->wish_result) {
        v = ccp_wish_get(r, v, ops->wish_result);
        member = v.doc ? ccp_json_get(v, "parts") : ccp_jabsent;

        if (member.doc) {
            ccp_edit_drop(e, member);
        }
    }
}


static void
ccp_wish_drop_images(const ccp_request_t *r, ccp_jval_t v, int depth,
    ccp_edit_t *e)
{
    const char   *instead;
    ccp_jiter_t   it;

    if (depth > CCP_WISH_DEPTH) {
        return;
    }

    if (ccp_json_type(v) == CCP_J_ARRAY) {
        for (it = ccp_json_iter(v); ccp_json_next(&it); /* void */ ) {
            ccp_wish_drop_images(r, it.val, depth + 1, e);
        }

        return;
    }

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return;
    }

    instead = ccp_wish_instead(r, v);

    if (instead) {
        ccp_edit_set(e, v, ccp_cstr(instead));
        return;
    }

    ccp_wish_enter(r, v, depth, e);
}


int
ccp_wish_leave_out(ccp_exchange_t *x, unsigned without, ccp_request_t *r,
    ccp_arena_t *a, ccp_error_t *err)
{
    int         rc;
    ccp_out_t   out;
    ccp_edit_t  e;

    ccp_out_init(&out, a, 0);
    ccp_out_reserve(&out, x->req.body.n);
    ccp_edit_init(&e, &x->req.doc, a);

    ccp_wish_drop_members(&x->req, without, &e);

    if (without & CCP_WISH_BIT(CCP_WISH_IMAGE)) {
        ccp_wish_drop_images(&x->req, x->req.root, 0, &e);
    }

    rc = ccp_edit_write(&e, &out);
    ccp_edit_free(&e);

    if (rc == CCP_OK) {
        rc = ccp_out_finish(&out);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    memset(r, 0, sizeof(ccp_request_t));
    ccp_json_init(&r->doc, a);
    ccp_request_init(r, &x->ep);
    r->version = x->req.version;
    r->body = ccp_out_all(&out);

    rc = ccp_json_parse(&r->doc, r->body.p, r->body.n, 0, NULL);
    if (rc != CCP_OK) {
        return CCP_NOMEM;
    }

    r->root = ccp_json_root(&r->doc);

    return ccp_proto_ops(r->proto)->read_request(r, a, err);
}


/* ---- of a try ---- */

unsigned
ccp_try_without(const ccp_try_t *t)
{
    return t->without;
}


void
ccp_try_note_refused(ccp_try_t *t, const ccp_error_t *err)
{
    unsigned    wishes;
    ccp_wish_e  wish;

    wishes = ccp_exchange_wishes(t->x) & ~t->without;

    if (t->compat || t->target.tools != CCP_TOOLS_AUTO) {
        wishes &= ~CCP_WISH_BIT(CCP_WISH_TOOLS);
    }

    wish = ccp_wish_refused(err, wishes);
    t->reply.refused = wish == CCP_NWISH ? 0 : CCP_WISH_BIT(wish);
}


ccp_wish_e
ccp_try_refused(const ccp_try_t *t)
{
    unsigned  wish;

    for (wish = 0; wish < CCP_NWISH; wish++) {
        if (t->reply.refused & CCP_WISH_BIT(wish)) {
            break;
        }
    }

    return (ccp_wish_e) wish;
}
