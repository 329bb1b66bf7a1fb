
/*
 * Chat Completions answer out: sources as annotations.
 */

#include "codec/chat/chat_answer.h"
#include "codec/base/base_utf8.h"
#include "codec/json/json_write.h"


typedef struct {
    ccp_answer_ctx_t  *ac;
    ccp_buf_t         *to;
    int64_t            start;      /* of the text that is meant, where the */
    int64_t            end;        /* source doesn't say */
} ccp_chat_enc_cites_t;


static ccp_str_t
ccp_chat_enc_first(ccp_jval_t v, const char *a, const char *b)
{
    ccp_str_t  s;

    s = ccp_json_gets(v, a);

    return s.n ? s : ccp_json_gets(v, b);
}


/* One source as an annotation; sources without URL have no place here. */

static int
ccp_chat_enc_annotation(const ccp_chat_enc_cites_t *c, ccp_jval_t v)
{
    ccp_out_t   o;
    ccp_str_t   url, title;
    ccp_jval_t  body;

    body = ccp_json_opt(v, "url_citation");
    body = ccp_json_has(body) ? body : ccp_json_opt(v, "web");
    body = ccp_json_has(body) ? body : v;
    url = ccp_json_type(v) == CCP_J_STRING
          ? ccp_json_str(v) : ccp_chat_enc_first(body, "url", "uri");
    title = ccp_json_gets(body, "title");

    if (url.n == 0) {
        return CCP_OK;
    }

    ccp_out_init(&o, c->ac->arena, 0);
    ccp_w_obj(&o);
    ccp_w_kcstr(&o, "type", "url_citation");
    ccp_w_key(&o, "url_citation");
    ccp_w_obj(&o);
    ccp_w_kint(&o, "start_index",
               ccp_json_int(ccp_json_opt(body, "start_index"), c->start));
    ccp_w_kint(&o, "end_index",
               ccp_json_int(ccp_json_opt(body, "end_index"), c->end));
    ccp_w_kstr(&o, "title", title.p ? title : ccp_lit(""));
    ccp_w_kstr(&o, "url", url);
    ccp_w_obj_end(&o);
    ccp_w_obj_end(&o);

    if (ccp_out_finish(&o) != CCP_OK
        || (c->to->n && ccp_buf_add(c->to, ",", 1) != CCP_OK)
        || ccp_buf_add_plain(c->to, ccp_out_all(&o)) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    ccp_out_free(&o);

    return CCP_OK;
}


/* A citation of whatever protocol; Gemini's lists all sources of the text. */

static int
ccp_chat_enc_cites_one(const ccp_chat_enc_cites_t *c, ccp_json_t *doc,
    ccp_str_t raw)
{
    int          rc;
    ccp_jerr_t   jerr;
    ccp_jval_t   v, list;
    ccp_jiter_t  it;

    rc = ccp_json_parse(doc, raw.p, raw.n, CCP_JSON_ANY, &jerr);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_OK;
    }

    v = ccp_json_root(doc);
    list = ccp_json_get(v, "groundingChunks");

    if (ccp_json_type(list) != CCP_J_ARRAY) {
        return ccp_chat_enc_annotation(c, v);
    }

    for (it = ccp_json_iter(list); rc == CCP_OK && ccp_json_next(&it); ) {
        rc = ccp_chat_enc_annotation(c, it.val);
    }

    return rc;
}


int
ccp_chat_enc_cite(ccp_chat_enc_t *e, ccp_chat_enc_choice_t *s, ccp_str_t raw)
{
    ccp_chat_enc_cites_t  c = { e->ac, &s->cites, 0, 0 };

    return ccp_chat_enc_cites_one(&c, &e->doc, raw);
}


static int64_t
ccp_chat_enc_chars(ccp_str_t s)
{
    size_t   i, n;
    int64_t  chars;

    for (chars = 0, i = 0; i < s.n; i += n) {
        n = 1;

        if (s.json && s.p[i] == '\\' && s.n - i > 1) {
            n = s.p[i + 1] == 'u' && s.n - i >= 6 ? 6 : 2;
            chars += n == 2 || (ccp_hex4(s.p + i + 2) & 0xfc00) != 0xdc00;

        } else {
            chars += (s.p[i] & 0xc0) != 0x80;
        }
    }

    return chars;
}


/* annotations of a whole message: each block's sources mean its text. */

int
ccp_chat_enc_whole_cites(ccp_answer_ctx_t *ac, ccp_out_t *out,
    const ccp_answer_t *ans)
{
    int                    rc;
    ccp_buf_t              all;
    ccp_json_t             doc;
    const ccp_block_t     *b, *part;
    ccp_chat_enc_cites_t   c = { ac, &all, 0, 0 };

    rc = CCP_OK;
    ccp_buf_init(&all, ac->arena, 0);
    ccp_json_init(&doc, ac->arena);

    for (b = ans->blocks; b; b = b->next) {
        if (b->kind != CCP_B_TEXT) {
            continue;
        }

        c.start = c.end;
        c.end += ccp_chat_enc_chars(b->text);

        for (part = b->parts; part && rc == CCP_OK; part = part->next) {
            if (ccp_str_is(part->type, "citation")) {
                rc = ccp_chat_enc_cites_one(&c, &doc, part->raw);
            }
        }
    }

    if (all.n) {
        ccp_w_key(out, "annotations");
        ccp_w_arr(out);
        ccp_w_raw(out, ccp_buf_str(&all, 0));
        ccp_w_arr_end(out);
    }

    ccp_json_free(&doc);
    ccp_buf_free(&all);

    return rc;
}
