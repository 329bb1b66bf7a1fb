
/*
 * Model lists in the protocols' own forms.
 */

#include <stdio.h>

#include "codec/exchange/exchange_models.h"
#include "codec/exchange/exchange_private.h"
#include "codec/base/base_time.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"


/* Entries of one page, where the client does not say; 0: all. */
#define CCP_MODELS_PAGE_ANTHROPIC  20
#define CCP_MODELS_PAGE_GEMINI     50
#define CCP_MODELS_PAGE_MAX        1000

/* Hexadecimal digits of the digest that Ollama tells of a model. */
#define CCP_MODELS_DIGEST   64


/* Names that Claude Code offers without asking for a list (its SDK's type
 * Model). */

static const char *const  ccp_models_claude[] = {
    "claude-opus-5", "claude-opus-4-8", "claude-opus-4-6", "claude-opus-4-5",
    "claude-sonnet-5", "claude-sonnet-4-6", "claude-sonnet-4-5",
    "claude-haiku-4-5", "claude-fable-5"
};

#define CCP_MODELS_NCLAUDE  ccp_countof(ccp_models_claude)


typedef struct {
    const char  *members;      /* the list's member */
    void       (*entry)(ccp_exchange_t *x, const ccp_model_t *m,
                        const char *when, int64_t created, ccp_out_t *out);
    void       (*one)(ccp_exchange_t *x, const ccp_model_t *m,
                      const char *when, int64_t created, ccp_out_t *out);
} ccp_models_ops_t;


static void ccp_models_anthropic(ccp_exchange_t *x, const ccp_model_t *m,
    const char *when, int64_t created, ccp_out_t *out);
static void ccp_models_chat(ccp_exchange_t *x, const ccp_model_t *m,
    const char *when, int64_t created, ccp_out_t *out);
static void ccp_models_gemini(ccp_exchange_t *x, const ccp_model_t *m,
    const char *when, int64_t created, ccp_out_t *out);
static void ccp_models_tag(ccp_exchange_t *x, const ccp_model_t *m,
    const char *when, int64_t created, ccp_out_t *out);
static void ccp_models_show(ccp_exchange_t *x, const ccp_model_t *m,
    const char *when, int64_t created, ccp_out_t *out);


static const ccp_models_ops_t  ccp_models_ops[CCP_NPROTO] = {
    [CCP_ANTHROPIC] = { "data", ccp_models_anthropic, ccp_models_anthropic },
    [CCP_CHAT] = { "data", ccp_models_chat, ccp_models_chat },
    [CCP_RESPONSES] = { "data", ccp_models_chat, ccp_models_chat },
    [CCP_GEMINI] = { "models", ccp_models_gemini, ccp_models_gemini },
    [CCP_OLLAMA] = { "models", ccp_models_tag, ccp_models_show }
};


/* What a page holds: m[from] up to, but not including, m[to]. */

typedef struct {
    size_t  from;
    size_t  to;
    int     more;
} ccp_models_page_t;


ccp_str_t
ccp_model_known(ccp_proto_e proto, size_t k)
{
    return proto == CCP_ANTHROPIC && k < CCP_MODELS_NCLAUDE
           ? ccp_cstr(ccp_models_claude[k]) : ccp_none;
}


/* ---- entries ---- */

static void
ccp_models_limit(ccp_out_t *out, const char *name, int64_t n)
{
    if (n == CCP_UNSET_INT) {
        ccp_w_knull(out, name);
    } else {
        ccp_w_kint(out, name, n);
    }
}


static void
ccp_models_anthropic(ccp_exchange_t *x, const ccp_model_t *m,
    const char *when, int64_t created, ccp_out_t *out)
{
    (void) x;
    (void) created;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "model");
    ccp_w_kstr(out, "id", m->id);
    ccp_w_kstr(out, "display_name", m->id);
    ccp_w_kcstr(out, "created_at", when);
    ccp_models_limit(out, "max_input_tokens", m->context);
    ccp_models_limit(out, "max_tokens", m->max_tokens);
    ccp_w_knull(out, "capabilities");
    ccp_w_kcstr(out, "lifecycle", "active");
    ccp_w_knull(out, "line");
    ccp_w_knull(out, "deprecated_at");
    ccp_w_knull(out, "retires_at");
    ccp_w_obj_end(out);
}


