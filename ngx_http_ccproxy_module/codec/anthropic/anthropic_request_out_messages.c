
/*
 * Anthropic Messages, request out: the messages.
 *
 * Neighbours of one role become one message.  Its blocks are collected first,
 * because order (results lead, images of the assistant move to the user) and
 * the form of the content depend on all of them.
 */

#include "codec/anthropic/anthropic_request.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_error.h"
#include "codec/form/form_media.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


/* One block to be written: b in its form, or text around it or alone. */

typedef struct {
    const ccp_block_t  *b;
    const char         *before;    /* a text block with these … */
    const char         *after;
} ccp_anthropic_item_t;

typedef struct {
    ccp_anthropic_item_t  *items;
    size_t                 n;
    unsigned               old:1;  /* not the last turn of the user */
} ccp_anthropic_list_t;


static int  ccp_anthropic_write_item(ccp_anthropic_writer_t *w,
    const ccp_anthropic_item_t *it, ccp_cache_e mark);


static ccp_role_e
ccp_anthropic_message_role(const ccp_message_t *m)
{
    return m->role == CCP_ROLE_ASSISTANT ? CCP_ROLE_ASSISTANT : CCP_ROLE_USER;
}


static void
ccp_anthropic_add_item(ccp_anthropic_list_t *l, const ccp_block_t *b,
    const char *before, const char *after)
{
    ccp_anthropic_item_t  *it;

    it = &l->items[l->n++];
    it->b = b;
    it->before = before;
    it->after = after;
}


/* A block that the target can't take: an error, in old turns a remark. */

static int
ccp_anthropic_refuse_block(ccp_anthropic_writer_t *w, ccp_anthropic_list_t *l,
    const ccp_block_t *b)
{
    if (l->old) {
        ccp_request_note(w->r, w->a, "%s in an old turn: omitted",
                         ccp_media_word(b));
        ccp_anthropic_add_item(l, NULL, ccp_media_remark(b), NULL);
        return CCP_OK;
    }

    return ccp_refuse_media(w->x, b, b->kind == CCP_B_IMAGE
                                     && w->pr->img == CCP_IMG_DATA);
}


static int
ccp_anthropic_add_image(ccp_anthropic_writer_t *w, ccp_anthropic_list_t *l,
    const ccp_block_t *b)
{
    if (w->pr->img == CCP_IMG_NONE
        || b->media.kind == CCP_MEDIA_NONE || !ccp_media_type_known(b)
        || (b->media.kind == CCP_MEDIA_URL && w->pr->img == CCP_IMG_DATA)
        || (b->media.kind == CCP_MEDIA_FILE && !w->same))
    {
        return ccp_anthropic_refuse_block(w, l, b);
    }

    ccp_anthropic_add_item(l, b, NULL, NULL);

    return CCP_OK;
}


static int
ccp_anthropic_add_doc(ccp_anthropic_writer_t *w, ccp_anthropic_list_t *l,
    const ccp_block_t *b)
{
    int  text;

    text = (b->media.kind == CCP_MEDIA_TEXT || b->parts != NULL);

    if ((b->media.kind == CCP_MEDIA_FILE && !w->same)
        || (!text && (w->pr->doc == CCP_DOC_NONE
                      || !ccp_media_type_known(b))))
    {
        return ccp_anthropic_refuse_block(w, l, b);
    }

    ccp_anthropic_add_item(l, b, NULL, NULL);

    return CCP_OK;
}


static int
ccp_anthropic_collect_block(ccp_anthropic_writer_t *w, ccp_anthropic_list_t *l,
    const ccp_block_t *b, int assistant)
{
    switch (b->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        if (!ccp_str_blank(b->text)) {
            ccp_anthropic_add_item(l, b, NULL, NULL);
        }
        return CCP_OK;

    case CCP_B_THINK:
        if (assistant && ccp_anthropic_goes_back(w, b)) {
            ccp_anthropic_add_item(l, b, NULL, NULL);
        }
        return CCP_OK;

    case CCP_B_IMAGE:
        return ccp_anthropic_add_image(w, l, b);

    case CCP_B_DOC:
        return ccp_anthropic_add_doc(w, l, b);

    case CCP_B_AUDIO:
    case CCP_B_VIDEO:
        return ccp_anthropic_refuse_block(w, l, b);

    case CCP_B_CALL:
    case CCP_B_RESULT:
        ccp_anthropic_add_item(l, b, NULL, NULL);
        return CCP_OK;

    case CCP_B_HCALL:
    case CCP_B_HRESULT:
    case CCP_B_OPAQUE:
        if (b->origin == CCP_ANTHROPIC && w->same && b->raw.p) {
            ccp_anthropic_add_item(l, b, NULL, NULL);
            return CCP_OK;
        }

        ccp_request_note(w->r, w->a,
                         "a block of another provider's server: dropped");
        return CCP_OK;
    }

    return CCP_OK;
}


