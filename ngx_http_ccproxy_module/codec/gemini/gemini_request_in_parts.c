
/*
 * Gemini request in: contents and their parts.
 */

#include <stdio.h>

#include "codec/gemini/gemini_request.h"
#include "codec/gemini/gemini.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


/* One content on its way in. */

typedef struct {
    ccp_gemini_reader_t  *in;
    ccp_block_t         **tail;
    ccp_block_t         **anchor;  /* behind the last call: where reasoning
                                      that a signature stands for goes */
    unsigned              content; /* where we are, for error texts; 0 is 1 */
    unsigned              part;
} ccp_gemini_read_list_t;


/* What a part has, found in one pass over its members. */

typedef struct {
    ccp_jval_t   data;
    const char  *name;         /* of data; NULL: there is none */
    ccp_jval_t   sig;
    ccp_jval_t   thought;
    ccp_jval_t   resolution;
} ccp_gemini_read_part_t;

typedef int (*ccp_gemini_read_part_pt)(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);

static int  ccp_gemini_read_text(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);
static int  ccp_gemini_read_call(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);
static int  ccp_gemini_read_result(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);
static int  ccp_gemini_read_inline(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);
static int  ccp_gemini_read_file(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);
static int  ccp_gemini_read_hosted(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);
static int  ccp_gemini_read_hosted_result(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);


static const struct {
    const char              *name;
    ccp_gemini_read_part_pt  fn;
} ccp_gemini_read_part_table[] = {
    { "text", ccp_gemini_read_text },
    { "functionCall", ccp_gemini_read_call },
    { "functionResponse", ccp_gemini_read_result },
    { "inlineData", ccp_gemini_read_inline },
    { "fileData", ccp_gemini_read_file },
    { "executableCode", ccp_gemini_read_hosted },
    { "toolCall", ccp_gemini_read_hosted },
    { "codeExecutionResult", ccp_gemini_read_hosted_result },
    { "toolResponse", ccp_gemini_read_hosted_result }
};

#define CCP_GEMINI_NPARTS  ccp_countof(ccp_gemini_read_part_table)


static int
ccp_gemini_read_part_error(ccp_gemini_read_list_t *l, ccp_jval_t v,
    const char *want, const char *member)
{
    char  at[96];

    snprintf(at, sizeof(at), "contents[%u].parts[%u]%s%s", l->content,
             l->part, *member ? "." : "", member);

    return ccp_gemini_read_type_error(l->in, v, want, at);
}


ccp_str_t
ccp_gemini_read_detail(ccp_jval_t v)
{
    ccp_str_t  s;

    static const char        prefix[] = "MEDIA_RESOLUTION_";
    static const size_t      n = sizeof(prefix) - 1;

    if (ccp_json_type(v) == CCP_J_OBJECT) {
        v = ccp_gemini_get(v, "level");
    }

    s = ccp_json_str(v);

    if (s.n > n && memcmp(s.p, prefix, n) == 0) {
        s.p += n;
        s.n -= n;
    }

    if (ccp_gemini_is_word(s, "LOW")) {
        return ccp_lit("low");
    }

    return ccp_gemini_is_word(s, "HIGH") ? ccp_lit("high") : ccp_none;
}


static ccp_block_t *
ccp_gemini_read_block_new(ccp_gemini_read_list_t *l, ccp_block_e kind)
{
    ccp_block_t  *b;

    b = ccp_block_new(l->in->a, kind);

    if (b) {
        b->origin = CCP_GEMINI;
        l->tail = ccp_block_push(l->tail, b);
    }

    return b;
}


/*
 * A signature of another provider's, that this gateway packed: it belongs to
 * reasoning of its own, before what it was attached to.
 */

static int
ccp_gemini_read_carried(ccp_gemini_read_list_t *l, const ccp_block_t *b,
    ccp_proto_e origin, uint32_t model, ccp_str_t item, ccp_str_t sig)
{
    ccp_block_t  *t, **at;

    for (at = l->anchor; *at; at = &(*at)->next) {
        t = *at;

        if (t != b && t->kind == CCP_B_THINK && t->sig.p == NULL) {
            break;
        }
    }

    t = *at;

    if (t == NULL) {
        for (at = l->anchor; *at && (*at)->kind == CCP_B_THINK; ) {
            at = &(*at)->next;
        }

        t = ccp_block_new(l->in->a, CCP_B_THINK);
        if (t == NULL) {
            return CCP_NOMEM;
        }

        t->next = *at;
        *at = t;

        if (l->tail == at) {
            l->tail = &t->next;
        }
    }

    t->origin = origin;
    t->sig_model = model;
    t->sig = sig;
    t->redacted = ccp_str_is(item, CCP_GEMINI_REDACTED);
    t->item_id = t->redacted ? ccp_none : item;

    return CCP_OK;
}


