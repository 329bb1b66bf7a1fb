
/*
 * Ollama request out: /api/chat without its messages.
 */

#include "codec/ollama/ollama.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"


#define ccp_ollama_at(r, off)   ((ccp_str_t *) ((uint8_t *) (r) + (off)))


/* ---- tools ---- */

static int
ccp_ollama_tool_chosen(ccp_ollama_out_t *oo, const ccp_tool_t *t)
{
    const ccp_item_t  *it;

    switch (oo->r->tool_choice.mode) {

    case CCP_TC_NONE:
        return 0;

    case CCP_TC_NAMED:
        return ccp_str_eq(t->name, oo->r->tool_choice.name);

    case CCP_TC_ALLOWED:
        for (it = oo->r->tool_choice.allowed; it; it = it->next) {
            if (ccp_str_eq(t->name, it->s)) {
                return 1;
            }
        }

        return 0;

    default:
        return 1;
    }
}


/* Tools that the target's side would have to run don't exist here. */

static int
ccp_ollama_tool_lost(const ccp_tool_t *t)
{
    ccp_str_t  desc;

    return t->kind == CCP_T_HOSTED
           || (t->kind == CCP_T_BUILTIN
               && ccp_builtin_schema(t->type, &desc).p == NULL);
}


/* *n: how many will be sent; CCP_INVALID if nothing is left of them. */

static int
ccp_ollama_survey_tools(ccp_ollama_out_t *oo, int *n)
{
    const ccp_tool_t  *t, *lost;

    *n = 0;
    lost = NULL;

    for (t = oo->r->tools; t; t = t->next) {
        if (!ccp_ollama_tool_lost(t)) {
            *n += ccp_ollama_tool_chosen(oo, t);
            continue;
        }

        if (lost == NULL || ccp_tool_forced(oo->r, t)) {
            lost = t;
        }

        ccp_note(oo->r, oo->x->arena, "tool %.*s: dropped, %s has none",
                 (int) t->type.n, (const char *) t->type.p, oo->d->name);
    }

    if (lost && *n == 0 && oo->r->tool_choice.mode != CCP_TC_NONE) {
        return ccp_error_set(oo->x->err, oo->x->arena, CCP_E_BAD_REQUEST,
                             "tool type %.*s isn't available on this target",
                             (int) lost->type.n,
                             (const char *) lost->type.p);
    }

    if (*n && (oo->r->tool_choice.mode == CCP_TC_ANY
               || oo->r->tool_choice.mode == CCP_TC_NAMED
               || (oo->r->tool_choice.mode == CCP_TC_ALLOWED
                   && oo->r->tool_choice.any)))
    {
        ccp_note(oo->r, oo->x->arena,
                 "tool_choice: %s can't be made to call a tool", oo->d->name);
    }

    if (*n && oo->r->parallel == 0) {
        ccp_note(oo->r, oo->x->arena, "parallel tool calls: %s can't be kept "
                 "from them", oo->d->name);
    }

    return CCP_OK;
}


