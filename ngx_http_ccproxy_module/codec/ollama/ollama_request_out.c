
/*
 * Ollama request out: /api/chat without its messages.
 */

#include "codec/ollama/ollama_request.h"
#include "codec/ollama/ollama.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


#define ccp_ollama_write_at(r, off)  ((ccp_str_t *) ((uint8_t *) (r) + (off)))


/* ---- tools ---- */

static int
ccp_ollama_tool_is_chosen(ccp_ollama_writer_t *w, const ccp_tool_t *t)
{
    switch (w->r->tool_choice.mode) {

    case CCP_TC_NONE:
        return 0;

    case CCP_TC_NAMED:
        return ccp_str_eq(t->name, w->r->tool_choice.name);

    case CCP_TC_ALLOWED:
        return t->allowed;

    default:
        return 1;
    }
}


/* Tools that the target's side would have to run don't exist here. */

static int
ccp_ollama_tool_is_lost(const ccp_tool_t *t)
{
    ccp_str_t  desc;

    return t->kind == CCP_T_HOSTED
           || (t->kind == CCP_T_BUILTIN
               && ccp_builtin_schema(t->type, &desc).p == NULL);
}


/* *n: how many will be sent; CCP_INVALID if nothing is left of them. */

static int
ccp_ollama_survey_tools(ccp_ollama_writer_t *w, int *n)
{
    const ccp_tool_t  *t, *lost;

    *n = 0;
    lost = NULL;

    for (t = w->r->tools; t; t = t->next) {
        if (!ccp_ollama_tool_is_lost(t)) {
            *n += ccp_ollama_tool_is_chosen(w, t);
            continue;
        }

        if (lost == NULL || ccp_tool_forced(w->r, t)) {
            lost = t;
        }

        ccp_request_note(w->r, w->x->arena, "tool %.*s: dropped, %s has none",
                         (int) t->type.n, (const char *) t->type.p,
                         w->pr->name);
    }

    if (lost && *n == 0 && w->r->tool_choice.mode != CCP_TC_NONE) {
        return ccp_refuse(w->x->err, w->x->arena, CCP_E_BAD_REQUEST,
                          "tool type %.*s isn't available on this target",
                          (int) lost->type.n,
                          (const char *) lost->type.p);
    }

    if (*n && (w->r->tool_choice.mode == CCP_TC_ANY
               || w->r->tool_choice.mode == CCP_TC_NAMED
               || (w->r->tool_choice.mode == CCP_TC_ALLOWED
                   && w->r->tool_choice.any)))
    {
        ccp_request_note(w->r, w->x->arena,
                         "tool_choice: %s can't be made to call a tool",
                         w->pr->name);
    }

    if (*n && w->r->parallel == 0) {
        ccp_request_note(w->r, w->x->arena,
                         "parallel tool calls: %s can't be kept "
                         "from them", w->pr->name);
    }

    return CCP_OK;
}


static int
ccp_ollama_write_tool(ccp_ollama_writer_t *w, const ccp_tool_t *t)
{
    ccp_out_t  *out;
    ccp_str_t   desc, schema;

    out = w->o;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "function");
    ccp_w_key(out, "function");
    ccp_w_obj(out);
    ccp_w_kstr(out, "name", ccp_name_wire(w->x->names, t->space, t->name));

    if (t->kind == CCP_T_FREE_TEXT) {
        ccp_w_free_text(out, t);
        ccp_w_kraw(out, "parameters", ccp_cstr(ccp_free_text_schema));

    } else {
        desc = t->desc;
        schema = t->schema;

        if (t->kind == CCP_T_BUILTIN) {
            schema = ccp_builtin_schema(t->type, &desc);
            desc = t->desc.n ? t->desc : desc;
        }

        schema = ccp_schema_of(w->x->arena, &w->r->doc, schema,
                               t->dialect, w->pr->schema, CCP_SCHEMA_ARGS);
        if (schema.p == NULL) {
            return CCP_NOMEM;
        }

        ccp_w_kstr_opt(out, "description", desc);
        ccp_w_kraw(out, "parameters", schema);
    }

    ccp_w_obj_end(out);
    ccp_w_obj_end(out);

    return CCP_OK;
}


static int
ccp_ollama_write_tools(ccp_ollama_writer_t *w)
{
    int                n, rc;
    const ccp_tool_t  *t;

    rc = ccp_ollama_survey_tools(w, &n);

    if (rc != CCP_OK || n == 0) {
        return rc;
    }

    ccp_w_key(w->o, "tools");
    ccp_w_arr(w->o);

    for (t = w->r->tools; t && rc == CCP_OK; t = t->next) {
        if (!ccp_ollama_tool_is_lost(t) && ccp_ollama_tool_is_chosen(w, t)) {
            rc = ccp_ollama_write_tool(w, t);
        }
    }

    ccp_w_arr_end(w->o);

    return rc;
}


/* ---- everything else ---- */

/*
 * think: a flag; models that can't be kept from it take levels instead, and
 * their row sends a level for "off" too.
 */

static void
ccp_ollama_write_think(ccp_ollama_writer_t *w)
{
    int           wanted;
    const char   *word;
    ccp_effort_e  effort;

    wanted = ccp_think_wanted(&w->r->think);

    if (wanted < 0 || w->pr->think == CCP_RZ_NONE) {
        return;
    }

    if (w->pr->think_off != CCP_OFF_EFFORT) {
        if (wanted || w->pr->think_off == CCP_OFF_FALSE) {
            ccp_w_kbool(w->o, "think", wanted);
        }

        return;
    }

    effort = wanted ? ccp_think_effort(&w->r->think) : CCP_EFFORT_NONE;
    word = effort == CCP_EFFORT_UNSET
           ? NULL : ccp_provider_effort(w->pr, effort);

    if (word) {
        ccp_w_kcstr(w->o, "think", word);

    } else {
        ccp_w_kbool(w->o, "think", wanted);
    }
}


