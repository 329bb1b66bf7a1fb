
/*
 * Responses request out: top-level fields.
 */

#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"
#include "codec/proto/proto_words.h"


#define CCP_RS_USER_MAX   64
#define CCP_RS_TEMP_MAX   2


const char *
ccp_responses_field(ccp_responses_out_t *ro, const char *name)
{
    if (ccp_dialect_drops(ro->d, name)) {
        ccp_note(ro->r, ro->x->arena, "%s: not taken by %s", name,
                 ro->d->name);
        return NULL;
    }

    return ccp_dialect_field(ro->d, name);
}


/* The cap to send: the client's within what the target allows (T44). */

static void
ccp_rs_write_limit(ccp_responses_out_t *ro)
{
    int64_t               n, cap;
    const ccp_dialect_t  *d;

    d = ro->d;
    n = ro->r->max_tokens;
    cap = ro->x->target->max_tokens;

    if (n == CCP_UNSET_INT || n <= 0) {
        if (d->max_req <= 0) {
            return;
        }

        n = d->max_req;
    }

    n = cap != CCP_UNSET_INT && cap > 0 && n > cap ? cap : n;
    n = d->max_hi > 0 && n > d->max_hi ? d->max_hi : n;
    n = d->max_lo > n ? d->max_lo : n;

    ccp_w_kint(ro->out, d->max_field ? d->max_field : "max_output_tokens", n);
}


static void
ccp_rs_write_sampling(ccp_responses_out_t *ro)
{
    int          drop;
    double       hi;
    const char  *name;

    drop = ro->d->sampling == CCP_DROP
           || (ro->d->sampling == CCP_DROP_IF_THINKING && ro->thinks);

    if (drop && (ro->r->temperature.p || ro->r->top_p.p)) {
        ccp_note(ro->r, ro->x->arena, "temperature, top_p: not taken by %s",
                 ro->d->name);
        return;
    }

    hi = ro->d->temp_hi > 0 ? ro->d->temp_hi : CCP_RS_TEMP_MAX;
    name = ro->r->temperature.p ? ccp_responses_field(ro, "temperature")
                                : NULL;

    if (name && ccp_str_double(ro->r->temperature) > hi) {
        ccp_note(ro->r, ro->x->arena, "temperature: lowered to %g", hi);
        ccp_w_key(ro->out, name);
        ccp_w_num(ro->out, hi);

    } else if (name) {
        ccp_w_kraw(ro->out, name, ro->r->temperature);
    }

    name = ro->r->top_p.p ? ccp_responses_field(ro, "top_p") : NULL;

    if (name) {
        ccp_w_kraw(ro->out, name, ro->r->top_p);
    }
}


/* What the protocol has no field for. */

static void
ccp_rs_note_lost(ccp_responses_out_t *ro)
{
    size_t                i;
    const ccp_request_t  *r = ro->r;

    const struct {
        ccp_str_t    value;
        const char  *name;
    } lost[] = {
        { r->top_k, "top_k" },
        { r->min_p, "min_p" },
        { r->seed, "seed" },
        { r->freq_pen, "frequency_penalty" },
        { r->pres_pen, "presence_penalty" },
        { r->rep_pen, "repetition_penalty" }
    };

    for (i = 0; i < ccp_countof(lost); i++) {
        if (lost[i].value.p) {
            ccp_note(ro->r, ro->x->arena, "%s: the Responses protocol has none",
                     lost[i].name);
        }
    }
}


/* ---- output format ---- */

static int
ccp_rs_write_format(ccp_responses_out_t *ro)
{
    int             strict;
    ccp_str_t       schema;
    ccp_out_t      *out;
    ccp_request_t  *r;

    r = ro->r;
    out = ro->out;

    ccp_w_key(out, "format");
    ccp_w_obj(out);

    if (r->out.kind == CCP_F_JSON || r->out.schema.p == NULL) {
        ccp_w_kcstr(out, "type", "json_object");
        ccp_w_obj_end(out);
        return CCP_OK;
    }

    strict = r->out.strict == 1 && ro->d->strict == CCP_STRICT_KEEP;

    schema = strict
             ? ccp_schema_closed(ro->x->arena, r->out.schema, r->out.dialect)
             : ccp_schema_for(ro->x->arena, r->out.schema, r->out.dialect,
                              ro->d->schema);
    if (schema.p == NULL) {
        return CCP_NOMEM;
    }

    ccp_w_kcstr(out, "type", "json_schema");
    ccp_w_kstr(out, "name", r->out.name.n ? r->out.name
                                          : ccp_lit("response"));
    ccp_w_kstr_opt(out, "description", r->out.desc);
    ccp_w_kraw(out, "schema", schema);
    ccp_w_kbool(out, "strict", strict);
    ccp_w_obj_end(out);

    return CCP_OK;
}


