
/*
 * Responses: requests for answers that are held, GET and DELETE
 * /v1/responses/ID, its input_items.
 */

#include "codec/responses/responses_held.h"
#include "codec/json/json_write.h"
#include "codec/proto/proto_models.h"


#define CCP_RESPONSES_SEGMENTS  3


int
ccp_responses_held_missing(ccp_held_call_t *c, const char *what, ccp_str_t id,
    const char *code)
{
    int  rc;

    rc = ccp_refuse(c->err, c->arena, CCP_E_NOT_FOUND,
                    "%s with id '%.*s' not found.", what,
                    (int) (id.n > 128 ? 128 : id.n), (const char *) id.p);

    c->err->code = ccp_cstr(code);
    c->err->type = ccp_lit("invalid_request_error");

    return rc;
}


/* The answer with its output, which is kept beside it. */

static int
ccp_responses_held_write(ccp_held_call_t *c, ccp_held_t *answer)
{
    int          rc;
    ccp_edit_t   edit;
    ccp_json_t   doc;
    ccp_held_t  *body;

    rc = ccp_held_elements(c->keeper, c->arena, answer, &body);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_json_init(&doc, c->arena);

    rc = ccp_json_parse(&doc, answer->document.p, answer->document.n, 0, NULL);
    if (rc != CCP_OK) {
        return rc == CCP_INVALID ? CCP_DECLINED : rc;
    }

    ccp_edit_init(&edit, &doc, c->arena);

    if (body->output.n) {
        ccp_edit_first(&edit, ccp_json_get(ccp_json_root(&doc), "output"),
                       body->output);
    }

    rc = ccp_edit_write(&edit, c->out);

    ccp_edit_free(&edit);

    return rc;
}


static int
ccp_responses_held_deleted(ccp_held_call_t *c, ccp_held_t *answer)
{
    if (c->keeper->drop(c->keeper->ctx, &answer->self) != CCP_OK) {
        return CCP_DECLINED;
    }

    ccp_w_obj(c->out);
    ccp_w_kstr(c->out, "id", answer->self.id);
    ccp_w_kcstr(c->out, "object", "response");
    ccp_w_kbool(c->out, "deleted", 1);
    ccp_w_obj_end(c->out);

    return CCP_OK;
}


/* All that led to the answer, but for its own output. */

static int
ccp_responses_held_inputs(ccp_held_call_t *c, ccp_held_t *answer)
{
    int          rc;
    ccp_held_t  *body;
    ccp_json_t   doc;

    rc = ccp_held_elements(c->keeper, c->arena, answer, &body);

    if (rc == CCP_OK) {
        body->output = ccp_none;
        rc = ccp_responses_held_all(c, body->before, body, &doc);
    }

    return rc == CCP_OK ? ccp_responses_held_page(c, &doc) : rc;
}


/* The upstream has the answer: it is asked.  CCP_DECLINED, c->owner tells. */

static int
ccp_responses_held_forward(ccp_held_call_t *c, ccp_held_t *answer)
{
    int           rc;
    size_t        i;
    uint8_t       ch;
    ccp_json_t    doc;
    ccp_models_t  query;

    for (i = 0; i < answer->self.id.n; i++) {
        ch = answer->self.id.p[i];

        if (!((ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z')
              || (ch >= '0' && ch <= '9') || ch == '_' || ch == '-'))
        {
            return ccp_responses_held_missing(c, "Response", answer->self.id,
                                              "response_not_found");
        }
    }

    memset(&query, 0, sizeof(ccp_models_t));
    query.args = c->args;

    if (ccp_str_is(ccp_models_arg(&query, "stream"), "true")) {
        return ccp_refuse(c->err, c->arena, CCP_E_BAD_REQUEST,
                          "stream: a response of the background is not "
                          "streamed here, ask for it without");
    }

    ccp_json_init(&doc, c->arena);

    rc = ccp_json_parse(&doc, answer->document.p, answer->document.n, 0, NULL);
    if (rc == CCP_NOMEM) {
        return rc;
    }

    c->model = rc == CCP_OK
               ? ccp_json_gets(ccp_json_root(&doc), "model") : ccp_lit("");
    c->owner = answer->owner;

    if (ccp_str_is(c->method, "DELETE")) {
        (void) c->keeper->drop(c->keeper->ctx, &answer->self);
    }

    return CCP_DECLINED;
}


int
ccp_responses_held_answer(ccp_held_call_t *c, const ccp_str_t *path, size_t n)
{
    int             rc, get;
    ccp_held_t     *answer;
    ccp_held_ref_t  ref;

    get = ccp_str_is(c->method, "GET");

    if (!(n == 1 && (get || ccp_str_is(c->method, "DELETE")))
        && !(n == 2 && get && ccp_str_is(path[1], "input_items"))
        && !(n == 2 && ccp_str_is(c->method, "POST")
             && ccp_str_is(path[1], "cancel")))
    {
        return CCP_DECLINED;
    }

    memset(&ref, 0, sizeof(ccp_held_ref_t));
    ref.kind = CCP_HELD_ANSWER;
    ref.id = path[0];

    rc = ccp_held_get(c->keeper, ref, c->arena, &answer);

    if (rc == CCP_OK && answer->owner
        && (answer->pending || ccp_str_is(c->method, "DELETE")))
    {
        return ccp_responses_held_forward(c, answer);
    }

    if (rc == CCP_OK && n == 2 && !get) {
        return ccp_refuse(c->err, c->arena, CCP_E_BAD_REQUEST,
                          "the response is complete: only one of the "
                          "background can be cancelled");
    }

    if (rc == CCP_OK) {
        rc = n == 2 ? ccp_responses_held_inputs(c, answer)
             : get ? ccp_responses_held_write(c, answer)
             : ccp_responses_held_deleted(c, answer);
    }

    return rc == CCP_DECLINED && c->owner == 0
           ? ccp_responses_held_missing(c, "Response", path[0],
                                        "response_not_found")
           : rc;
}


int
ccp_responses_held(ccp_held_call_t *c)
{
    size_t          n;
    ccp_str_t       path[CCP_RESPONSES_SEGMENTS];
    const uint8_t  *p, *end, *slash;

    p = c->path.p;
    end = p + c->path.n;

    for (n = 0; p < end; p = slash + 1, n++) {

        if (n == CCP_RESPONSES_SEGMENTS) {
            return CCP_DECLINED;
        }

        slash = memchr(p, '/', (size_t) (end - p));
        slash = slash ? slash : end;
        path[n] = ccp_str_range(p, slash);

        if (path[n].n == 0) {
            return CCP_DECLINED;
        }
    }

    return c->list ? ccp_responses_held_list(c, path, n)
                   : ccp_responses_held_answer(c, path, n);
}