static void
ccp_models_chat(ccp_exchange_t *x, const ccp_model_t *m, const char *when,
    int64_t created, ccp_out_t *out)
{
    (void) x;
    (void) when;

    ccp_w_obj(out);
    ccp_w_kstr(out, "id", m->id);
    ccp_w_kcstr(out, "object", "model");
    ccp_w_kint(out, "created", created);
    ccp_w_kstr(out, "owned_by", m->owner);
    ccp_w_obj_end(out);
}


static void
ccp_models_gemini(ccp_exchange_t *x, const ccp_model_t *m, const char *when,
    int64_t created, ccp_out_t *out)
{
    size_t  i;

    static const char *const  methods[] = {
        "generateContent", "streamGenerateContent", "countTokens"
    };

    (void) x;
    (void) when;
    (void) created;

    ccp_w_obj(out);

    ccp_w_key(out, "name");
    ccp_w_str_open(out);
    ccp_w_str_part(out, ccp_lit("models/"));
    ccp_w_str_part(out, m->id);
    ccp_w_str_close(out);

    ccp_w_kcstr(out, "version", "001");
    ccp_w_kstr(out, "displayName", m->id);

    if (m->context != CCP_UNSET_INT) {
        ccp_w_kint(out, "inputTokenLimit", m->context);
    }

    if (m->max_tokens != CCP_UNSET_INT) {
        ccp_w_kint(out, "outputTokenLimit", m->max_tokens);
    }

    ccp_w_key(out, "supportedGenerationMethods");
    ccp_w_arr(out);

    for (i = 0; i < ccp_countof(methods); i++) {
        ccp_w_cstr(out, methods[i]);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
}


static void
ccp_models_details(ccp_out_t *out)
{
    static const char *const  names[] = {
        "parent_model", "format", "family", "parameter_size",
        "quantization_level"
    };
    size_t  i;

    ccp_w_key(out, "details");
    ccp_w_obj(out);

    for (i = 0; i < ccp_countof(names); i++) {
        ccp_w_kcstr(out, names[i], "");
    }

    ccp_w_key(out, "families");
    ccp_w_arr(out);
    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
}


static void
ccp_models_name(ccp_out_t *out, const char *key, ccp_str_t id)
{
    ccp_w_key(out, key);
    ccp_w_str_open(out);
    ccp_w_str_part(out, id);

    if (memchr(id.p, ':', id.n) == NULL) {
        ccp_w_str_part(out, ccp_lit(CCP_MODELS_LATEST));
    }

    ccp_w_str_close(out);
}


static void
ccp_models_tag(ccp_exchange_t *x, const ccp_model_t *m, const char *when,
    int64_t created, ccp_out_t *out)
{
    int   i;
    char  digest[CCP_MODELS_DIGEST + 1];

    (void) x;
    (void) created;

    /* the same for the same name, as a digest would be */

    for (i = 0; i < CCP_MODELS_DIGEST / 16; i++) {
        snprintf(digest + 16 * i, 17, "%016llx",
                 (unsigned long long) ccp_str_hash(m->id, (uint64_t) i + 1));
    }

    ccp_w_obj(out);
    ccp_models_name(out, "name", m->id);
    ccp_models_name(out, "model", m->id);
    ccp_w_kcstr(out, "modified_at", when);
    ccp_w_kint(out, "size", 0);
    ccp_w_kcstr(out, "digest", digest);
    ccp_models_details(out);
    ccp_w_obj_end(out);
}


static void
ccp_models_show(ccp_exchange_t *x, const ccp_model_t *m, const char *when,
    int64_t created, ccp_out_t *out)
{
    size_t  i;

    static const char *const  texts[] = {
        "license", "modelfile", "parameters", "template", "system"
    };

    static const char *const  capabilities[] = {
        "completion", "tools", "vision", "thinking"
    };

    (void) x;
    (void) created;

    ccp_w_obj(out);

    for (i = 0; i < ccp_countof(texts); i++) {
        ccp_w_kcstr(out, texts[i], "");
    }

    ccp_w_kcstr(out, "modified_at", when);
    ccp_models_details(out);

    ccp_w_key(out, "model_info");
    ccp_w_obj(out);
    ccp_w_kcstr(out, "general.architecture", "ccproxy");

    if (m->context != CCP_UNSET_INT) {
        ccp_w_kint(out, "ccproxy.context_length", m->context);
    }

    ccp_w_obj_end(out);

    ccp_w_key(out, "capabilities");
    ccp_w_arr(out);

    for (i = 0; i < ccp_countof(capabilities); i++) {
        ccp_w_cstr(out, capabilities[i]);
    }

    ccp_w_arr_end(out);
    ccp_w_obj_end(out);
}


/* ---- pages ---- */

/* The value of an argument of a query; absent if there is none. */

static ccp_str_t
ccp_models_arg(ccp_str_t args, const char *name)
{
    size_t          n;
    ccp_str_t       v;
    const uint8_t  *p, *end, *amp;

    n = strlen(name);
    v = ccp_none;

    if (args.p == NULL) {
        return v;
    }

    end = args.p + args.n;

    for (p = args.p; p < end; p = amp + 1) {
        amp = memchr(p, '&', end - p);
        amp = amp ? amp : end;

        if ((size_t) (amp - p) > n && memcmp(p, name, n) == 0 && p[n] == '=') {
            v.p = p + n + 1;
            v.n = amp - v.p;
            return v;
        }
    }

    return v;
}


/* A number from 0 to CCP_MODELS_PAGE_MAX, which is what more is cut to; or
 * none. */

static size_t
ccp_models_number(ccp_str_t s, size_t none)
{
    size_t  i, n;

    if (s.n == 0) {
        return none;
    }

    for (i = 0, n = 0; i < s.n; i++) {

        if (s.p[i] < '0' || s.p[i] > '9') {
            return none;
        }

        n = n * 10 + (s.p[i] - '0');
        n = n > CCP_MODELS_PAGE_MAX ? CCP_MODELS_PAGE_MAX : n;
    }

    return n;
}


/* Where the model of that name is; n if nowhere. */

static size_t
ccp_models_find(const ccp_model_t *m, size_t n, ccp_str_t id)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (ccp_str_eq(m[i].id, id)) {
            break;
        }
    }

    return i;
}


