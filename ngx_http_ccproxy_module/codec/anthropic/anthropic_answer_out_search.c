
/*
 * Anthropic Messages answer out: searches that another provider ran, as the
 * server tool and its result that clients count and show links from.
 */

#include "codec/anthropic/anthropic_answer.h"
#include "codec/base/base_id.h"
#include "codec/json/json_write.h"
#include "codec/prepare/prepare.h"


#define CCP_ANTHROPIC_SEARCH_DIGITS  24


static void
ccp_anthropic_enc_search_link(ccp_out_t *o, ccp_str_t url, ccp_str_t title)
{
    if (url.n == 0) {
        return;
    }

    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", "web_search_result");
    ccp_w_kstr(o, "url", url);
    ccp_w_kstr(o, "title", title.p ? title : ccp_lit(""));
    ccp_w_kcstr(o, "encrypted_content", "");
    ccp_w_knull(o, "page_age");
    ccp_w_obj_end(o);
}


/* Links of the texts up to the next call, where this one lists none. */

static int
ccp_anthropic_enc_search_cited(ccp_anthropic_search_t *s,
    const ccp_block_t *blocks, ccp_arena_t *a, ccp_out_t *o)
{
    int                 rc;
    ccp_json_t          doc;
    ccp_jval_t          v;
    const ccp_block_t  *part;

    rc = CCP_OK;
    ccp_json_init(&doc, a);

    for ( ; blocks && blocks->kind != CCP_B_HCALL && !s->listed;
         blocks = blocks->next)
    {
        for (part = blocks->kind == CCP_B_TEXT ? blocks->parts : NULL;
             part && rc != CCP_NOMEM;
             part = part->next)
        {
            rc = ccp_json_parse(&doc, part->raw.p, part->raw.n, 0, NULL);

            if (rc == CCP_OK) {
                v = ccp_json_root(&doc);
                ccp_anthropic_enc_search_link(o, ccp_json_gets(v, "url"),
                                              ccp_json_gets(v, "title"));
            }
        }
    }

    ccp_json_free(&doc);

    return rc == CCP_NOMEM ? rc : CCP_OK;
}


int
ccp_anthropic_enc_search(ccp_answer_ctx_t *ac, const ccp_block_t *call,
    const ccp_block_t *blocks, ccp_anthropic_search_t *s)
{
    int          rc;
    ccp_str_t    query;
    ccp_out_t    o;
    ccp_json_t   doc;
    ccp_jval_t   action;
    ccp_jiter_t  it;

    if (call->raw.n == 0 || !ccp_str_is(call->type, "web_search_call")) {
        return CCP_DECLINED;
    }

    ccp_json_init(&doc, ac->arena);
    rc = ccp_json_parse(&doc, call->raw.p, call->raw.n, 0, NULL);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_DECLINED;
    }

    memset(s, 0, sizeof(ccp_anthropic_search_t));
    s->id = ccp_id_new(ac->clock, ac->arena, "srvtoolu_",
                       CCP_ANTHROPIC_SEARCH_DIGITS);

    action = ccp_json_opt(ccp_json_root(&doc), "action");
    query = ccp_json_gets(action, "query");

    ccp_out_init(&o, ac->arena, 0);
    ccp_w_obj(&o);
    ccp_w_kstr(&o, "query", query.p ? query : ccp_lit(""));
    ccp_w_obj_end(&o);
    rc = ccp_out_finish(&o);
    s->input = ccp_out_all(&o);

    ccp_out_init(&o, ac->arena, 0);
    ccp_w_arr(&o);

    for (it = ccp_json_iter(ccp_json_opt(action, "sources"));
         ccp_json_next(&it); )
    {
        ccp_anthropic_enc_search_link(&o, ccp_json_gets(it.val, "url"),
                                      ccp_json_gets(it.val, "title"));
        s->listed = 1;
    }

    if (rc == CCP_OK) {
        rc = ccp_anthropic_enc_search_cited(s, blocks, ac->arena, &o);
    }

    ccp_w_arr_end(&o);
    ccp_json_free(&doc);

    if (rc != CCP_OK || ccp_out_finish(&o) != CCP_OK || s->id.p == NULL) {
        return CCP_NOMEM;
    }

    s->links = ccp_out_all(&o);

    return CCP_OK;
}


/* ---- citations without a search ---- */

