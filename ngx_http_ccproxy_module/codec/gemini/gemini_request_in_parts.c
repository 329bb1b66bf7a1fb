
/*
 * Gemini request in: contents and their parts.
 */

#include "codec/gemini/gemini_request.h"
#include "codec/gemini/gemini.h"
#include "codec/form/form_block.h"
#include "codec/prepare/prepare.h"


/* What a part has, found in one pass over its members. */

typedef struct {
    ccp_jval_t   data;
    const char  *name;         /* of data; NULL: there is none */
    ccp_jval_t   sig;
    ccp_jval_t   thought;
    ccp_jval_t   resolution;
} ccp_gemini_read_part_t;

typedef void (*ccp_gemini_read_part_pt)(ccp_gemini_reader_t *in,
    const ccp_gemini_read_part_t *p, ccp_jval_t part);


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
ccp_gemini_read_block_new(ccp_gemini_reader_t *in, ccp_block_e kind)
{
    ccp_block_t  *b;

    b = ccp_in_block(&in->at, kind, &in->tail);

    if (b) {
        b->origin = CCP_GEMINI;
    }

    return b;
}


/*
 * A signature of another provider's, that this gateway packed: it belongs to
 * reasoning of its own, before what it was attached to.
 */

static void
ccp_gemini_read_carried(ccp_gemini_reader_t *in, const ccp_block_t *b,
    ccp_proto_e origin, uint32_t model, ccp_str_t item, ccp_str_t sig)
{
    ccp_block_t  *t, **at;

    for (at = in->anchor; *at; at = &(*at)->next) {
        t = *at;

        if (t != b && t->kind == CCP_B_THINK && t->sig.p == NULL) {
            break;
        }
    }

    t = *at;

    if (t == NULL) {
        for (at = in->anchor; *at && (*at)->kind == CCP_B_THINK; ) {
            at = &(*at)->next;
        }

        t = ccp_block_new(in->at.a, CCP_B_THINK);
        if (t == NULL) {
            ccp_in_nomem(&in->at);
            return;
        }

        t->next = *at;
        *at = t;

        if (in->tail == at) {
            in->tail = &t->next;
        }
    }

    t->origin = origin;
    t->sig_model = model;
    t->sig = sig;
    t->redacted = ccp_str_is(item, CCP_GEMINI_REDACTED);
    t->item_id = t->redacted ? ccp_none : item;
}


/* Gives the block its signature. */

static void
ccp_gemini_read_sig(ccp_gemini_reader_t *in, const ccp_gemini_read_part_t *p,
    ccp_block_t *b)
{
    uint32_t     model;
    ccp_str_t    sig, item, bytes;
    ccp_proto_e  origin;

    sig = ccp_json_str(p->sig);

    if (sig.n == 0) {
        return;
    }

    if (!ccp_carrier_unpack(in->at.a, sig, &origin, &model, &item, &bytes)) {
        b->sig = sig;

    } else if (bytes.p == NULL) {
        ccp_in_nomem(&in->at);

    } else if (origin == CCP_GEMINI) {
        b->sig = bytes;
        b->sig_model = model;

    } else {
        ccp_gemini_read_carried(in, b, origin, model, item, bytes);
    }
}


static void
ccp_gemini_read_text(ccp_gemini_reader_t *in, const ccp_gemini_read_part_t *p,
    ccp_jval_t part)
{
    ccp_block_e   kind;
    ccp_str_t     text;
    ccp_block_t  *b;

    (void) part;

    if (ccp_json_type(p->data) != CCP_J_STRING) {
        ccp_in_wrong(&in->at, "text", p->data, "a string");
        return;
    }

    text = ccp_json_str(p->data);
    kind = ccp_json_bool(p->thought, 0) == 1 ? CCP_B_THINK : CCP_B_TEXT;

    if (text.n == 0 && ccp_json_str(p->sig).n == 0) {
        return;
    }

    /* an empty text is there for its signature: reasoning without words */

    b = ccp_gemini_read_block_new(in, text.n ? kind : CCP_B_THINK);

    if (b) {
        b->text = text;
        b->summary = b->kind == CCP_B_THINK;
        ccp_gemini_read_sig(in, p, b);
    }
}


static ccp_str_t
ccp_gemini_read_id(ccp_gemini_reader_t *in, ccp_jval_t v)
{
    ccp_str_t  id;

    id = ccp_in_str(&in->at, v, "id");

    return id.n ? id : ccp_none;
}


