
/*
 * Gemini answer in: chunks of a stream and whole answers, which have the
 * same form.
 *
 * A chunk's parts are deltas.  A finishReason ends nothing: more content may
 * follow it, so it counts at the end of the stream.
 */

#include "codec/gemini/gemini_answer.h"
#include "codec/gemini/gemini.h"


int
ccp_gemini_dec_init(void *dec, ccp_answer_ctx_t *ac)
{
    ccp_gemini_dec_t  *d = dec;

    d->ac = ac;
    ccp_say_init(&d->say, ac, CCP_GEMINI);

    return CCP_OK;
}


/* Counts that are absent beside others are zero: proto JSON omits those. */

static void
ccp_gemini_dec_usage(ccp_usage_t *u, ccp_jval_t v)
{
    int64_t  prompt, cached, answer, thoughts;

    *u = ccp_usage_none;

    prompt = ccp_usage_value(ccp_gemini_get(v, "promptTokenCount"));
    cached = ccp_usage_value(ccp_gemini_get(v, "cachedContentTokenCount"));
    answer = ccp_usage_value(ccp_gemini_get(v, "candidatesTokenCount"));
    thoughts = ccp_usage_value(ccp_gemini_get(v, "thoughtsTokenCount"));

    if (prompt >= 0) {
        u->in_read = cached > 0 ? cached : 0;
        ccp_usage_split(u, prompt);
    }

    u->in_tool = ccp_usage_value(ccp_gemini_get(v,
                                                "toolUsePromptTokenCount"));

    if (answer >= 0 || thoughts >= 0) {
        u->out_total = (answer > 0 ? answer : 0)
                       + (thoughts > 0 ? thoughts : 0);
        u->out_reason = thoughts;
    }

    u->tier = ccp_gemini_gets(v, "serviceTier");
}


static int
ccp_gemini_dec_has_parts(ccp_jval_t root)
{
    ccp_jval_t         v;
    ccp_gemini_iter_t  it;

    for (it = ccp_gemini_list_iter(ccp_gemini_get(root, "candidates"));
         ccp_gemini_list_next(&it); )
    {
        v = ccp_gemini_get(it.val, "content");

        if (ccp_json_count(ccp_gemini_get(v, "parts"))) {
            return 1;
        }
    }

    return 0;
}


/*
 * START with the first chunk that has content: an answer that fails before
 * it can still become a status.  Usage comes with every chunk.
 */

static int
ccp_gemini_dec_head(ccp_gemini_dec_t *d, ccp_jval_t root)
{
    ccp_jval_t          v;
    ccp_usage_t         u;
    const ccp_usage_t  *usage;

    v = ccp_gemini_get(root, "usageMetadata");
    usage = NULL;

    if (ccp_json_has(v)) {
        ccp_gemini_dec_usage(&u, v);
        usage = &u;
    }

    if (!d->say.started && ccp_gemini_dec_has_parts(root)) {
        return ccp_say_start(&d->say, ccp_gemini_gets(root, "responseId"),
                             ccp_gemini_gets(root, "modelVersion"), 0, usage);
    }

    return usage ? ccp_say_usage(&d->say, usage) : CCP_OK;
}


/* NULL without memory, or if nobody wants that candidate (*skip). */

static ccp_gemini_dec_choice_t *
ccp_gemini_dec_find_choice(ccp_gemini_dec_t *d, ccp_jval_t v, int *skip)
{
    int64_t                   index;
    ccp_gemini_dec_choice_t  *c, **tail;

    index = ccp_json_int(ccp_gemini_get(v, "index"), 0);

    *skip = index < 0 || (index > 0 && index >= d->ac->req->n);
    if (*skip) {
        return NULL;
    }

    for (tail = &d->choices; *tail; tail = &(*tail)->next) {
        if ((*tail)->block.choice == index) {
            return *tail;
        }
    }

    c = ccp_calloc(d->ac->arena, sizeof(ccp_gemini_dec_choice_t));

    if (c) {
        c->block.choice = (int) index;
        *tail = c;
    }

    return c;
}


/* Sources and probabilities of what was said last. */