void
ccp_anthropic_links_init(ccp_anthropic_links_t *l, ccp_answer_ctx_t *ac)
{
    const ccp_tool_t  *t;

    l->ac = ac;
    ccp_json_init(&l->doc, ac->arena);
    ccp_buf_init(&l->list, ac->arena, 0);
    ccp_buf_init(&l->query, ac->arena, 0);
    ccp_index_init(&l->seen, ac->arena);

    for (t = ac->req ? ac->req->tools : NULL; t && !l->wanted; t = t->next) {
        l->wanted = ccp_tool_searches(t);
    }
}


/* One source: a URL, or an object that holds one. */

static int
ccp_anthropic_links_one(ccp_anthropic_links_t *l, ccp_jval_t v)
{
    int         rc;
    uint64_t    h;
    ccp_str_t   url;
    ccp_out_t   o;
    ccp_jval_t  body;

    body = ccp_json_opt(v, "url_citation");
    body = ccp_json_has(body) ? body : ccp_json_opt(v, "web");
    body = ccp_json_has(body) ? body : v;

    url = ccp_json_type(v) == CCP_J_STRING ? ccp_json_str(v)
                                           : ccp_json_gets(body, "url");
    url = url.n ? url : ccp_json_gets(body, "uri");
    h = ccp_str_hash(url, 0);

    if (url.n == 0 || ccp_index_get(&l->seen, h)) {
        return CCP_OK;
    }

    ccp_out_init(&o, l->ac->arena, 0);
    ccp_anthropic_enc_search_link(&o, url, ccp_json_gets(body, "title"));
    rc = ccp_out_finish(&o);

    if (rc != CCP_OK || ccp_index_put(&l->seen, h, l) != CCP_OK
        || (l->list.n && ccp_buf_add(&l->list, ",", 1) != CCP_OK)
        || ccp_buf_add_plain(&l->list, ccp_out_all(&o)) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    ccp_out_free(&o);

    return CCP_OK;
}


int
ccp_anthropic_links_add(ccp_anthropic_links_t *l, ccp_str_t raw)
{
    int          rc;
    ccp_str_t    query;
    ccp_jval_t   v, list;
    ccp_jiter_t  it;

    rc = ccp_json_parse(&l->doc, raw.p, raw.n, CCP_JSON_ANY, NULL);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_OK;
    }

    v = ccp_json_root(&l->doc);
    list = ccp_json_opt(v, "groundingChunks");

    for (it = ccp_json_iter(ccp_json_opt(v, "webSearchQueries"));
         l->query.n == 0 && ccp_json_next(&it); )
    {
        query = ccp_json_str(it.val);

        if (query.n && ccp_buf_add_json(&l->query, query) != CCP_OK) {
            return CCP_NOMEM;
        }
    }

    if (ccp_json_type(list) != CCP_J_ARRAY) {
        return ccp_anthropic_links_one(l, v);
    }

    for (it = ccp_json_iter(list); rc == CCP_OK && ccp_json_next(&it); ) {
        rc = ccp_anthropic_links_one(l, it.val);
    }

    return rc;
}


int
ccp_anthropic_enc_search_cites(ccp_anthropic_links_t *l,
    ccp_anthropic_search_t *s)
{
    ccp_out_t  o;
    ccp_str_t  query;

    if (!l->wanted || (l->list.n == 0 && l->query.n == 0)) {
        return CCP_DECLINED;
    }

    memset(s, 0, sizeof(ccp_anthropic_search_t));
    s->id = ccp_id_new(l->ac->clock, l->ac->arena, "srvtoolu_",
                       CCP_ANTHROPIC_SEARCH_DIGITS);

    query = ccp_buf_str(&l->query, 1);
    query.esc = 1;

    ccp_out_init(&o, l->ac->arena, 0);
    ccp_w_obj(&o);
    ccp_w_kstr(&o, "query", query.n ? query : ccp_lit(""));
    ccp_w_obj_end(&o);

    if (ccp_out_finish(&o) != CCP_OK || s->id.p == NULL) {
        return CCP_NOMEM;
    }

    s->input = ccp_out_all(&o);

    return ccp_anthropic_enc_search_links(l, s);
}