/* Media in the assistant's turn before this run of user messages. */

static int
ccp_anthropic_collect_moved(ccp_anthropic_writer_t *w, ccp_anthropic_list_t *l,
    const ccp_message_t *before)
{
    int                 rc, old;
    const ccp_block_t  *b;

    rc = CCP_OK;
    old = l->old;
    l->old = 1;

    for ( /* void */ ; before; before = before->next) {
        if (before->role != CCP_ROLE_ASSISTANT) {
            break;
        }

        for (b = before->blocks; b && rc == CCP_OK; b = b->next) {
            if (ccp_media_word(b)) {
                rc = ccp_anthropic_collect_block(w, l, b, 0);
            }
        }
    }

    l->old = old != 0;

    return rc;
}


static size_t
ccp_anthropic_count_blocks(const ccp_message_t *m, const ccp_message_t *end)
{
    size_t              n;
    const ccp_block_t  *b;

    for (n = 0; m && m != end; m = m->next) {
        for (b = m->blocks; b; b = b->next) {
            n++;
        }
    }

    return n;
}


/* Collects the run m … end; before: the assistant's run that precedes it. */

static int
ccp_anthropic_collect_run(ccp_anthropic_writer_t *w, ccp_anthropic_list_t *l,
    const ccp_message_t *m, const ccp_message_t *end,
    const ccp_message_t *before)
{
    int                   rc, assistant;
    const ccp_block_t    *b;
    const ccp_message_t  *p;

    l->n = 0;
    l->items = ccp_alloc(w->a, sizeof(ccp_anthropic_item_t)
                               * (ccp_anthropic_count_blocks(m, end)
                                  + ccp_anthropic_count_blocks(before, m)
                                  + 1));
    if (l->items == NULL) {
        return CCP_NOMEM;
    }

    assistant = (m->role == CCP_ROLE_ASSISTANT);

    for (p = m; p != end && !assistant; p = p->next) {
        for (b = p->blocks; b; b = b->next) {
            if (b->kind == CCP_B_RESULT) {
                ccp_anthropic_add_item(l, b, NULL, NULL);
            }
        }
    }

    rc = ccp_anthropic_collect_moved(w, l, before);

    for (p = m; p != end; p = p->next) {
        for (b = p->blocks; b && rc == CCP_OK; b = b->next) {

            if (p->role == CCP_ROLE_SYSTEM) {
                if (b->kind == CCP_B_TEXT && !ccp_str_blank(b->text)) {
                    ccp_anthropic_add_item(l, b, "<system-reminder>",
                                           "</system-reminder>");
                }

            } else if (assistant ? !ccp_media_word(b)
                                 : b->kind != CCP_B_RESULT)
            {
                rc = ccp_anthropic_collect_block(w, l, b, assistant);
            }
        }
    }

    return rc;
}


static void
ccp_anthropic_write_source(ccp_anthropic_writer_t *w, const ccp_media_t *m,
    const char *mime)
{
    ccp_out_t  *o;

    o = w->o;

    ccp_w_key(o, "source");
    ccp_w_obj(o);

    switch (m->kind) {

    case CCP_MEDIA_URL:
        ccp_w_kcstr(o, "type", "url");
        ccp_w_kstr(o, "url", m->data);
        break;

    case CCP_MEDIA_FILE:
        ccp_w_kcstr(o, "type", "file");
        ccp_w_kstr(o, "file_id", m->data);
        break;

    case CCP_MEDIA_TEXT:
        ccp_w_kcstr(o, "type", "text");
        ccp_w_kcstr(o, "media_type", "text/plain");
        ccp_w_kstr(o, "data", m->data);
        break;

    default:
        ccp_w_kcstr(o, "type", "base64");
        ccp_w_kstr(o, "media_type", m->mime.n ? m->mime : ccp_cstr(mime));
        ccp_w_kstr(o, "data", m->data);
    }

    ccp_w_obj_end(o);
}