/* Gives the block its signature. */

static int
ccp_gemini_read_sig(ccp_gemini_read_list_t *l, const ccp_gemini_read_part_t *p,
    ccp_block_t *b)
{
    uint32_t     model;
    ccp_str_t    sig, item, bytes;
    ccp_proto_e  origin;

    sig = ccp_json_str(p->sig);

    if (sig.n == 0) {
        return CCP_OK;
    }

    if (!ccp_carrier_unpack(l->in->a, sig, &origin, &model, &item, &bytes)) {
        b->sig = sig;
        return CCP_OK;
    }

    if (bytes.p == NULL) {
        return CCP_NOMEM;
    }

    if (origin == CCP_GEMINI) {
        b->sig = bytes;
        b->sig_model = model;
        return CCP_OK;
    }

    return ccp_gemini_read_carried(l, b, origin, model, item, bytes);
}


static int
ccp_gemini_read_text(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    ccp_block_e   kind;
    ccp_str_t     text;
    ccp_block_t  *b;

    (void) part;

    if (ccp_json_type(p->data) != CCP_J_STRING) {
        return ccp_gemini_read_part_error(l, p->data, "a string", "text");
    }

    text = ccp_json_str(p->data);
    kind = ccp_json_bool(p->thought, 0) == 1 ? CCP_B_THINK : CCP_B_TEXT;

    if (text.n == 0 && ccp_json_str(p->sig).n == 0) {
        return CCP_OK;
    }

    /* an empty text is there for its signature: reasoning without words */

    b = ccp_gemini_read_block_new(l, text.n ? kind : CCP_B_THINK);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->text = text;
    b->summary = b->kind == CCP_B_THINK;

    return ccp_gemini_read_sig(l, p, b);
}


static int
ccp_gemini_read_call(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    int           rc;
    ccp_jval_t    args;
    ccp_block_t  *b;

    (void) part;

    args = ccp_gemini_get(p->data, "args");

    if (ccp_gemini_gets(p->data, "name").n == 0) {
        return ccp_gemini_read_part_error(l, ccp_gemini_get(p->data, "name"),
                                          "a non-empty string",
                                          "functionCall.name");
    }

    if (ccp_json_has(args) && ccp_json_type(args) != CCP_J_OBJECT) {
        return ccp_gemini_read_part_error(l, args, "an object",
                                          "functionCall.args");
    }

    b = ccp_gemini_read_block_new(l, CCP_B_CALL);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->name = ccp_gemini_gets(p->data, "name");
    b->id = ccp_gemini_gets(p->data, "id");
    b->id = b->id.n ? b->id : ccp_none;
    b->text = ccp_json_has(args) ? ccp_json_raw(args) : ccp_lit("{}");

    rc = ccp_gemini_read_sig(l, p, b);
    l->anchor = l->tail;

    return rc;
}


/*
 * {"output": text} and {"error": text} are what the service documents; any
 * other object is told as its JSON text.
 */

static int
ccp_gemini_read_result_response(ccp_gemini_read_list_t *l, ccp_jval_t response,
    ccp_block_t *b)
{
    ccp_jval_t    output, error;
    ccp_block_t  *text;

    b->raw = ccp_json_raw(response);
    output = ccp_gemini_get(response, "output");
    error = ccp_gemini_get(response, "error");
    b->error = ccp_json_has(error) && !ccp_json_has(output);

    text = ccp_block_new(l->in->a, CCP_B_TEXT);
    if (text == NULL) {
        return CCP_NOMEM;
    }

    b->parts = text;
    output = b->error ? error : output;

    if (ccp_json_type(output) == CCP_J_STRING
        && ccp_json_count(response) == 1)
    {
        text->text = ccp_json_str(output);
        return CCP_OK;
    }

    b->object = 1;
    text->text = b->raw;

    return CCP_OK;
}