int
ccp_anthropic_enc_search_links(ccp_anthropic_links_t *l,
    ccp_anthropic_search_t *s)
{
    ccp_out_t  o;

    ccp_out_init(&o, l->ac->arena, 0);
    ccp_w_arr(&o);

    if (l->list.n) {
        ccp_w_raw(&o, ccp_buf_str(&l->list, 0));
    }

    ccp_w_arr_end(&o);

    if (ccp_out_finish(&o) != CCP_OK) {
        return CCP_NOMEM;
    }

    s->links = ccp_out_all(&o);

    return CCP_OK;
}


void
ccp_anthropic_enc_search_use(ccp_out_t *o, const ccp_anthropic_search_t *s,
    ccp_str_t input)
{
    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", "server_tool_use");
    ccp_w_kstr(o, "id", s->id);
    ccp_w_kcstr(o, "name", "web_search");
    ccp_w_kraw(o, "input", input);
    ccp_w_obj_end(o);
}


void
ccp_anthropic_enc_search_result(ccp_out_t *o, const ccp_anthropic_search_t *s)
{
    ccp_w_obj(o);
    ccp_w_kcstr(o, "type", "web_search_tool_result");
    ccp_w_kstr(o, "tool_use_id", s->id);
    ccp_w_kraw(o, "content", s->links);
    ccp_w_obj_end(o);
}


/* ---- in a stream ---- */

/* A search of another provider's: the tool's block … */

static void
ccp_anthropic_enc_put_search(ccp_anthropic_enc_t *e,
    const ccp_anthropic_search_t *s, ccp_out_t *o)
{
    ccp_anthropic_enc_end_tail(e, o);
    ccp_anthropic_enc_put_start(e, o);
    o->comma = 0;
    ccp_anthropic_enc_search_use(o, s, ccp_lit("{}"));
    ccp_out_lit(o, "}\n\n");
    ccp_anthropic_enc_put_input(e, o, s->input);
    ccp_anthropic_enc_put_stop(e, o);
}


/* … and its result's. */

static void
ccp_anthropic_enc_put_found(ccp_anthropic_enc_t *e,
    const ccp_anthropic_search_t *s, ccp_out_t *o)
{
    ccp_anthropic_enc_put_start(e, o);
    o->comma = 0;
    ccp_anthropic_enc_search_result(o, s);
    ccp_out_lit(o, "}\n\n");
    o->comma = 0;
    ccp_anthropic_enc_put_stop(e, o);
}


/* The result of a search that named no links: those that were cited since. */

static int
ccp_anthropic_enc_end_search(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    int                     rc;
    ccp_anthropic_search_t  s;

    if (e->search.n == 0) {
        return CCP_OK;
    }

    memset(&s, 0, sizeof(ccp_anthropic_search_t));
    s.id = ccp_buf_str(&e->search, 0);
    rc = ccp_anthropic_enc_search_links(&e->links, &s);

    if (rc == CCP_OK) {
        ccp_anthropic_enc_put_found(e, &s, o);
    }

    e->search.n = 0;
    e->links.list.n = 0;

    return rc;
}


int
ccp_anthropic_enc_hosted_other(ccp_anthropic_enc_t *e, const ccp_block_t *b,
    ccp_out_t *o)
{
    int                     rc;
    ccp_anthropic_search_t  s;

    rc = ccp_anthropic_enc_search(e->ac, b, NULL, &s);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_OK;
    }

    ccp_anthropic_enc_end_tail(e, o);
    rc = ccp_anthropic_enc_end_search(e, o);

    if (rc != CCP_OK) {
        return rc;
    }

    e->searched = 1;
    ccp_anthropic_enc_put_search(e, &s, o);

    if (!s.listed) {
        return ccp_buf_add(&e->search, s.id.p, s.id.n);
    }

    ccp_anthropic_enc_put_found(e, &s, o);

    return CCP_OK;
}


/* Sources are all that other upstreams tell of a search. */

int
ccp_anthropic_enc_end_cites(ccp_anthropic_enc_t *e, ccp_out_t *o)
{
    int                     rc;
    ccp_anthropic_search_t  s;

    if (e->searched) {
        return ccp_anthropic_enc_end_search(e, o);
    }

    rc = ccp_anthropic_enc_search_cites(&e->links, &s);

    if (rc == CCP_OK) {
        e->cited = 1;
        ccp_anthropic_enc_put_search(e, &s, o);
        ccp_anthropic_enc_put_found(e, &s, o);
    }

    return rc == CCP_NOMEM ? rc : CCP_OK;
}