static int
ccp_rs_write_text(ccp_responses_out_t *ro)
{
    int             rc, format;
    ccp_request_t  *r;

    r = ro->r;
    format = r->out.kind == CCP_F_JSON || r->out.kind == CCP_F_SCHEMA;

    if (!format && r->out.verbosity.p == NULL) {
        return CCP_OK;
    }

    ccp_w_key(ro->out, "text");
    ccp_w_obj(ro->out);
    rc = format ? ccp_rs_write_format(ro) : CCP_OK;
    ccp_w_kstr_opt(ro->out, "verbosity", r->out.verbosity);
    ccp_w_obj_end(ro->out);

    return rc;
}


/* ---- reasoning ---- */

/* Whether the client will show the reasoning. */

static int
ccp_rs_shown(ccp_responses_out_t *ro)
{
    switch (ro->r->think.display) {

    case CCP_DISPLAY_OMIT:
        return 0;

    case CCP_DISPLAY_UNSET:
        return ro->wanted == 1 && ro->r->proto != CCP_GEMINI;

    default:
        return ro->wanted != 0;
    }
}


static void
ccp_rs_write_reasoning(ccp_responses_out_t *ro)
{
    char         buf[32];
    const char  *word;

    if (ro->wanted < 0 && !(ro->d->think_default && ccp_rs_shown(ro))) {
        return;
    }

    if (ro->d->think == CCP_RZ_NONE) {
        if (ro->wanted == 1) {
            ccp_note(ro->r, ro->x->arena, "reasoning: no switch for it at %s",
                     ro->d->name);
        }

        return;
    }

    word = ccp_dialect_effort(ro->d, ccp_think_effort(&ro->r->think), buf,
                              sizeof(buf));

    if (word == NULL && !ccp_rs_shown(ro)) {
        return;
    }

    ccp_w_key(ro->out, "reasoning");
    ccp_w_obj(ro->out);

    if (word) {
        ccp_w_kcstr(ro->out, "effort", word);
    }

    if (ccp_rs_shown(ro)) {
        ccp_w_kcstr(ro->out, "summary", "auto");
    }

    ccp_w_obj_end(ro->out);
}


static void
ccp_rs_write_include(ccp_responses_out_t *ro)
{
    int  think, probs;

    think = ro->thinks && ro->wanted != 0 && ro->d->think != CCP_RZ_NONE;
    probs = ro->r->logprobs == 1
            && !ccp_dialect_drops(ro->d, "top_logprobs")
            && ro->d->sampling != CCP_DROP
            && !(ro->d->sampling == CCP_DROP_IF_THINKING && ro->thinks);

    if (ro->r->logprobs == 1 && !probs) {
        ccp_note(ro->r, ro->x->arena, "logprobs: not taken by %s",
                 ro->d->name);
    }

    if (probs && ro->r->top_logprobs != CCP_UNSET_INT) {
        ccp_w_kint(ro->out, "top_logprobs", ro->r->top_logprobs);
    }

    if (!think && !probs) {
        return;
    }

    ccp_w_key(ro->out, "include");
    ccp_w_arr(ro->out);

    if (think) {
        ccp_w_cstr(ro->out, "reasoning.encrypted_content");
    }

    if (probs) {
        ccp_w_cstr(ro->out, "message.output_text.logprobs");
    }

    ccp_w_arr_end(ro->out);
}


/* ---- the rest ---- */

/* The words that this protocol knows; "auto" is what silence means. */

static const ccp_chat_word_t  ccp_rs_tiers[] = {
    { "default", 1 },
    { "standard", 1 },
    { "standard_only", 1 },
    { "flex", 2 },
    { "scale", 2 },
    { "priority", 2 },
    { NULL, 0 }
};