static void
ccp_models_page(const ccp_exchange_t *x, const ccp_model_t *m, size_t n,
    ccp_str_t args, ccp_models_page_t *page)
{
    size_t     size, at;
    ccp_str_t  s;

    page->from = 0;
    page->to = n;
    size = 0;

    if (x->ep.proto == CCP_ANTHROPIC) {

        size = ccp_models_number(ccp_models_arg(args, "limit"),
                                 CCP_MODELS_PAGE_ANTHROPIC);
        s = ccp_models_arg(args, "after_id");

        if (s.p) {
            at = ccp_models_find(m, n, s);
            page->from = at < n ? at + 1 : 0;
        }

        s = ccp_models_arg(args, "before_id");

        if (s.p) {
            page->to = ccp_models_find(m, n, s);

            if (size && page->to - page->from > size) {
                page->from = page->to - size;
                page->more = 1;
                return;
            }
        }

    } else if (x->ep.proto == CCP_GEMINI) {

        size = ccp_models_number(ccp_models_arg(args, "pageSize"),
                                 CCP_MODELS_PAGE_GEMINI);
        at = ccp_models_number(ccp_models_arg(args, "pageToken"), 0);
        page->from = at < n ? at : n;
    }

    page->from = page->from > page->to ? page->to : page->from;
    page->more = size && page->to - page->from > size;

    if (page->more) {
        page->to = page->from + size;
    }
}


