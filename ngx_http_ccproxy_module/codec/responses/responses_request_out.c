
/*
 * Responses request out: top-level fields.
 */

#include "codec/responses/responses_request.h"
#include "codec/responses/responses.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"
#include "codec/proto/proto_words.h"


#define CCP_RESPONSES_USER_MAX  64
#define CCP_RESPONSES_TEMP_MAX  2


const char *
ccp_responses_member_name(ccp_responses_writer_t *w, const char *name)
{
    if (ccp_provider_drops(w->pr, name)) {
        ccp_request_note(w->r, w->x->arena, "%s: not taken by %s", name,
                         w->pr->name);
        return NULL;
    }

    return ccp_provider_field(w->pr, name);
}


/* The cap to send: the client's within what the target allows (T44). */

static void
ccp_responses_write_limit(ccp_responses_writer_t *w)
{
    int64_t                n, cap;
    const ccp_provider_t  *pr;

    pr = w->pr;
    n = w->r->max_tokens;
    cap = w->x->target->max_tokens;

    if (n == CCP_UNSET_INT || n <= 0) {
        if (pr->max_req <= 0) {
            return;
        }

        n = pr->max_req;
    }

    n = cap != CCP_UNSET_INT && cap > 0 && n > cap ? cap : n;
    n = pr->max_hi > 0 && n > pr->max_hi ? pr->max_hi : n;
    n = pr->max_lo > n ? pr->max_lo : n;

    ccp_w_kint(w->o, pr->max_field ? pr->max_field : "max_output_tokens", n);
}


static void
ccp_responses_write_sampling(ccp_responses_writer_t *w)
{
    int          drop;
    double       hi;
    const char  *name;

    drop = w->pr->sampling == CCP_DROP
           || (w->pr->sampling == CCP_DROP_IF_THINKING && w->thinks);

    if (drop && (w->r->temperature.p || w->r->top_p.p)) {
        ccp_request_note(w->r, w->x->arena,
                         "temperature, top_p: not taken by %s", w->pr->name);
        return;
    }

    hi = w->pr->temp_hi > 0 ? w->pr->temp_hi : CCP_RESPONSES_TEMP_MAX;
    name = w->r->temperature.p ? ccp_responses_member_name(w, "temperature")
                               : NULL;

    if (name && ccp_str_double(w->r->temperature) > hi) {
        ccp_request_note(w->r, w->x->arena, "temperature: lowered to %g", hi);
        ccp_w_key(w->o, name);
        ccp_w_num(w->o, hi);

    } else if (name) {
        ccp_w_kraw(w->o, name, w->r->temperature);
    }

    name = w->r->top_p.p ? ccp_responses_member_name(w, "top_p") : NULL;

    if (name) {
        ccp_w_kraw(w->o, name, w->r->top_p);
    }
}


/* What the protocol has no field for. */

static const ccp_absent_t  ccp_responses_absent[] = {
    { "top_k", offsetof(ccp_request_t, top_k) },
    { "min_p", offsetof(ccp_request_t, min_p) },
    { "seed", offsetof(ccp_request_t, seed) },
    { "frequency_penalty", offsetof(ccp_request_t, freq_pen) },
    { "presence_penalty", offsetof(ccp_request_t, pres_pen) },
    { "repetition_penalty", offsetof(ccp_request_t, rep_pen) },
    { NULL, 0 }
};


/* ---- output format ---- */

