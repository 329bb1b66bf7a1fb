
/*
 * Responses: sources and log probabilities of a text, in this protocol's form
 * from whichever form the upstream has for them.
 */

#include "codec/responses/responses_answer.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"


static ccp_str_t
ccp_responses_enc_first(ccp_jval_t v, const char *a, const char *b)
{
    ccp_str_t  s;

    s = ccp_json_gets(v, a);

    return s.n ? s : ccp_json_gets(v, b);
}


/* A source on the web as an annotation; others have no place here. */

static void
ccp_responses_enc_url_citation(ccp_out_t *out, ccp_jval_t v)
{
    ccp_str_t   url, title;
    ccp_jval_t  body;

    body = ccp_json_opt(v, "url_citation");
    body = ccp_json_has(body) ? body : ccp_json_opt(v, "web");
    body = ccp_json_has(body) ? body : v;

    url = ccp_json_type(v) == CCP_J_STRING
          ? ccp_json_str(v)
          : ccp_responses_enc_first(body, "url", "uri");
    title = ccp_json_gets(body, "title");

    if (url.n == 0) {
        return;
    }

    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "url_citation");
    ccp_w_kstr(out, "url", url);
    ccp_w_kstr(out, "title", title.p ? title : ccp_lit(""));
    ccp_w_kint(out, "start_index",
               ccp_json_int(ccp_json_opt(body, "start_index"), 0));
    ccp_w_kint(out, "end_index",
               ccp_json_int(ccp_json_opt(body, "end_index"), 0));
    ccp_w_obj_end(out);
}


static int
ccp_responses_enc_annotation(ccp_responses_enc_t *e, ccp_str_t note,
    ccp_out_t *out)
{
    if (e->notes.n) {
        (void) ccp_buf_add(&e->notes, ",", 1);
    }

    (void) ccp_buf_add(&e->notes, note.p, note.n);

    if (!e->quiet) {
        ccp_responses_enc_event_begin(e, out,
                                      "response.output_text.annotation.added");
        ccp_w_kstr(out, "item_id", ccp_buf_str(&e->item, 1));
        ccp_w_kint(out, "output_index", e->index);
        ccp_w_kint(out, "content_index", 0);
        ccp_w_kint(out, "annotation_index", e->nnotes);
        ccp_w_kraw(out, "annotation", note);
        ccp_responses_enc_event_end(out);
    }

    e->nnotes++;

    return e->notes.err ? CCP_NOMEM : CCP_OK;
}


/* One source; own: it is an annotation already. */

static int
ccp_responses_enc_source(ccp_responses_enc_t *e, ccp_jval_t v, int own,
    ccp_out_t *out)
{
    int        rc;
    ccp_out_t  note;

    ccp_out_init(&note, e->ac->arena, 0);

    if (own) {
        ccp_responses_enc_line(&note, ccp_json_raw(v));

    } else {
        ccp_responses_enc_url_citation(&note, v);
    }

    rc = note.err ? CCP_NOMEM : CCP_OK;

    if (rc == CCP_OK && note.buf.n) {
        rc = ccp_responses_enc_annotation(e, ccp_out_all(&note), out);
    }

    ccp_out_free(&note);

    return rc;
}


int
ccp_responses_enc_cite(ccp_responses_enc_t *e, const ccp_event_t *ev,
    ccp_out_t *out)
{
    int          rc;
    ccp_jerr_t   jerr;
    ccp_jval_t   v, list;
    ccp_jiter_t  it;

    rc = ccp_json_parse(&e->doc, ev->raw.p, ev->raw.n, CCP_JSON_ANY, &jerr);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_OK;
    }

    v = ccp_json_root(&e->doc);
    list = ccp_json_get(v, "groundingChunks");

    if (ccp_json_type(list) != CCP_J_ARRAY) {
        return ccp_responses_enc_source(e, v, ev->origin == CCP_RESPONSES,
                                        out);
    }

    for (it = ccp_json_iter(list); rc == CCP_OK && ccp_json_next(&it); ) {
        rc = ccp_responses_enc_source(e, it.val, 0, out);
    }

    return rc;
}


/* A list of tokens, or Chat's object around one. */

int
ccp_responses_enc_logprobs(ccp_responses_enc_t *e, ccp_str_t raw)
{
    int          rc;
    ccp_out_t    list;
    ccp_jerr_t   jerr;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    if (e->ac->req->logprobs != 1) {
        return CCP_OK;
    }

    rc = ccp_json_parse(&e->doc, raw.p, raw.n, 0, &jerr);
    if (rc != CCP_OK) {
        return rc == CCP_NOMEM ? rc : CCP_OK;
    }

    v = ccp_json_root(&e->doc);
    v = ccp_json_type(v) == CCP_J_OBJECT ? ccp_json_opt(v, "content") : v;

    ccp_out_init(&list, e->ac->arena, 0);

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        if (e->probs.n || list.buf.n) {
            ccp_out_lit(&list, ",");
        }

        ccp_responses_enc_line(&list, ccp_json_raw(it.val));
    }

    rc = list.err ? CCP_NOMEM
                  : ccp_buf_add(&e->probs, list.buf.p, list.buf.n);
    ccp_out_free(&list);

    return rc;
}