static int
ccp_gemini_dec_extras(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_jval_t cand)
{
    int                 rc;
    ccp_jval_t          v, list;
    ccp_gemini_iter_t   it;

    if (!c->block.open || c->block.kind == CCP_B_CALL) {
        return CCP_OK;
    }

    rc = CCP_OK;
    v = ccp_gemini_get(cand, "groundingMetadata");

    if (ccp_json_count(v)) {
        rc = ccp_say_cite(&d->say, &c->block, ccp_json_raw(v));
    }

    v = ccp_gemini_get(cand, "citationMetadata");
    list = ccp_gemini_get(v, "citationSources");
    list = ccp_json_has(list) ? list : ccp_gemini_get(v, "citations");

    for (it = ccp_gemini_list_iter(list);
         rc == CCP_OK && ccp_gemini_list_next(&it); )
    {
        rc = ccp_say_cite(&d->say, &c->block, ccp_json_raw(it.val));
    }

    v = ccp_gemini_get(cand, "logprobsResult");

    return rc == CCP_OK && ccp_json_has(v)
           ? ccp_say_logprobs(&d->say, &c->block, ccp_json_raw(v)) : rc;
}


/* The reason that tells most of those that came. */

static int
ccp_gemini_dec_reason(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c,
    ccp_jval_t cand)
{
    ccp_str_t                   text;
    ccp_jval_t                  v;
    const ccp_gemini_reason_t  *row;

    v = ccp_gemini_get(cand, "finishReason");

    if (!ccp_json_has(v) || (ccp_json_type(v) == CCP_J_STRING
                             && ccp_json_str(v).n == 0))
    {
        return CCP_OK;
    }

    row = ccp_gemini_dec_reason_row(v);

    if (c->reason && (c->reason->end == CCP_GEMINI_FAIL
                      || (row->end != CCP_GEMINI_FAIL
                          && c->reason->stop > row->stop)))
    {
        return CCP_OK;
    }

    c->reason = row;
    c->word = ccp_cstr(row->word);
    c->message = ccp_none;

    if (row->end == CCP_GEMINI_OPEN && ccp_json_str(v).n) {
        c->word = ccp_str_dup(d->ac->arena, ccp_json_str(v));
    }

    text = ccp_gemini_gets(cand, "finishMessage");

    if (text.n) {
        c->message = ccp_str_dup(d->ac->arena, text);
    }

    return c->word.p == NULL || (text.n && c->message.p == NULL)
           ? CCP_NOMEM : CCP_OK;
}


static int
ccp_gemini_dec_candidate(ccp_gemini_dec_t *d, ccp_jval_t cand)
{
    int                       rc, skip;
    ccp_jval_t                content;
    ccp_gemini_iter_t         it;
    ccp_gemini_dec_choice_t  *c;

    if (ccp_json_type(cand) != CCP_J_OBJECT) {
        return CCP_OK;
    }

    c = ccp_gemini_dec_find_choice(d, cand, &skip);
    if (c == NULL) {
        return skip ? CCP_OK : CCP_NOMEM;
    }

    rc = CCP_OK;
    content = ccp_gemini_get(cand, "content");

    for (it = ccp_gemini_list_iter(ccp_gemini_get(content, "parts"));
         rc == CCP_OK && ccp_gemini_list_next(&it); )
    {
        if (ccp_json_type(it.val) == CCP_J_OBJECT) {
            rc = ccp_gemini_dec_part(d, c, it.val);
        }
    }

    if (rc == CCP_OK) {
        rc = ccp_gemini_dec_extras(d, c, cand);
    }

    return rc == CCP_OK ? ccp_gemini_dec_reason(d, c, cand) : rc;
}


static int
ccp_gemini_dec_feedback(ccp_gemini_dec_t *d, ccp_jval_t root)
{
    ccp_str_t   reason, message;
    ccp_jval_t  v;

    v = ccp_gemini_get(root, "promptFeedback");
    reason = ccp_gemini_gets(v, "blockReason");

    if (!ccp_json_has(ccp_gemini_get(v, "blockReason"))) {
        return CCP_OK;
    }

    if (reason.n == 0) {
        reason = ccp_lit("SAFETY");
    }

    message = ccp_gemini_gets(v, "blockReasonMessage");
    d->blocked = ccp_str_dup(d->ac->arena, reason);

    if (message.n) {
        d->why = ccp_str_dup(d->ac->arena, message);
    }

    return d->blocked.p == NULL || (message.n && d->why.p == NULL)
           ? CCP_NOMEM : CCP_OK;
}