static int
ccp_gemini_read_result(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    int                 rc;
    ccp_jval_t          response, v;
    ccp_block_t        *b, *m, **tail;
    ccp_gemini_iter_t   it;

    (void) part;

    response = ccp_gemini_get(p->data, "response");

    if (ccp_json_has(response) && ccp_json_type(response) != CCP_J_OBJECT) {
        return ccp_gemini_read_part_error(l, response, "an object",
                                          "functionResponse.response");
    }

    b = ccp_gemini_read_block_new(l, CCP_B_RESULT);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->name = ccp_gemini_gets(p->data, "name");
    b->id = ccp_gemini_gets(p->data, "id");
    b->id = b->id.n ? b->id : ccp_none;

    if (ccp_json_has(response)) {
        rc = ccp_gemini_read_result_response(l, response, b);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    for (tail = &b->parts; *tail; tail = &(*tail)->next) { /* void */ }

    for (it = ccp_gemini_list_iter(ccp_gemini_get(p->data, "parts"));
         ccp_gemini_list_next(&it); )
    {
        v = ccp_gemini_get(it.val, "inlineData");

        m = ccp_block_new(l->in->a, CCP_B_DOC);
        if (m == NULL) {
            return CCP_NOMEM;
        }

        if (ccp_json_has(v)) {
            m->kind = ccp_gemini_read_media_object(&m->media, v, 0);

        } else {
            v = ccp_gemini_get(it.val, "fileData");
            m->kind = ccp_gemini_read_media_object(&m->media, v, 1);
        }

        if (m->media.data.n) {
            tail = ccp_block_push(tail, m);
        }
    }

    return CCP_OK;
}


static int
ccp_gemini_read_media(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, int file)
{
    ccp_block_t  *b;

    b = ccp_gemini_read_block_new(l, CCP_B_DOC);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->kind = ccp_gemini_read_media_object(&b->media, p->data, file);

    if (b->media.data.n == 0) {
        return ccp_gemini_read_part_error(l, ccp_jabsent, "a non-empty string",
                                          file ? "fileData.fileUri"
                                               : "inlineData.data");
    }

    if (b->kind == CCP_B_IMAGE || b->kind == CCP_B_VIDEO) {
        b->media.detail = ccp_json_has(p->resolution)
                          ? ccp_gemini_read_detail(p->resolution)
                          : l->in->detail;
    }

    return ccp_gemini_read_sig(l, p, b);
}


static int
ccp_gemini_read_inline(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    (void) part;

    return ccp_gemini_read_media(l, p, 0);
}


static int
ccp_gemini_read_file(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    (void) part;

    return ccp_gemini_read_media(l, p, 1);
}


/* Tools that ran at the provider: the part as it came. */

static int
ccp_gemini_read_raw(ccp_gemini_read_list_t *l, const ccp_gemini_read_part_t *p,
    ccp_jval_t part, ccp_block_e kind)
{
    ccp_block_t  *b;

    b = ccp_gemini_read_block_new(l, kind);
    if (b == NULL) {
        return CCP_NOMEM;
    }

    b->type = ccp_cstr(p->name);
    b->id = ccp_gemini_gets(p->data, "id");
    b->raw = ccp_json_raw(part);

    return CCP_OK;
}


static int
ccp_gemini_read_hosted(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    return ccp_gemini_read_raw(l, p, part, CCP_B_HCALL);
}


static int
ccp_gemini_read_hosted_result(ccp_gemini_read_list_t *l,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    return ccp_gemini_read_raw(l, p, part, CCP_B_HRESULT);
}


static int
ccp_gemini_read_part(ccp_gemini_read_list_t *l, ccp_jval_t part)
{
    size_t                   i;
    ccp_jiter_t              it;
    ccp_block_t             *b;
    ccp_gemini_read_part_t   p;
    ccp_gemini_read_part_pt  fn;

    if (ccp_json_type(part) != CCP_J_OBJECT) {
        return ccp_gemini_read_part_error(l, part, "an object", "");
    }

    memset(&p, 0, sizeof(p));
    fn = NULL;

    for (it = ccp_json_iter(part); ccp_json_next(&it); ) {
        if (!ccp_json_has(it.val)) {
            continue;
        }

        if (ccp_gemini_is_named(it.key, "thoughtSignature")) {
            p.sig = it.val;

        } else if (ccp_gemini_is_named(it.key, "thought")) {
            p.thought = it.val;

        } else if (ccp_gemini_is_named(it.key, "mediaResolution")) {
            p.resolution = it.val;
        }

        for (i = 0; i < CCP_GEMINI_NPARTS && fn == NULL; i++) {
            if (ccp_gemini_is_named(it.key,
                                    ccp_gemini_read_part_table[i].name))
            {
                p.name = ccp_gemini_read_part_table[i].name;
                p.data = it.val;
                fn = ccp_gemini_read_part_table[i].fn;
            }
        }
    }

    if (fn) {
        return fn(l, &p, part);
    }

    if (ccp_json_str(p.sig).n == 0) {
        return CCP_OK;
    }

    b = ccp_gemini_read_block_new(l, CCP_B_THINK);

    return b ? ccp_gemini_read_sig(l, &p, b) : CCP_NOMEM;
}


static int
ccp_gemini_read_parts(ccp_gemini_read_list_t *l, ccp_jval_t parts)
{
    int                 rc;
    ccp_gemini_iter_t   it;

    if (ccp_json_has(parts) && ccp_json_type(parts) != CCP_J_ARRAY
        && ccp_json_type(parts) != CCP_J_OBJECT)
    {
        return ccp_gemini_read_part_error(l, parts, "an array", "");
    }

    rc = CCP_OK;

    for (it = ccp_gemini_list_iter(parts);
         rc == CCP_OK && ccp_gemini_list_next(&it);
         l->part++)
    {
        rc = ccp_gemini_read_part(l, it.val);
    }

    return rc;
}


static int
ccp_gemini_read_role(ccp_gemini_read_list_t *l, ccp_jval_t content,
    ccp_role_e *role)
{
    ccp_str_t  s;

    s = ccp_gemini_gets(content, "role");

    if (s.n == 0 || ccp_gemini_is_word(s, "USER")
        || ccp_gemini_is_word(s, "FUNCTION"))
    {
        *role = CCP_ROLE_USER;
        return CCP_OK;
    }

    if (ccp_gemini_is_word(s, "MODEL")) {
        *role = CCP_ROLE_ASSISTANT;
        return CCP_OK;
    }

    return ccp_refuse(l->in->err, l->in->a, CCP_E_BAD_REQUEST,
                      "contents[%u].role: please use a valid role: user, "
                      "model", l->content);
}


int
ccp_gemini_read_contents(ccp_gemini_reader_t *in, ccp_jval_t contents)
{
    int                     rc;
    unsigned                n;
    ccp_role_e              role;
    ccp_message_t          *m, **tail;
    ccp_gemini_iter_t       it;
    ccp_gemini_read_list_t  l;

    tail = &in->r->msgs;
    role = CCP_ROLE_USER;
    n = 0;

    for (it = ccp_gemini_list_iter(contents); ccp_gemini_list_next(&it); n++) {
        memset(&l, 0, sizeof(l));
        l.in = in;
        l.content = n;

        if (ccp_json_type(it.val) != CCP_J_OBJECT) {
            return ccp_refuse(in->err, in->a, CCP_E_BAD_REQUEST,
                              "contents[%u]: expected an object, got %s",
                              n, ccp_json_typename(it.val));
        }

        rc = ccp_gemini_read_role(&l, it.val, &role);
        if (rc != CCP_OK) {
            return rc;
        }

        m = ccp_message_new(in->a, role);
        if (m == NULL) {
            return CCP_NOMEM;
        }

        l.tail = &m->blocks;
        l.anchor = &m->blocks;

        rc = ccp_gemini_read_parts(&l, ccp_gemini_get(it.val, "parts"));
        if (rc != CCP_OK) {
            return rc;
        }

        *tail = m;
        tail = &m->next;
    }

    return CCP_OK;
}


int
ccp_gemini_read_system(ccp_gemini_reader_t *in, ccp_jval_t content)
{
    ccp_str_t           text;
    ccp_block_t        *b, **tail;
    ccp_gemini_iter_t   it;

    tail = &in->r->system;

    for (it = ccp_gemini_list_iter(ccp_gemini_get(content, "parts"));
         ccp_gemini_list_next(&it); )
    {
        text = ccp_gemini_gets(it.val, "text");

        if (text.n == 0) {
            continue;
        }

        b = ccp_block_new(in->a, CCP_B_TEXT);
        if (b == NULL) {
            return CCP_NOMEM;
        }

        b->text = text;
        tail = ccp_block_push(tail, b);
    }

    return CCP_OK;
}
