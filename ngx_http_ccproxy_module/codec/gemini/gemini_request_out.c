
/*
 * Gemini request out: everything but contents and tools.
 */

#include "codec/gemini/gemini_request.h"
#include "codec/gemini/gemini.h"
#include "codec/json/json_write.h"
#include "codec/form/form_block.h"
#include "codec/form/form_think.h"
#include "codec/schema/schema.h"
#include "codec/prepare/prepare.h"
#include "codec/proto/proto_out.h"


#define CCP_GEMINI_JSON_HINT                                                 \
    "Answer with one JSON object only."
#define CCP_GEMINI_SCHEMA_HINT                                               \
    "Answer with one JSON object only, valid against this JSON schema: "

#define CCP_GEMINI_STOP_MAX    5

/* Seeds up to here are exact in a double. */
#define CCP_GEMINI_SEED_MAX    9007199254740992.0

/* thinkingBudget: what models of 2.5 take, by whether thinking can be off */
#define CCP_GEMINI_PRO_LO      128
#define CCP_GEMINI_PRO_HI      32768
#define CCP_GEMINI_FLASH_LO    512
#define CCP_GEMINI_FLASH_HI    24576
#define CCP_GEMINI_LOW_BUDGET  1024


/* What means something to this protocol only, in its own spelling. */

static const char *const  ccp_gemini_write_same_members[] = {
    "safetySettings", "cachedContent", "labels", "store",
    "continuationToken", "modelArmorConfig", "generationOutputConfig"
};

static const char *const  ccp_gemini_write_same_config[] = {
    "responseFormat", "responseModalities", "mediaResolution",
    "speechConfig", "audioTimestamp", "audioTranscriptionConfig",
    "imageConfig", "routingConfig", "modelSelectionConfig",
    "enableEnhancedCivicAnswers", "enableAffectiveDialog",
    "translationConfig"
};


/* "gemini-3-pro" and later: signatures are demanded, media in results. */

static int
ccp_gemini_is_third(ccp_str_t model)
{
    size_t             i;
    const uint8_t     *p;
    static const char  name[] = "gemini-";

    for (i = 0; i + sizeof(name) <= model.n; i++) {
        p = model.p + i;

        if (memcmp(p, name, sizeof(name) - 1) == 0) {
            p += sizeof(name) - 1;
            return *p >= '3' && *p <= '9';
        }
    }

    return 0;
}


static void
ccp_gemini_write_system(ccp_gemini_writer_t *w)
{
    int                 n;
    ccp_out_t          *o;
    const ccp_block_t  *b;

    o = w->o;
    n = w->hint;

    for (b = w->r->system; b; b = b->next) {
        n += b->kind == CCP_B_TEXT && b->text.n;
    }

    if (n == 0) {
        return;
    }

    ccp_w_key(o, "systemInstruction");
    ccp_w_obj(o);
    ccp_w_key(o, "parts");
    ccp_w_arr(o);

    for (b = w->r->system; b; b = b->next) {
        if (b->kind == CCP_B_TEXT && b->text.n) {
            ccp_w_obj(o);
            ccp_w_kstr(o, "text", b->text);
            ccp_w_obj_end(o);
        }
    }

    if (w->hint) {
        ccp_w_obj(o);
        ccp_w_key(o, "text");
        ccp_w_str_open(o);

        if (w->r->out.kind == CCP_F_SCHEMA) {
            ccp_w_str_part(o, ccp_lit(CCP_GEMINI_SCHEMA_HINT));
            ccp_w_str_part(o, w->r->out.schema);

        } else {
            ccp_w_str_part(o, ccp_lit(CCP_GEMINI_JSON_HINT));
        }

        ccp_w_str_close(o);
        ccp_w_obj_end(o);
    }

    ccp_w_arr_end(o);
    ccp_w_obj_end(o);
}