/* A document of text for targets without documents: text in a tag. */

static int
ccp_anthropic_write_doc_text(ccp_anthropic_writer_t *w, const ccp_block_t *b)
{
    int  rc;

    ccp_w_kcstr(w->o, "type", "text");
    ccp_w_key(w->o, "text");
    ccp_w_str_open(w->o);
    rc = ccp_w_document(w->o, w->a, b, ccp_none);
    ccp_w_str_close(w->o);

    return rc;
}


/* The parts of a result or a document. */

static int
ccp_anthropic_collect_parts(ccp_anthropic_writer_t *w,
    const ccp_block_t *parts, ccp_anthropic_list_t *l)
{
    int                 rc;
    size_t              n;
    const ccp_block_t  *b;

    for (n = 0, b = parts; b; b = b->next) {
        n++;
    }

    l->n = 0;
    l->old = w->old;
    l->items = ccp_alloc(w->a, sizeof(ccp_anthropic_item_t) * (n + 1));
    if (l->items == NULL) {
        return CCP_NOMEM;
    }

    for (b = parts; b; b = b->next) {
        rc = ccp_anthropic_collect_block(w, l, b, 0);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


static int
ccp_anthropic_write_list(ccp_anthropic_writer_t *w,
    const ccp_anthropic_list_t *l)
{
    int     rc;
    size_t  i;

    rc = CCP_OK;
    ccp_w_arr(w->o);

    for (i = 0; i < l->n && rc == CCP_OK; i++) {
        rc = ccp_anthropic_write_item(w, &l->items[i], l->items[i].b
                                                       ? l->items[i].b->cache
                                                       : CCP_CACHE_NONE);
    }

    ccp_w_arr_end(w->o);

    return rc;
}


static int
ccp_anthropic_write_doc(ccp_anthropic_writer_t *w, const ccp_block_t *b)
{
    int                   rc;
    ccp_out_t            *o;
    ccp_anthropic_list_t  l;

    o = w->o;

    if (w->pr->doc != CCP_DOC_ANTHROPIC
        && (b->media.kind == CCP_MEDIA_TEXT || b->parts))
    {
        return ccp_anthropic_write_doc_text(w, b);
    }

    ccp_w_kcstr(o, "type", "document");

    if (b->parts) {
        rc = ccp_anthropic_collect_parts(w, b->parts, &l);
        if (rc != CCP_OK) {
            return rc;
        }

        ccp_w_key(o, "source");
        ccp_w_obj(o);
        ccp_w_kcstr(o, "type", "content");
        ccp_w_key(o, "content");
        rc = ccp_anthropic_write_list(w, &l);
        ccp_w_obj_end(o);

        if (rc != CCP_OK) {
            return rc;
        }

    } else {
        ccp_anthropic_write_source(w, &b->media, "application/pdf");
    }

    ccp_w_kstr_opt(o, "title", b->title.n ? b->title : b->media.filename);
    ccp_w_kstr_opt(o, "context", b->context);

    return CCP_OK;
}


static int
ccp_anthropic_write_result(ccp_anthropic_writer_t *w, const ccp_block_t *b)
{
    int                   rc, old;
    ccp_str_t             id;
    ccp_out_t            *o;
    ccp_anthropic_list_t  l;

    o = w->o;
    old = w->old;

    /* a tool's media are not the user's to take back: no error in any turn */

    w->old = 1;

    id = ccp_call_id(w->a, b->id, CCP_ID_SAFE64, "toolu_");
    rc = ccp_anthropic_collect_parts(w, b->parts, &l);

    if (rc != CCP_OK || id.p == NULL) {
        return rc != CCP_OK ? rc : CCP_NOMEM;
    }

    ccp_w_kcstr(o, "type", "tool_result");
    ccp_w_kstr(o, "tool_use_id", id);
    ccp_w_key(o, "content");

    if (b->parts == NULL && b->text.n) {
        ccp_w_str(o, b->text);

    } else if (l.n == 0) {
        ccp_w_cstr(o, "");

    } else if (l.n == 1 && l.items[0].before == NULL
               && l.items[0].b->kind == CCP_B_TEXT)
    {
        ccp_w_str(o, l.items[0].b->text);

    } else {
        rc = ccp_anthropic_write_list(w, &l);
    }

    if (b->error) {
        ccp_w_kbool(o, "is_error", 1);
    }

    w->old = old != 0;

    return rc;
}


static int
ccp_anthropic_write_call(ccp_anthropic_writer_t *w, const ccp_block_t *b)
{
    ccp_str_t   id;
    ccp_out_t  *o;

    o = w->o;

    id = ccp_call_id(w->a, b->id, CCP_ID_SAFE64, "toolu_");
    if (id.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kcstr(o, "type", "tool_use");
    ccp_w_kstr(o, "id", id);
    ccp_w_kstr(o, "name", ccp_name_wire(w->x->names, b->space, b->name));
    ccp_w_key(o, "input");
    ccp_w_args(o, w->a, b);

    return CCP_OK;
}


static void
ccp_anthropic_write_think(ccp_anthropic_writer_t *w, const ccp_block_t *b)
{
    if (b->redacted) {
        ccp_w_kcstr(w->o, "type", "redacted_thinking");
        ccp_w_kstr(w->o, "data", b->sig);
        return;
    }

    ccp_w_kcstr(w->o, "type", "thinking");
    ccp_w_kstr(w->o, "thinking", b->text.p ? b->text : ccp_lit(""));
    ccp_w_kstr(w->o, "signature", b->sig);
}


static void
ccp_anthropic_write_text(ccp_anthropic_writer_t *w,
    const ccp_anthropic_item_t *it)
{
    ccp_out_t  *o;

    o = w->o;

    ccp_w_kcstr(o, "type", "text");
    ccp_w_key(o, "text");
    ccp_w_str_open(o);

    if (it->before) {
        ccp_w_str_part(o, ccp_cstr(it->before));
    }

    if (it->b) {
        ccp_w_str_part(o, it->b->text);
    }

    if (it->after) {
        ccp_w_str_part(o, ccp_cstr(it->after));
    }

    ccp_w_str_close(o);
}


static int
ccp_anthropic_write_item(ccp_anthropic_writer_t *w,
    const ccp_anthropic_item_t *it, ccp_cache_e mark)
{
    int                 rc;
    ccp_out_t          *o;
    const ccp_block_t  *b;

    rc = CCP_OK;
    o = w->o;
    b = it->b;

    if (b && b->raw.p && w->same
        && (b->kind == CCP_B_HCALL || b->kind == CCP_B_HRESULT
            || b->kind == CCP_B_OPAQUE || ccp_str_is(b->type,
                                                     "search_result")))
    {
        ccp_w_raw(o, b->raw);
        return CCP_OK;
    }

    ccp_w_obj(o);

    switch (b ? b->kind : CCP_B_TEXT) {

    case CCP_B_CALL:
        rc = ccp_anthropic_write_call(w, b);
        break;

    case CCP_B_RESULT:
        rc = ccp_anthropic_write_result(w, b);
        break;

    case CCP_B_THINK:
        ccp_anthropic_write_think(w, b);
        mark = CCP_CACHE_NONE;
        break;

    case CCP_B_IMAGE:
        ccp_w_kcstr(o, "type", "image");
        ccp_anthropic_write_source(w, &b->media, "image/png");
        break;

    case CCP_B_DOC:
        rc = ccp_anthropic_write_doc(w, b);
        break;

    default:
        ccp_anthropic_write_text(w, it);
    }

    ccp_anthropic_write_mark(w, mark, &w->skip_msgs);
    ccp_w_obj_end(o);

    return rc;
}


static int
ccp_anthropic_write_message(ccp_anthropic_writer_t *w, ccp_role_e role,
    const ccp_anthropic_list_t *l, int last_user)
{
    int                          rc;
    size_t                       i;
    ccp_out_t                   *o;
    ccp_cache_e                  mark;
    const ccp_anthropic_item_t  *it;

    o = w->o;

    ccp_w_obj(o);
    ccp_w_kcstr(o, "role", role == CCP_ROLE_USER ? "user" : "assistant");
    ccp_w_key(o, "content");

    it = l->items;

    if (l->n == 0) {
        ccp_w_cstr(o, ".");
        ccp_w_obj_end(o);
        return CCP_OK;
    }

    if (l->n == 1 && it->b && it->before == NULL && it->b->kind == CCP_B_TEXT
        && (it->b->cache == CCP_CACHE_NONE || !w->marks)
        && !(last_user && w->automark))
    {
        ccp_w_str(o, it->b->text);
        ccp_w_obj_end(o);
        return CCP_OK;
    }

    rc = CCP_OK;
    ccp_w_arr(o);

    for (i = 0; i < l->n && rc == CCP_OK; i++) {
        mark = it[i].b ? it[i].b->cache : CCP_CACHE_NONE;

        if (last_user && w->automark && i == l->n - 1) {
            mark = CCP_CACHE_5M;
        }

        rc = ccp_anthropic_write_item(w, &it[i], mark);
    }

    ccp_w_arr_end(o);
    ccp_w_obj_end(o);

    return rc;
}


/* The first message of the last run that is the user's; NULL: none. */

static const ccp_message_t *
ccp_anthropic_find_last_user(const ccp_message_t *m)
{
    const ccp_message_t  *last, *prev;

    last = NULL;
    prev = NULL;

    for ( /* void */ ; m; prev = m, m = m->next) {
        if (ccp_anthropic_message_role(m) == CCP_ROLE_USER
            && (prev == NULL
                || ccp_anthropic_message_role(prev) != CCP_ROLE_USER))
        {
            last = m;
        }
    }

    return last;
}


static void
ccp_anthropic_write_filler(ccp_out_t *o, const char *text)
{
    ccp_w_obj(o);
    ccp_w_kcstr(o, "role", "user");
    ccp_w_kcstr(o, "content", text);
    ccp_w_obj_end(o);
}


/* Words at the end that the model goes on with: white space behind them is
 * refused. */

static int
ccp_anthropic_trim_prefill(ccp_anthropic_writer_t *w, ccp_anthropic_list_t *l)
{
    ccp_str_t              text;
    ccp_block_t           *b;
    ccp_anthropic_item_t  *it;

    for ( /* void */ ; l->n; l->n--) {
        it = &l->items[l->n - 1];

        if (it->b == NULL || it->b->kind != CCP_B_TEXT || it->after) {
            break;
        }

        text = ccp_str_trim_end(it->b->text);

        if (text.n == it->b->text.n) {
            break;
        }

        if (text.n == 0) {
            continue;
        }

        b = ccp_block_new(w->a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        *b = *it->b;
        b->text = text;
        it->b = b;
        break;
    }

    return CCP_OK;
}


int
ccp_anthropic_write_messages(ccp_anthropic_writer_t *w)
{
    int                   rc, fill, first, filled;
    ccp_anthropic_list_t  l;
    const ccp_message_t  *m, *end, *before, *last;

    rc = CCP_OK;
    first = 1;
    filled = 0;
    before = NULL;
    last = ccp_anthropic_find_last_user(w->r->msgs);

    ccp_w_key(w->o, "messages");
    ccp_w_arr(w->o);

    for (m = w->r->msgs; m && rc == CCP_OK; m = end) {
        for (end = m->next;
             end
                 && ccp_anthropic_message_role(end)
                 == ccp_anthropic_message_role(m);
             end = end->next)
        {
            /* void */
        }

        memset(&l, 0, sizeof(l));
        l.old = (m != last && end != NULL);
        w->old = l.old;

        rc = ccp_anthropic_collect_run(w, &l, m, end, before);
        fill = end == NULL
               && ccp_anthropic_message_role(m) == CCP_ROLE_ASSISTANT;

        if (rc == CCP_OK && fill) {
            rc = ccp_anthropic_trim_prefill(w, &l);
        }

        if (rc == CCP_OK && (l.n || m == last)) {
            if (first && ccp_anthropic_message_role(m) == CCP_ROLE_ASSISTANT) {
                ccp_anthropic_write_filler(w->o, ".");
            }

            first = 0;
            filled = fill;
            rc = ccp_anthropic_write_message(w, ccp_anthropic_message_role(m),
                                             &l, m == last);
        }

        before = m->role == CCP_ROLE_ASSISTANT ? m : NULL;
    }

    if (first) {
        ccp_anthropic_write_filler(w->o, ".");

    } else if (filled && (w->pr->prefill == CCP_PREFILL_NONE || w->think)) {
        ccp_request_note(w->r, w->a, "the assistant's words at the end: not "
                         "gone on with by this model");
        ccp_anthropic_write_filler(w->o, CCP_ANTHROPIC_GO_ON);
    }

    ccp_w_arr_end(w->o);

    return rc;
}