static int
ccp_responses_write_format(ccp_responses_writer_t *w)
{
    int             strict;
    ccp_str_t       schema;
    ccp_out_t      *out;
    ccp_request_t  *r;

    r = w->r;
    out = w->o;

    ccp_w_key(out, "format");
    ccp_w_obj(out);

    if (r->out.kind == CCP_F_JSON || r->out.schema.p == NULL) {
        ccp_w_kcstr(out, "type", "json_object");
        ccp_w_obj_end(out);
        return CCP_OK;
    }

    strict = r->out.strict == 1 && w->pr->strict == CCP_STRICT_KEEP;

    schema = strict
             ? ccp_schema_closed(w->x->arena, r->out.schema, r->out.dialect,
                                 CCP_SCHEMA_OBJECT)
             : ccp_schema_of(w->x->arena, &r->doc, r->out.schema,
                             r->out.dialect, w->pr->schema,
                             ccp_schema_answer_root(w->pr->schema));
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
ccp_responses_write_text(ccp_responses_writer_t *w)
{
    int             rc, format;
    ccp_request_t  *r;

    r = w->r;
    format = r->out.kind == CCP_F_JSON || r->out.kind == CCP_F_SCHEMA;

    if (!format && r->out.verbosity.p == NULL) {
        return CCP_OK;
    }

    ccp_w_key(w->o, "text");
    ccp_w_obj(w->o);
    rc = format ? ccp_responses_write_format(w) : CCP_OK;
    ccp_w_kstr_opt(w->o, "verbosity", r->out.verbosity);
    ccp_w_obj_end(w->o);

    return rc;
}


/* ---- reasoning ---- */

/* Whether the client will show the reasoning. */

static int
ccp_responses_think_is_shown(ccp_responses_writer_t *w)
{
    switch (w->r->think.display) {

    case CCP_DISPLAY_OMIT:
        return 0;

    case CCP_DISPLAY_UNSET:
        return w->wanted == 1 && w->r->proto != CCP_GEMINI;

    default:
        return w->wanted != 0;
    }
}


static void
ccp_responses_write_reasoning(ccp_responses_writer_t *w)
{
    const char  *word;

    if (w->wanted < 0
        && !(w->pr->think_default && ccp_responses_think_is_shown(w)))
    {
        return;
    }

    if (w->pr->think == CCP_RZ_NONE) {
        if (w->wanted == 1) {
            ccp_request_note(w->r, w->x->arena,
                             "reasoning: no switch for it at %s", w->pr->name);
        }

        return;
    }

    word = ccp_provider_effort(w->pr, ccp_think_effort(&w->r->think));

    if (word == NULL && !ccp_responses_think_is_shown(w)) {
        return;
    }

    ccp_w_key(w->o, "reasoning");
    ccp_w_obj(w->o);

    if (word) {
        ccp_w_kcstr(w->o, "effort", word);
    }

    if (ccp_responses_think_is_shown(w)) {
        ccp_w_kcstr(w->o, "summary", "auto");
    }

    ccp_w_obj_end(w->o);
}


static void
ccp_responses_write_include(ccp_responses_writer_t *w)
{
    int  think, probs;

    think = w->thinks && w->wanted != 0 && w->pr->think != CCP_RZ_NONE;
    probs = w->r->logprobs == 1
            && !ccp_provider_drops(w->pr, "top_logprobs")
            && w->pr->sampling != CCP_DROP
            && !(w->pr->sampling == CCP_DROP_IF_THINKING && w->thinks);

    if (w->r->logprobs == 1 && !probs) {
        ccp_request_note(w->r, w->x->arena, "logprobs: not taken by %s",
                         w->pr->name);
    }

    if (probs && w->r->top_logprobs != CCP_UNSET_INT) {
        ccp_w_kint(w->o, "top_logprobs", w->r->top_logprobs);
    }

    if (!think && !probs) {
        return;
    }

    ccp_w_key(w->o, "include");
    ccp_w_arr(w->o);

    if (think) {
        ccp_w_cstr(w->o, "reasoning.encrypted_content");
    }

    if (probs) {
        ccp_w_cstr(w->o, "message.output_text.logprobs");
    }

    ccp_w_arr_end(w->o);
}


/* ---- the rest ---- */

/* The words that this protocol knows; "auto" is what silence means. */

static const ccp_word_t  ccp_responses_tier_words[] = {
    { "default", 1 },
    { "standard", 1 },
    { "standard_only", 1 },
    { "flex", 2 },
    { "scale", 2 },
    { "priority", 2 },
    { NULL, 0 }
};


static void
ccp_responses_write_tier(ccp_responses_writer_t *w)
{
    int          known;
    const char  *name;

    known = w->r->tier.p
            ? ccp_word_find(ccp_responses_tier_words, w->r->tier, 0) : 0;
    name = known ? ccp_responses_member_name(w, "service_tier") : NULL;

    if (name) {
        ccp_w_kstr(w->o, name, known == 1 ? ccp_lit("default")
                                          : w->r->tier);
    }
}


static int
ccp_responses_write_user(ccp_responses_writer_t *w)
{
    ccp_str_t    user, key;
    const char  *name;

    key = w->r->cache_key;
    user = ccp_request_fit_user(w->x->arena, w->r->user,
                                CCP_RESPONSES_USER_MAX);

    if (w->r->user.p && user.p == NULL) {
        return CCP_NOMEM;
    }

    name = user.p ? ccp_responses_member_name(w, "user") : NULL;

    if (name) {
        ccp_w_kstr(w->o, name, user);
    }

    if (key.p == NULL && w->pr->cache == CCP_CC_AUTO_KEY) {
        /* who asks stands for what is asked */
        key = user;
    }

    name = key.p ? ccp_responses_member_name(w, "prompt_cache_key") : NULL;

    if (name) {
        ccp_w_kstr(w->o, name, key);
    }

    if (w->r->meta.p && w->r->proto == CCP_CHAT) {
        name = ccp_responses_member_name(w, "metadata");

        if (name) {
            ccp_w_kraw(w->o, name, w->r->meta);
        }
    }

    return CCP_OK;
}


static void
ccp_responses_write_instructions(ccp_responses_writer_t *w)
{
    const ccp_block_t  *b;

    for (b = w->r->system; b; b = b->next) {
        if (b->kind == CCP_B_TEXT && b->text.n) {
            ccp_w_kstr(w->o, "instructions", b->text);
            return;
        }
    }
}


/* What a count request has no place for. */

static int
ccp_responses_write_generate(ccp_responses_writer_t *w)
{
    ccp_responses_write_sampling(w);
    ccp_request_note_absent(w->r, w->x->arena, ccp_responses_absent,
                            "the Responses protocol has none", "");
    ccp_responses_write_include(w);

    if (ccp_responses_write_user(w) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_responses_write_tier(w);

    /* the history is the client's; nothing has to be kept for it */

    ccp_w_kbool(w->o, "store", 0);

    if (w->r->stream) {
        ccp_w_kbool(w->o, "stream", 1);
    }

    return CCP_OK;
}


static int
ccp_responses_write_all(ccp_responses_writer_t *w)
{
    int         rc;
    ccp_out_t  *out;

    out = w->o;

    ccp_w_kstr(out, "model", w->x->model);

    if (w->r->op != CCP_OP_COUNT) {
        ccp_responses_write_limit(w);
    }

    ccp_responses_write_instructions(w);

    rc = ccp_responses_write_input(w);

    if (rc == CCP_OK) {
        rc = ccp_responses_write_tools(w);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    if (ccp_responses_write_text(w) != CCP_OK) {
        return CCP_NOMEM;
    }

    ccp_responses_write_reasoning(w);

    return w->r->op == CCP_OP_GENERATE ? ccp_responses_write_generate(w)
                                       : CCP_OK;
}


int
ccp_responses_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int                     rc;
    ccp_responses_writer_t  w;

    if (x->req->proto == CCP_RESPONSES && !x->changed) {
        return ccp_responses_write_same(x, out);
    }

    if (x->req->n != CCP_UNSET_INT && x->req->n > 1) {
        return ccp_refuse(x->err, x->arena, CCP_E_BAD_REQUEST,
                          "n: %lld answers can't be had from this target",
                          (long long) x->req->n);
    }

    memset(&w, 0, sizeof(ccp_responses_writer_t));
    w.x = x;
    w.r = x->req;
    w.pr = x->target->provider;
    w.o = out;
    w.wanted = ccp_think_wanted(&x->req->think);
    w.thinks = w.wanted == 1 || (w.wanted == -1 && w.pr->think_default);
    w.hint = x->req->out.kind == CCP_F_JSON
             && !ccp_request_says_json(x->req);

    ccp_w_obj(out);
    rc = ccp_responses_write_all(&w);
    ccp_w_obj_end(out);

    if (rc != CCP_OK) {
        return rc;
    }

    return out->err ? CCP_NOMEM : CCP_OK;
}