static void
ccp_gemini_survey_format(ccp_gemini_writer_t *w)
{
    int                    tools;
    const ccp_provider_t  *pr;

    pr = w->pr;
    w->format = w->r->out.kind;

    if (w->format != CCP_F_JSON && w->format != CCP_F_SCHEMA) {
        return;
    }

    /* models that think by budget refuse a format beside functions */

    tools = w->functions && !w->same
            && (pr->drop_format || pr->think == CCP_RZ_BUDGET_GEMINI);

    if (tools || (w->format == CCP_F_SCHEMA && pr->fmt_no_schema)
        || (w->format == CCP_F_JSON && pr->fmt_no_object))
    {
        w->format = CCP_F_UNSET;
        w->hint = 1;
    }
}


/* Whether a setting goes out; what is refused is noted. */

static int
ccp_gemini_takes_member(ccp_gemini_writer_t *w, const char *name, int given)
{
    if (!given) {
        return 0;
    }

    /* the default list is made for Chat's field names */

    if (w->pr->drop && ccp_provider_drops(w->pr, name)) {
        ccp_request_note(w->r, w->a, "%s: not taken by %s", name, w->pr->name);
        return 0;
    }

    return 1;
}


static void
ccp_gemini_write_ranged(ccp_gemini_writer_t *w, const char *key,
    const char *name, ccp_str_t s, double lo, double hi)
{
    double  v;

    if (!ccp_gemini_takes_member(w, name, s.p != NULL)) {
        return;
    }

    v = ccp_str_double(s);

    if (v < lo || v > hi) {
        ccp_request_note(w->r, w->a, "%s: moved into the target's range",
                         name);
        ccp_w_key(w->o, key);
        ccp_w_num(w->o, v < lo ? lo : hi);
        return;
    }

    ccp_w_kraw(w->o, key, s);
}


static void
ccp_gemini_write_sampling(ccp_gemini_writer_t *w)
{
    double          hi, number;
    int64_t         seed;
    ccp_request_t  *r;

    r = w->r;
    hi = w->pr->temp_hi > 0 ? w->pr->temp_hi : 2;

    if (w->pr->sampling == CCP_DROP
        || (w->pr->sampling == CCP_DROP_IF_THINKING && w->wanted == 1))
    {
        if (r->temperature.p || r->top_p.p || r->top_k.p) {
            ccp_request_note(r, w->a, "sampling: not taken by %s",
                             w->pr->name);
        }

    } else {
        ccp_gemini_write_ranged(w, "temperature", "temperature",
                                r->temperature, 0, hi);
        ccp_gemini_write_ranged(w, "topP", "top_p", r->top_p, 0, 1);

        if (ccp_gemini_takes_member(w, "top_k", r->top_k.p != NULL
                                                && ccp_str_double(r->top_k)
                                    >= 1))
        {
            ccp_w_kraw(w->o, "topK", r->top_k);
        }
    }

    if (ccp_gemini_takes_member(w, "seed", r->seed.p != NULL)) {
        /* an int32 there: the low bits of a longer one are as good */
        number = ccp_str_double(r->seed);
        seed = number > -CCP_GEMINI_SEED_MAX && number < CCP_GEMINI_SEED_MAX
               ? (int64_t) number : 0;
        ccp_w_kint(w->o, "seed", seed < 0 && seed >= INT32_MIN
                                 ? seed : seed & INT32_MAX);
    }

    ccp_gemini_write_ranged(w, "presencePenalty", "presence_penalty",
                            r->pres_pen, -2, 2);
    ccp_gemini_write_ranged(w, "frequencyPenalty", "frequency_penalty",
                            r->freq_pen, -2, 2);
}


/* More than one is refused before (exchange_target.c). */

static void
ccp_gemini_write_count(ccp_gemini_writer_t *w)
{
    if (w->r->n != CCP_UNSET_INT && w->same) {
        ccp_w_kint(w->o, "candidateCount", w->r->n);
    }
}


/* What the effort is worth in tokens, where the client named no budget. */