static void
ccp_rs_write_tier(ccp_responses_out_t *ro)
{
    int          known;
    const char  *name;

    known = ro->r->tier.p ? ccp_chat_find(ccp_rs_tiers, ro->r->tier, 0) : 0;
    name = known ? ccp_responses_field(ro, "service_tier") : NULL;

    if (name) {
        ccp_w_kstr(ro->out, name, known == 1 ? ccp_lit("default")
                                             : ro->r->tier);
    }
}


static int
ccp_rs_write_user(ccp_responses_out_t *ro)
{
    ccp_str_t    user, key;
    const char  *name;

    key = ro->r->cache_key;
    user = ccp_user_fit(ro->x->arena, ro->r->user, CCP_RS_USER_MAX);

    if (ro->r->user.p && user.p == NULL) {
        return CCP_NOMEM;
    }

    name = user.p ? ccp_responses_field(ro, "user") : NULL;

    if (name) {
        ccp_w_kstr(ro->out, name, user);
    }

    if (key.p == NULL && ro->d->cache == CCP_CC_AUTO_KEY) {
        /* who asks stands for what is asked */
        key = user;
    }

    name = key.p ? ccp_responses_field(ro, "prompt_cache_key") : NULL;

    if (name) {
        ccp_w_kstr(ro->out, name, key);
    }

    if (ro->r->meta.p && ro->r->proto == CCP_CHAT) {
        name = ccp_responses_field(ro, "metadata");

        if (name) {
            ccp_w_kraw(ro->out, name, ro->r->meta);
        }
    }

    return CCP_OK;
}


static void
ccp_rs_write_instructions(ccp_responses_out_t *ro)
{
    const ccp_block_t  *b;

    for (b = ro->r->system; b; b = b->next) {
        if (b->kind == CCP_B_TEXT && b->text.n) {
            ccp_w_kstr(ro->out, "instructions", b->text);
            return;
        }
    }
}


/* What a count request has no place for. */

static int
ccp_rs_write_generate(ccp_responses_out_t *ro)
{
    ccp_rs_write_sampling(ro);
    ccp_rs_note_lost(ro);
    ccp_rs_write_include(ro);

    if (ccp_rs_write_user(ro) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_rs_write_tier(ro);

    /* the history is the client's; nothing has to be kept for it */

    ccp_w_kbool(ro->out, "store", 0);

    if (ro->r->stream) {
        ccp_w_kbool(ro->out, "stream", 1);
    }

    return CCP_OK;
}


static int
ccp_rs_write_all(ccp_responses_out_t *ro)
{
    int         rc;
    ccp_out_t  *out;

    out = ro->out;

    ccp_w_kstr(out, "model", ro->x->model);

    if (ro->r->op != CCP_OP_COUNT) {
        ccp_rs_write_limit(ro);
    }

    ccp_rs_write_instructions(ro);

    rc = ccp_responses_write_input(ro);

    if (rc == CCP_OK) {
        rc = ccp_responses_write_tools(ro);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    if (ccp_rs_write_text(ro) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_rs_write_reasoning(ro);

    return ro->r->op == CCP_OP_COUNT ? CCP_OK : ccp_rs_write_generate(ro);
}


int
ccp_responses_encode(ccp_encode_t *x, ccp_out_t *out)
{
    int                  rc;
    ccp_responses_out_t  ro;

    if (x->req->proto == CCP_RESPONSES && !x->changed) {
        return ccp_responses_rewrite(x, out);
    }

    if (x->req->n != CCP_UNSET_INT && x->req->n > 1) {
        return ccp_error_set(x->err, x->arena, CCP_E_BAD_REQUEST,
                             "n: %lld answers can't be had from this target",
                             (long long) x->req->n);
    }

    memset(&ro, 0, sizeof(ccp_responses_out_t));
    ro.x = x;
    ro.r = x->req;
    ro.d = x->target->dialect;
    ro.out = out;
    ro.wanted = ccp_think_wanted(&x->req->think);
    ro.thinks = ro.wanted == 1 || (ro.wanted == -1 && ro.d->think_default);
    ro.hint = x->req->out.kind == CCP_F_JSON
              && !ccp_mentions_json(x->req);

    ccp_w_obj(out);
    rc = ccp_rs_write_all(&ro);
    ccp_w_obj_end(out);

    if (rc != CCP_OK) {
        return rc;
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}