static int
ccp_gemini_dec_chunk(ccp_gemini_dec_t *d, ccp_jval_t root)
{
    int                 rc;
    ccp_jval_t          v;
    ccp_gemini_iter_t   it;

    if (d->say.over) {
        return CCP_OK;
    }

    if (ccp_json_type(root) != CCP_J_OBJECT) {
        return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                            "the upstream sent an event that is no JSON "
                            "object");
    }

    v = ccp_json_opt(root, "error");

    if (ccp_json_has(v)) {
        return ccp_say_refusal(&d->say,
                               ccp_json_int(ccp_json_opt(v, "code"), 0), v,
                               CCP_E_NONE);
    }

    rc = ccp_gemini_dec_head(d, root);

    for (it = ccp_gemini_list_iter(ccp_gemini_get(root, "candidates"));
         rc == CCP_OK && ccp_gemini_list_next(&it); )
    {
        rc = ccp_gemini_dec_candidate(d, it.val);
    }

    return rc == CCP_OK ? ccp_gemini_dec_feedback(d, root) : rc;
}


int
ccp_gemini_dec_event(void *dec, ccp_str_t event, ccp_str_t data,
    ccp_jval_t v)
{
    ccp_gemini_dec_t  *d = dec;

    (void) event;

    if (ccp_json_type(v) == CCP_J_ABSENT
        && (ccp_str_blank(data) || ccp_str_is(data, "[DONE]")))
    {
        return CCP_OK;
    }

    return ccp_gemini_dec_chunk(d, v);
}


/* The model failed, in words: nothing in the answer can be trusted. */

static int
ccp_gemini_dec_failed(ccp_gemini_dec_t *d, const ccp_gemini_dec_choice_t *c)
{
    ccp_error_t  err;

    memset(&err, 0, sizeof(ccp_error_t));

    if (ccp_refuse(&err, d->ac->arena, CCP_E_SERVER,
                   "the model's answer failed: %.*s",
                   (int) c->word.n, (const char *) c->word.p)
        == CCP_NOMEM)
    {
        return CCP_NOMEM;
    }

    if (c->message.n) {
        err.message = c->message;
    }

    return ccp_say_error(&d->say, &err);
}


static int
ccp_gemini_dec_finish(ccp_gemini_dec_t *d, ccp_gemini_dec_choice_t *c)
{
    int         rc, cut;
    ccp_stop_e  stop;

    if (c->reason == NULL && !(d->whole && c->content)) {
        /* cut off: the flow stage says so */
        return ccp_gemini_dec_end_call(d, c, 1);
    }

    if (c->reason
        && (c->reason->end == CCP_GEMINI_FAIL
            || (c->reason->end == CCP_GEMINI_OPEN && !c->content)))
    {
        return ccp_gemini_dec_failed(d, c);
    }

    stop = c->reason ? c->reason->stop : CCP_STOP_END;
    cut = stop == CCP_STOP_LENGTH;
    rc = ccp_gemini_dec_end_call(d, c, cut);

    if (rc == CCP_OK) {
        rc = ccp_say_stop(&d->say, &c->block, cut);
    }

    if (rc != CCP_OK) {
        return rc;
    }

    return stop == CCP_STOP_FILTER
           ? ccp_say_finish(&d->say, c->block.choice, stop, c->message,
                            c->word)
           : ccp_say_finish(&d->say, c->block.choice, stop, ccp_none,
                            ccp_none);
}


int
ccp_gemini_dec_eof(void *dec)
{
    int                       rc;
    ccp_gemini_dec_t         *d = dec;
    ccp_gemini_dec_choice_t  *c;

    if (d->say.over) {
        return CCP_OK;
    }

    rc = CCP_OK;
    c = d->choices;

    if (d->blocked.p && (c == NULL || (c->reason == NULL && !c->content))) {
        d->say.over = 1;
        return ccp_say_finish(&d->say, 0, CCP_STOP_FILTER,
                              d->why.n ? d->why
                                       : ccp_lit("the prompt was blocked"),
                              d->blocked);
    }

    for ( ; c && rc == CCP_OK && !d->say.over; c = c->next) {
        rc = ccp_gemini_dec_finish(d, c);
    }

    d->say.over = 1;

    return rc;
}


int
ccp_gemini_dec_whole(void *dec, ccp_jval_t root)
{
    int                rc;
    ccp_jiter_t        it;
    ccp_gemini_dec_t  *d = dec;

    if (ccp_json_type(root) == CCP_J_ARRAY) {
        rc = CCP_OK;

        for (it = ccp_json_iter(root); rc == CCP_OK && ccp_json_next(&it); ) {
            rc = ccp_gemini_dec_chunk(d, it.val);
        }

    } else {
        d->whole = 1;
        rc = ccp_gemini_dec_chunk(d, root);
    }

    if (rc == CCP_OK && !d->say.over && d->choices == NULL
        && d->blocked.p == NULL)
    {
        return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                            "the upstream's answer has no candidates");
    }

    return rc == CCP_OK ? ccp_gemini_dec_eof(d) : rc;
}