static int64_t
ccp_gemini_think_budget(ccp_gemini_writer_t *w, int64_t max)
{
    int64_t       budget, lo, hi;
    ccp_effort_e  effort;

    budget = ccp_think_budget(&w->r->think);
    effort = w->r->think.effort;

    if (w->r->think.budget == CCP_UNSET_INT
        && (effort == CCP_EFFORT_LOW || effort == CCP_EFFORT_MINIMAL))
    {
        budget = CCP_GEMINI_LOW_BUDGET;
    }

    if (budget < 0) {
        return -1;
    }

    lo = w->pr->think_off == CCP_OFF_NEVER ? CCP_GEMINI_PRO_LO
                                           : CCP_GEMINI_FLASH_LO;
    hi = w->pr->think_off == CCP_OFF_NEVER ? CCP_GEMINI_PRO_HI
                                           : CCP_GEMINI_FLASH_HI;

    /* the cap is for both, so some of it is left for the answer */

    if (max > 0 && budget >= max) {
        budget = max / 2;
    }

    budget = budget < lo ? lo : budget;

    return budget > hi ? hi : budget;
}


static void
ccp_gemini_write_level(ccp_gemini_writer_t *w)
{
    char          buf[16], *p;
    const char   *word;
    ccp_effort_e  effort;

    effort = w->wanted == 0 ? CCP_EFFORT_NONE
                            : ccp_think_effort(&w->r->think);

    if (effort == CCP_EFFORT_UNSET) {
        return;
    }

    if (effort == CCP_EFFORT_NONE || effort == CCP_EFFORT_MINIMAL) {
        ccp_w_kcstr(w->o, "thinkingLevel", w->pr->think_off == CCP_OFF_NEVER
                                           ? "LOW" : "MINIMAL");
        return;
    }

    if (effort > CCP_EFFORT_HIGH) {
        effort = CCP_EFFORT_HIGH;
    }

    word = ccp_provider_effort(w->pr, effort);

    if (word == NULL || strlen(word) >= sizeof(buf)) {
        return;
    }

    for (p = buf; *word; word++) {
        *p++ = *word >= 'a' && *word <= 'z' ? *word & ~0x20 : *word;
    }

    *p = '\0';

    ccp_w_kcstr(w->o, "thinkingLevel", buf);
}


static void
ccp_gemini_write_thinking(ccp_gemini_writer_t *w, int64_t max)
{
    int                 show, level;
    ccp_out_t          *o;
    const ccp_think_t  *t;

    o = w->o;
    t = &w->r->think;
    level = w->pr->think == CCP_RZ_LEVEL_GEMINI;

    if (!level && w->pr->think != CCP_RZ_BUDGET_GEMINI) {
        if (w->wanted == 1) {
            ccp_request_note(w->r, w->a,
                             "reasoning: not supported by this model");
        }

        return;
    }

    show = t->display == CCP_DISPLAY_SUMMARY
           || t->display == CCP_DISPLAY_FULL
           || (t->display == CCP_DISPLAY_UNSET && w->wanted == 1
               && !w->same && w->r->proto != CCP_RESPONSES);

    /* older models don't know the level: silence turns them off best */

    if (w->wanted < 0) {
        return;
    }

    if (w->wanted == 0 && level && !w->third) {
        ccp_request_note(w->r, w->a, "reasoning: can't be turned off at %s",
                         w->pr->name);
        return;
    }

    ccp_w_key(o, "thinkingConfig");
    ccp_w_obj(o);

    if (show && w->wanted == 1) {
        ccp_w_kbool(o, "includeThoughts", 1);
    }

    if (level) {
        ccp_gemini_write_level(w);

    } else if (w->wanted == 1) {
        ccp_w_kint(o, "thinkingBudget", ccp_gemini_think_budget(w, max));

    } else {
        ccp_w_kint(o, "thinkingBudget", w->pr->think_off == CCP_OFF_NEVER
                                        ? CCP_GEMINI_PRO_LO : 0);
    }

    ccp_w_obj_end(o);
}