static void
ccp_models_ends(ccp_exchange_t *x, const ccp_model_t *m,
    const ccp_models_page_t *page, ccp_out_t *out)
{
    char  token[24];

    if (x->ep.proto == CCP_ANTHROPIC) {

        ccp_w_kbool(out, "has_more", page->more);

        if (page->from < page->to) {
            ccp_w_kstr(out, "first_id", m[page->from].id);
            ccp_w_kstr(out, "last_id", m[page->to - 1].id);

        } else {
            ccp_w_knull(out, "first_id");
            ccp_w_knull(out, "last_id");
        }

    } else if (x->ep.proto == CCP_GEMINI && page->more) {
        snprintf(token, sizeof(token), "%zu", page->to);
        ccp_w_kcstr(out, "nextPageToken", token);
    }
}


/* ---- documents ---- */

int
ccp_models_list(ccp_exchange_t *x, const ccp_model_t *m, size_t n,
    ccp_str_t args, int64_t created, ccp_out_t *out)
{
    char                     when[CCP_TIME_LEN];
    size_t                   i, k;
    ccp_models_page_t        page;
    ccp_model_t             *mine;
    const ccp_models_ops_t  *ops;

    ops = &ccp_models_ops[x->ep.proto];
    ccp_time_write(when, created);

    mine = ccp_alloc(x->arena, (n + 1) * sizeof(ccp_model_t));
    if (mine == NULL) {
        return CCP_NOMEM;
    }

    for (i = 0, k = 0; i < n; i++) {
        if (m[i].only == CCP_NPROTO || m[i].only == x->ep.proto) {
            mine[k++] = m[i];
        }
    }

    ccp_models_page(x, mine, k, args, &page);

    ccp_w_obj(out);

    if (x->ep.proto == CCP_CHAT) {
        ccp_w_kcstr(out, "object", "list");
    }

    ccp_w_key(out, ops->members);
    ccp_w_arr(out);

    for (i = page.from; i < page.to; i++) {
        ops->entry(x, &mine[i], when, created, out);
    }

    ccp_w_arr_end(out);
    ccp_models_ends(x, mine, &page, out);
    ccp_w_obj_end(out);

    return ccp_out_finish(out);
}


int
ccp_models_loaded(ccp_exchange_t *x, ccp_out_t *out)
{
    return ccp_models_list(x, NULL, 0, ccp_none, 0, out);
}


int
ccp_models_one(ccp_exchange_t *x, const ccp_model_t *m, int64_t created,
    ccp_out_t *out)
{
    char  when[CCP_TIME_LEN];

    ccp_time_write(when, created);
    ccp_models_ops[x->ep.proto].one(x, m, when, created, out);

    return ccp_out_finish(out);
}


int
ccp_models_read_asked(ccp_exchange_t *x, ccp_str_t body, ccp_str_t *id,
    ccp_error_t *err)
{
    int         rc;
    ccp_jerr_t  je;
    ccp_jval_t  root, v;

    *id = x->ep.model;

    if (id->p) {
        return CCP_OK;
    }

    rc = ccp_json_parse(&x->req.doc, body.p, body.n, 0, &je);

    if (rc == CCP_NOMEM) {
        return rc;
    }

    if (rc == CCP_OK) {
        root = ccp_json_root(&x->req.doc);
        v = ccp_json_opt(root, "model");

        if (!ccp_json_has(v)) {
            v = ccp_json_opt(root, "name");    /* as older clients write it */
        }

        *id = ccp_str_plain(x->arena, ccp_json_str(v));

        if (id->n) {
            *id = x->ep.proto == CCP_OLLAMA ? ccp_model_untag(*id) : *id;
            return CCP_OK;
        }
    }

    return ccp_refuse(err, x->arena, CCP_E_BAD_REQUEST,
                      "model: the name of a model is expected");
}