static void
ccp_gemini_read_call(ccp_gemini_reader_t *in, const ccp_gemini_read_part_t *p,
    ccp_jval_t part)
{
    ccp_block_t  *b;

    (void) part;

    b = ccp_gemini_read_block_new(in, CCP_B_CALL);
    if (b == NULL) {
        return;
    }

    ccp_in_enter(&in->at, p->name);
    b->name = ccp_in_name(&in->at, p->data, "name");
    b->id = ccp_gemini_read_id(in, p->data);
    b->text = ccp_in_raw(&in->at, p->data, "args");
    ccp_in_leave(&in->at);

    if (b->text.p == NULL) {
        b->text = ccp_lit("{}");
    }

    ccp_gemini_read_sig(in, p, b);
    in->anchor = in->tail;
}


/*
 * {"output": text} and {"error": text} are what the service documents; any
 * other object is told as its JSON text.
 */

static void
ccp_gemini_read_response(ccp_gemini_reader_t *in, ccp_jval_t response,
    ccp_block_t *b, ccp_block_t ***tail)
{
    ccp_jval_t  output, error;

    b->raw = ccp_json_raw(response);
    output = ccp_gemini_get(response, "output");
    error = ccp_gemini_get(response, "error");
    b->error = ccp_json_has(error) && !ccp_json_has(output);
    output = b->error ? error : output;

    b->object = ccp_json_type(output) != CCP_J_STRING
                || ccp_json_count(response) != 1;

    (void) ccp_in_text(&in->at, b->object ? b->raw : ccp_json_str(output),
                       tail);
}


static void
ccp_gemini_read_result(ccp_gemini_reader_t *in,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    ccp_jval_t      v;
    ccp_block_t    *b, *m, **tail;
    ccp_in_list_t   l;

    (void) part;

    b = ccp_gemini_read_block_new(in, CCP_B_RESULT);
    if (b == NULL) {
        return;
    }

    ccp_in_enter(&in->at, p->name);
    b->name = ccp_in_str(&in->at, p->data, "name");
    b->id = ccp_gemini_read_id(in, p->data);
    v = ccp_in_opt(&in->at, p->data, "response", CCP_M_OBJECT);
    tail = &b->parts;

    if (ccp_json_has(v)) {
        ccp_gemini_read_response(in, v, b, &tail);
    }

    for (l = ccp_in_list(&in->at, p->data, "parts"); ccp_in_next(&l); ) {
        m = ccp_block_new(in->at.a, CCP_B_DOC);
        if (m == NULL) {
            ccp_in_nomem(&in->at);
            return;
        }

        v = ccp_in_opt(&in->at, l.val, "inlineData", CCP_M_OBJECT);

        if (ccp_json_has(v)) {
            m->kind = ccp_gemini_read_media_object(&m->media, v, 0);

        } else {
            v = ccp_in_opt(&in->at, l.val, "fileData", CCP_M_OBJECT);
            m->kind = ccp_gemini_read_media_object(&m->media, v, 1);
        }

        if (m->media.data.n) {
            tail = ccp_block_push(tail, m);
        }
    }

    ccp_in_leave(&in->at);
}


static void
ccp_gemini_read_media(ccp_gemini_reader_t *in, const ccp_gemini_read_part_t *p,
    int file)
{
    ccp_block_t  *b;

    b = ccp_gemini_read_block_new(in, CCP_B_DOC);
    if (b == NULL) {
        return;
    }

    ccp_in_enter(&in->at, p->name);
    (void) ccp_in_name(&in->at, p->data, file ? "fileUri" : "data");
    (void) ccp_in_str(&in->at, p->data, "mimeType");
    ccp_in_leave(&in->at);

    b->kind = ccp_gemini_read_media_object(&b->media, p->data, file);

    if (b->kind == CCP_B_IMAGE || b->kind == CCP_B_VIDEO) {
        b->media.detail = ccp_json_has(p->resolution)
                          ? ccp_gemini_read_detail(p->resolution)
                          : in->detail;
    }

    ccp_gemini_read_sig(in, p, b);
}


static void
ccp_gemini_read_inline(ccp_gemini_reader_t *in,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    (void) part;

    ccp_gemini_read_media(in, p, 0);
}


static void
ccp_gemini_read_file(ccp_gemini_reader_t *in, const ccp_gemini_read_part_t *p,
    ccp_jval_t part)
{
    (void) part;

    ccp_gemini_read_media(in, p, 1);
}


/* Tools that ran at the provider: the part as it came. */