static int
ccp_gemini_write_format(ccp_gemini_writer_t *w)
{
    int           rc, empty;
    ccp_str_t     schema;
    ccp_out_t    *o;

    o = w->o;

    if (w->format == CCP_F_JSON) {
        ccp_w_kcstr(o, "responseMimeType", "application/json");
    }

    if (w->format != CCP_F_SCHEMA) {
        return CCP_OK;
    }

    rc = ccp_gemini_fit_schema(w, w->r->out.schema, w->r->out.dialect,
                               CCP_SCHEMA_ANY, &schema, &empty);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_w_kcstr(o, "responseMimeType", "application/json");

    if (!empty) {
        ccp_w_kraw(o, w->pr->schema == CCP_SCHEMA_SUBSET
                      ? "responseSchema" : "responseJsonSchema", schema);
    }

    return CCP_OK;
}


/* A Gemini client's own words about the format, as they came. */

static void
ccp_gemini_write_format_raw(ccp_gemini_writer_t *w, ccp_jval_t config)
{
    size_t      i;
    ccp_jval_t  v;

    static const char *const  names[] = {
        "responseMimeType", "responseSchema", "responseJsonSchema",
        "thinkingConfig"
    };

    for (i = 0; i < ccp_countof(names); i++) {
        v = ccp_gemini_get(config, names[i]);

        if (ccp_json_has(v)) {
            ccp_w_kraw(w->o, names[i], ccp_json_raw(v));
        }
    }

    for (i = 0; i < ccp_countof(ccp_gemini_write_same_config); i++) {
        v = ccp_gemini_get(config, ccp_gemini_write_same_config[i]);

        if (ccp_json_has(v)) {
            ccp_w_kraw(w->o, ccp_gemini_write_same_config[i], ccp_json_raw(v));
        }
    }
}


static int64_t
ccp_gemini_output_limit(const ccp_gemini_writer_t *w)
{
    int64_t  max, cap;

    max = w->r->max_tokens;

    if (max == CCP_UNSET_INT || max <= 0) {
        max = w->pr->max_req;
    }

    cap = w->x->target->max_tokens;

    if (cap > 0 && max > cap) {
        max = cap;
    }

    if (w->pr->max_hi > 0 && max > w->pr->max_hi) {
        max = w->pr->max_hi;
    }

    return max > 0 && max < w->pr->max_lo ? w->pr->max_lo : max;
}


static int
ccp_gemini_write_config(ccp_gemini_writer_t *w)
{
    int             rc;
    int64_t         max;
    ccp_out_t      *o;
    ccp_request_t  *r;

    o = w->o;
    r = w->r;
    max = ccp_gemini_output_limit(w);

    ccp_w_key(o, "generationConfig");
    ccp_w_obj(o);

    if (max > 0) {
        ccp_w_kint(o, "maxOutputTokens", max);
    }

    ccp_gemini_write_sampling(w);
    ccp_w_stop(w->x, w->o, "stopSequences",
               w->pr->stop_max ? w->pr->stop_max : CCP_GEMINI_STOP_MAX, 0);
    ccp_gemini_write_count(w);
    rc = CCP_OK;

    if (ccp_gemini_takes_member(w, "logprobs", r->logprobs == 1)) {
        ccp_w_kbool(o, "responseLogprobs", 1);

        if (r->top_logprobs > 0) {
            ccp_w_kint(o, "logprobs", r->top_logprobs);
        }
    }

    if (w->same) {
        ccp_gemini_write_format_raw(w, ccp_gemini_get(r->root,
                                                      "generationConfig"));

    } else {
        rc = ccp_gemini_write_format(w);
        ccp_gemini_write_thinking(w, max);
    }

    ccp_w_obj_end(o);

    return rc;
}