static int
ccp_ollama_write_tool(ccp_ollama_out_t *oo, const ccp_tool_t *t)
{
    ccp_out_t  *out;
    ccp_str_t   desc, schema;

    out = oo->out;

    ccp_w_obj(out);
    ccp_w_kcstr(out, "type", "function");
    ccp_w_key(out, "function");
    ccp_w_obj(out);
    ccp_w_kstr(out, "name", ccp_name_wire(oo->x->names, t->space, t->name));

    if (t->kind == CCP_T_CUSTOM) {
        ccp_w_freetext(out, t);
        ccp_w_kraw(out, "parameters", ccp_cstr(ccp_freetext_schema));

    } else {
        desc = t->desc;
        schema = t->schema;

        if (t->kind == CCP_T_BUILTIN) {
            schema = ccp_builtin_schema(t->type, &desc);
            desc = t->desc.n ? t->desc : desc;
        }

        schema = ccp_schema_of(oo->x->arena, &oo->r->doc, schema,
                                t->dialect, oo->d->schema);
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
ccp_ollama_write_tools(ccp_ollama_out_t *oo)
{
    int                n, rc;
    const ccp_tool_t  *t;

    rc = ccp_ollama_survey_tools(oo, &n);

    if (rc != CCP_OK || n == 0) {
        return rc;
    }

    ccp_w_key(oo->out, "tools");
    ccp_w_arr(oo->out);

    for (t = oo->r->tools; t && rc == CCP_OK; t = t->next) {
        if (!ccp_ollama_tool_lost(t) && ccp_ollama_tool_chosen(oo, t)) {
            rc = ccp_ollama_write_tool(oo, t);
        }
    }

    ccp_w_arr_end(oo->out);

    return rc;
}


/* ---- everything else ---- */

/*
 * think: a flag; models that can't be kept from it take levels instead, and
 * their row sends a level for "off" too.
 */

static void
ccp_ollama_write_think(ccp_ollama_out_t *oo)
{
    int           wanted;
    char          buf[32];
    const char   *word;
    ccp_effort_e  effort;

    wanted = ccp_think_wanted(&oo->r->think);

    if (wanted < 0 || oo->d->think == CCP_RZ_NONE) {
        return;
    }

    if (oo->d->think_off != CCP_OFF_EFFORT) {
        if (wanted || oo->d->think_off == CCP_OFF_FALSE) {
            ccp_w_kbool(oo->out, "think", wanted);
        }

        return;
    }

    effort = wanted ? ccp_think_effort(&oo->r->think) : CCP_EFFORT_NONE;
    word = effort == CCP_EFFORT_UNSET
           ? NULL : ccp_dialect_effort(oo->d, effort, buf, sizeof(buf));

    if (word) {
        ccp_w_kcstr(oo->out, "think", word);

    } else {
        ccp_w_kbool(oo->out, "think", wanted);
    }
}


static int
ccp_ollama_write_format(ccp_ollama_out_t *oo)
{
    ccp_str_t  schema;

    switch (oo->r->out.kind) {

    case CCP_F_JSON:
        ccp_w_kcstr(oo->out, "format", "json");
        return CCP_OK;

    case CCP_F_SCHEMA:
        schema = ccp_schema_of(oo->x->arena, &oo->r->doc,
                                oo->r->out.schema, oo->r->out.dialect,
                                oo->d->schema);
        if (schema.p == NULL) {
            return CCP_NOMEM;
        }

        ccp_w_kraw(oo->out, "format", schema);
        return CCP_OK;

    default:
        return CCP_OK;
    }
}


/* The cap to send: the client's within what the target allows. */

static int64_t
ccp_ollama_limit(const ccp_ollama_out_t *oo)
{
    int64_t  n, cap;

    n = oo->r->max_tokens;
    cap = oo->x->target->max_tokens;

    if (n == CCP_UNSET_INT || n <= 0) {
        return oo->d->max_req > 0 ? oo->d->max_req : CCP_UNSET_INT;
    }

    n = oo->d->max_hi > 0 && n > oo->d->max_hi ? oo->d->max_hi : n;

    return cap > 0 && n > cap ? cap : n;
}


/* The object is opened with its first member. */

static void
ccp_ollama_option(ccp_ollama_out_t *oo, int *open, const char *name)
{
    if (!*open) {
        *open = 1;
        ccp_w_key(oo->out, "options");
        ccp_w_obj(oo->out);
    }

    ccp_w_key(oo->out, name);
}


static void
ccp_ollama_write_options(ccp_ollama_out_t *oo)
{
    int                         open;
    int64_t                     max;
    ccp_str_t                   s;
    const ccp_item_t           *stop;
    const ccp_ollama_option_t  *o;

    open = 0;
    max = ccp_ollama_limit(oo);

    /* without it the server cuts long prompts and says nothing */

    if (oo->x->target->context > 0) {
        ccp_ollama_option(oo, &open, "num_ctx");
        ccp_w_int(oo->out, oo->x->target->context);
    }

    if (max != CCP_UNSET_INT) {
        ccp_ollama_option(oo, &open, "num_predict");
        ccp_w_int(oo->out, max);
    }

    for (o = ccp_ollama_options; o->name; o++) {
        s = *ccp_ollama_at(oo->r, o->off);

        if (s.p == NULL) {
            continue;
        }

        if (ccp_dialect_drops(oo->d, o->name)) {
            ccp_note(oo->r, oo->x->arena, "%s: not taken by %s", o->name,
                     oo->d->name);
            continue;
        }

        ccp_ollama_option(oo, &open, o->name);
        ccp_w_raw(oo->out, s);
    }

    if (oo->r->stop) {
        ccp_ollama_option(oo, &open, "stop");
        ccp_w_arr(oo->out);

        for (stop = oo->r->stop; stop; stop = stop->next) {
            ccp_w_str(oo->out, stop->s);
        }

        ccp_w_arr_end(oo->out);
    }

    if (open) {
        ccp_w_obj_end(oo->out);
    }
}


static void
ccp_ollama_write_logprobs(ccp_ollama_out_t *oo)
{
    if (oo->r->logprobs == 1) {
        ccp_w_kbool(oo->out, "logprobs", 1);
    }

    if (oo->r->top_logprobs != CCP_UNSET_INT) {
        ccp_w_kint(oo->out, "top_logprobs", oo->r->top_logprobs);
    }
}


/* What the client asked for and this protocol has no word for. */

static void
ccp_ollama_notes(ccp_ollama_out_t *oo)
{
    size_t  i;

    const struct {
        ccp_str_t    s;
        const char  *name;
    } lost[] = {
        { oo->r->user, "user" },
        { oo->r->meta, "metadata" },
        { oo->r->tier, "service_tier" },
        { oo->r->cache_key, "prompt_cache_key" },
        { oo->r->out.verbosity, "verbosity" }
    };

    for (i = 0; i < ccp_countof(lost); i++) {
        if (lost[i].s.p) {
            ccp_note(oo->r, oo->x->arena, "%s: not taken by %s", lost[i].name,
                     oo->d->name);
        }
    }
}


int
ccp_ollama_encode(ccp_encode_t *x, ccp_out_t *out)
{
    int               rc;
    ccp_ollama_out_t  oo;

    memset(&oo, 0, sizeof(ccp_ollama_out_t));
    oo.x = x;
    oo.r = x->req;
    oo.d = x->target->dialect;
    oo.out = out;

    if (x->req->n != CCP_UNSET_INT && x->req->n > 1) {
        return ccp_error_set(x->err, x->arena, CCP_E_BAD_REQUEST,
                             "n: %lld answers can't be had from this target",
                             (long long) x->req->n);
    }

    ccp_w_obj(out);
    ccp_w_kstr(out, "model", x->model);

    if (!x->req->stream) {
        ccp_w_kbool(out, "stream", 0);
    }

    rc = ccp_ollama_write_messages(&oo);

    if (rc == CCP_OK) {
        ccp_ollama_write_think(&oo);
        rc = ccp_ollama_write_tools(&oo);
    }

    if (rc == CCP_OK) {
        rc = ccp_ollama_write_format(&oo);
    }

    ccp_ollama_write_options(&oo);
    ccp_ollama_write_logprobs(&oo);
    ccp_ollama_notes(&oo);
    ccp_w_obj_end(out);

    if (rc != CCP_OK) {
        return rc;
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}