static void
ccp_gemini_read_raw(ccp_gemini_reader_t *in, const ccp_gemini_read_part_t *p,
    ccp_jval_t part, ccp_block_e kind)
{
    ccp_block_t  *b;

    b = ccp_gemini_read_block_new(in, kind);

    if (b) {
        b->type = ccp_cstr(p->name);
        b->id = ccp_gemini_gets(p->data, "id");
        b->raw = ccp_json_raw(part);
    }
}


static void
ccp_gemini_read_hosted(ccp_gemini_reader_t *in,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    ccp_gemini_read_raw(in, p, part, CCP_B_HCALL);
}


static void
ccp_gemini_read_hosted_result(ccp_gemini_reader_t *in,
    const ccp_gemini_read_part_t *p, ccp_jval_t part)
{
    ccp_gemini_read_raw(in, p, part, CCP_B_HRESULT);
}


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


static void
ccp_gemini_read_part(ccp_gemini_reader_t *in, ccp_jval_t part)
{
    size_t                   i;
    ccp_jiter_t              it;
    ccp_block_t             *b;
    ccp_gemini_read_part_t   p;
    ccp_gemini_read_part_pt  fn;

    if (!ccp_in_is_object(&in->at, part)) {
        return;
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

    if (ccp_json_has(p.sig) && ccp_json_type(p.sig) != CCP_J_STRING) {
        ccp_in_wrong(&in->at, "thoughtSignature", p.sig, "a string");
    }

    if (ccp_json_has(p.thought) && ccp_json_bool(p.thought, -1) < 0) {
        ccp_in_wrong(&in->at, "thought", p.thought, "a boolean");
    }

    if (fn == ccp_gemini_read_text || ccp_json_type(p.data) == CCP_J_OBJECT) {
        fn(in, &p, part);

    } else if (fn) {
        ccp_in_wrong(&in->at, p.name, p.data, "an object");

    } else if (ccp_json_str(p.sig).n) {
        b = ccp_gemini_read_block_new(in, CCP_B_THINK);

        if (b) {
            ccp_gemini_read_sig(in, &p, b);
        }
    }
}


static ccp_role_e
ccp_gemini_read_role(ccp_gemini_reader_t *in, ccp_jval_t content)
{
    ccp_str_t  s;

    s = ccp_in_str(&in->at, content, "role");

    if (ccp_gemini_is_word(s, "MODEL")) {
        return CCP_ROLE_ASSISTANT;
    }

    if (s.n && !ccp_gemini_is_word(s, "USER")
        && !ccp_gemini_is_word(s, "FUNCTION"))
    {
        ccp_in_refuse(&in->at, "role",
                      "please use a valid role: user, model");
    }

    return CCP_ROLE_USER;
}


void
ccp_gemini_read_contents(ccp_gemini_reader_t *in)
{
    ccp_jval_t       v;
    ccp_in_list_t    l, parts;
    ccp_message_t   *m, **msgs;

    msgs = &in->r->msgs;
    v = ccp_gemini_get(in->r->root, "contents");

    if (ccp_json_count(v) == 0) {
        ccp_in_wrong(&in->at, "contents", v, "a non-empty array");
    }

    for (l = ccp_in_each(&in->at, v, "contents"); ccp_in_next(&l); ) {
        if (!ccp_in_is_object(&in->at, l.val)) {
            return;
        }

        m = ccp_in_message(&in->at, ccp_gemini_read_role(in, l.val), &msgs);
        if (m == NULL) {
            return;
        }

        in->tail = &m->blocks;
        in->anchor = &m->blocks;

        for (parts = ccp_in_list(&in->at, l.val, "parts");
             ccp_in_next(&parts); )
        {
            ccp_gemini_read_part(in, parts.val);
        }
    }
}


void
ccp_gemini_read_system(ccp_gemini_reader_t *in)
{
    ccp_str_t        text;
    ccp_jval_t       v;
    ccp_block_t    **tail;
    ccp_in_list_t    l;

    tail = &in->r->system;
    v = ccp_in_opt(&in->at, in->r->root, "systemInstruction", CCP_M_OBJECT);

    ccp_in_enter(&in->at, "systemInstruction");

    for (l = ccp_in_list(&in->at, v, "parts"); ccp_in_next(&l); ) {
        if (!ccp_in_is_object(&in->at, l.val)) {
            return;
        }

        text = ccp_in_str(&in->at, l.val, "text");

        if (text.n) {
            (void) ccp_in_text(&in->at, text, &tail);
        }
    }

    ccp_in_leave(&in->at);
}