static void
ccp_gemini_write_tier(ccp_gemini_writer_t *w)
{
    ccp_str_t  tier;

    tier = w->r->tier;

    if (tier.n == 0 || ccp_str_is(tier, "auto")) {
        return;
    }

    if (ccp_str_is(tier, "default") || ccp_str_is(tier, "standard")
        || ccp_str_is(tier, "standard_only"))
    {
        ccp_w_kcstr(w->o, "serviceTier", "standard");

    } else if (ccp_str_is(tier, "flex") || ccp_str_is(tier, "priority")) {
        ccp_w_kstr(w->o, "serviceTier", tier);

    } else {
        ccp_request_note(w->r, w->a,
                         "service_tier: no such tier at this target");
    }
}


static void
ccp_gemini_write_same(ccp_gemini_writer_t *w)
{
    size_t      i;
    ccp_jval_t  v;

    for (i = 0; w->same && i < ccp_countof(ccp_gemini_write_same_members);
         i++)
    {
        v = ccp_gemini_get(w->r->root, ccp_gemini_write_same_members[i]);

        if (ccp_json_has(v)) {
            ccp_w_kraw(w->o, ccp_gemini_write_same_members[i],
                       ccp_json_raw(v));
        }
    }
}


static const ccp_absent_t  ccp_gemini_absent[] = {
    { "min_p", offsetof(ccp_request_t, min_p) },
    { "repetition_penalty", offsetof(ccp_request_t, rep_pen) },
    { "verbosity", offsetof(ccp_request_t, out.verbosity) },
    { "user", offsetof(ccp_request_t, user) },
    { "metadata", offsetof(ccp_request_t, meta) },
    { "prompt_cache_key", offsetof(ccp_request_t, cache_key) },
    { NULL, 0 }
};


static int
ccp_gemini_write_body(ccp_gemini_writer_t *w)
{
    int  rc;

    ccp_gemini_write_system(w);
    rc = ccp_gemini_write_contents(w);

    if (rc == CCP_OK) {
        rc = ccp_gemini_write_tools(w);
    }

    if (rc == CCP_OK) {
        rc = ccp_gemini_write_config(w);
    }

    if (rc == CCP_OK && w->r->op == CCP_OP_GENERATE) {
        ccp_gemini_write_tier(w);
        ccp_gemini_write_same(w);
    }

    return rc;
}


int
ccp_gemini_write_request(ccp_write_ctx_t *x, ccp_out_t *out)
{
    int                  rc;
    ccp_str_t            model;
    ccp_gemini_writer_t  w;

    memset(&w, 0, sizeof(w));
    w.x = x;
    w.r = x->req;
    w.pr = x->target->provider;
    w.a = x->arena;
    w.o = out;
    w.same = (x->req->proto == CCP_GEMINI);

    model = ccp_str_plain(x->arena, x->model);
    if (x->model.p && model.p == NULL) {
        return CCP_NOMEM;
    }

    w.family = ccp_model_hash(model);
    w.third = ccp_gemini_is_third(model);
    w.wanted = ccp_think_wanted(&w.r->think);

    rc = ccp_gemini_survey_tools(&w);
    if (rc != CCP_OK) {
        return rc;
    }

    ccp_gemini_survey_format(&w);
    ccp_request_note_absent(w.r, w.a, ccp_gemini_absent,
                            "not supported by ", "gemini");

    ccp_w_obj(out);

    if (w.r->op == CCP_OP_COUNT) {
        ccp_w_key(out, "generateContentRequest");
        ccp_w_obj(out);
        ccp_w_key(out, "model");
        ccp_w_str_open(out);
        ccp_w_str_part(out, ccp_lit("models/"));
        ccp_w_str_part(out, model);
        ccp_w_str_close(out);
    }

    rc = ccp_gemini_write_body(&w);
    if (rc != CCP_OK) {
        return rc;
    }

    if (w.r->op == CCP_OP_COUNT) {
        ccp_w_obj_end(out);
    }

    ccp_w_obj_end(out);

    return out->err ? CCP_NOMEM : CCP_OK;
}