static int
ccp_ollama_write_format(ccp_ollama_writer_t *w)
{
    ccp_str_t  schema;

    switch (w->r->out.kind) {

    case CCP_F_JSON:
        ccp_w_kcstr(w->o, "format", "json");
        return CCP_OK;

    case CCP_F_SCHEMA:
        schema = ccp_schema_of(w->x->arena, &w->r->doc,
                               w->r->out.schema, w->r->out.dialect,
                               w->pr->schema, CCP_SCHEMA_ANY);
        if (schema.p == NULL) {
            return CCP_NOMEM;
        }

        ccp_w_kraw(w->o, "format", schema);
        return CCP_OK;

    default:
        return CCP_OK;
    }
}


/* The cap to send: the client's within what the target allows. */

static int64_t
ccp_ollama_output_limit(const ccp_ollama_writer_t *w)
{
    int64_t  n, cap;

    n = w->r->max_tokens;
    cap = w->x->target->max_tokens;

    if (n == CCP_UNSET_INT || n <= 0) {
        return w->pr->max_req > 0 ? w->pr->max_req : CCP_UNSET_INT;
    }

    n = w->pr->max_hi > 0 && n > w->pr->max_hi ? w->pr->max_hi : n;

    return cap > 0 && n > cap ? cap : n;
}


/* The object is opened with its first member. */

static void
ccp_ollama_write_option_name(ccp_ollama_writer_t *w, int *open,
    const char *name)
{
    if (!*open) {
        *open = 1;
        ccp_w_key(w->o, "options");
        ccp_w_obj(w->o);
    }

    ccp_w_key(w->o, name);
}


static void
ccp_ollama_write_options(ccp_ollama_writer_t *w)
{
    int                  open;
    int64_t              max;
    ccp_str_t            s;
    const ccp_item_t    *stop;
    const ccp_member_t  *o;

    open = 0;
    max = ccp_ollama_output_limit(w);

    /* without it the server cuts long prompts and says nothing */

    if (w->x->target->context > 0) {
        ccp_ollama_write_option_name(w, &open, "num_ctx");
        ccp_w_int(w->o, w->x->target->context);
    }

    if (max != CCP_UNSET_INT) {
        ccp_ollama_write_option_name(w, &open, "num_predict");
        ccp_w_int(w->o, max);
    }

    for (o = ccp_ollama_option_table; o->name; o++) {
        s = *ccp_ollama_write_at(w->r, o->off);

        if (s.p == NULL) {
            continue;
        }

        if (ccp_provider_drops(w->pr, o->name)) {
            ccp_request_note(w->r, w->x->arena, "%s: not taken by %s", o->name,
                             w->pr->name);
            continue;
        }

        ccp_ollama_write_option_name(w, &open, o->name);
        ccp_w_raw(w->o, s);
    }

    if (w->r->stop) {
        ccp_ollama_write_option_name(w, &open, "stop");
        ccp_w_arr(w->o);

        for (stop = w->r->stop; stop; stop = stop->next) {
            ccp_w_str(w->o, stop->s);
        }

        ccp_w_arr_end(w->o);
    }

    if (open) {
        ccp_w_obj_end(w->o);
    }
}


static void
ccp_ollama_write_logprobs(ccp_ollama_writer_t *w)
{
    if (w->r->logprobs == 1) {
        ccp_w_kbool(w->o, "logprobs", 1);
    }

    if (w->r->top_logprobs != CCP_UNSET_INT) {
        ccp_w_kint(w->o, "top_logprobs", w->r->top_logprobs);
    }
}


/* What the client asked for and this protocol has no word for. */

static const ccp_absent_t  ccp_ollama_absent[] = {
    { "user", offsetof(ccp_request_t, user) },
    { "metadata", offsetof(ccp_request_t, meta) },
    { "service_tier", offsetof(ccp_request_t, tier) },
    { "prompt_cache_key", offsetof(ccp_request_t, cache_key) },
    { "verbosity", offsetof(ccp_request_t, out.verbosity) },
    { NULL, 0 }
};


int
ccp_ollama_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int                  rc;
    ccp_ollama_writer_t  w;

    memset(&w, 0, sizeof(ccp_ollama_writer_t));
    w.x = x;
    w.r = x->req;
    w.pr = x->target->provider;
    w.o = out;

    if (x->req->n != CCP_UNSET_INT && x->req->n > 1) {
        return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                          "n: %lld answers can't be had from this target",
                          (long long) x->req->n);
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "model", x->model);

    if (!x->req->stream) {
        ccp_w_kbool(out, "stream", 0);
    }

    rc = ccp_ollama_write_messages(&w);

    if (rc == CCP_OK) {
        ccp_ollama_write_think(&w);
        rc = ccp_ollama_write_tools(&w);
    }

    if (rc == CCP_OK) {
        rc = ccp_ollama_write_format(&w);
    }

    ccp_ollama_write_options(&w);
    ccp_ollama_write_logprobs(&w);
    ccp_request_note_absent(w.r, x->arena, ccp_ollama_absent, "not taken by ",
                            w.pr->name);
    ccp_w_obj_end(out);

    if (rc != CCP_OK) {
        return rc;
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}
