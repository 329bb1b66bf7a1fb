
/*
 * Chat Completions answer in: chunks of a stream and whole answers.  A
 * whole answer's message is read like one big delta.
 */

#include "codec/chat/chat_answer.h"
#include "codec/chat/chat.h"
#include "codec/proto/proto_words.h"


#define CCP_CHAT_DEC_CHOICES  128  /* of n in the protocol's document */


static int  ccp_chat_dec_part(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t v);


int
ccp_chat_dec_init(void *dec, ccp_answer_ctx_t *ac)
{
    ccp_chat_dec_t  *d = dec;

    d->ac = ac;
    ccp_say_init(&d->say, ac, CCP_CHAT);

    return CCP_OK;
}


static int
ccp_chat_dec_start(ccp_chat_dec_t *d, ccp_jval_t root)
{
    ccp_str_t  id;

    if (d->say.started) {
        return CCP_OK;
    }

    id = ccp_json_gets(root, "id");

    /* Azure leads with an empty chunk that only tells of its filter */

    if (id.n == 0 && ccp_json_count(ccp_json_get(root, "choices")) == 0) {
        return CCP_OK;
    }

    return ccp_say_start(&d->say, id, ccp_json_gets(root, "model"),
                         ccp_json_int(ccp_json_opt(root, "created"), 0),
                         NULL);
}


/* NULL without memory, or if nobody wants that choice (*skip). */

static ccp_chat_dec_choice_t *
ccp_chat_dec_find_choice(ccp_chat_dec_t *d, int64_t index, int *skip)
{
    ccp_chat_dec_choice_t  *c, **tail;

    *skip = index < 0 || index >= CCP_CHAT_DEC_CHOICES
            || (index > 0 && d->ac->req->n <= 1);
    if (*skip) {
        return NULL;
    }

    for (tail = &d->choices; *tail; tail = &(*tail)->next) {
        if ((*tail)->text.choice == index) {
            return *tail;
        }
    }

    c = ccp_calloc(d->ac->arena, sizeof(ccp_chat_dec_choice_t));

    if (c != NULL) {
        c->text.choice = (int) index;
        ccp_index_init(&c->by_key, d->ac->arena);
        ccp_index_init(&c->by_id, d->ac->arena);
        *tail = c;
    }

    return c;
}


/* Another block begins: what is complete is over. */

static int
ccp_chat_dec_leave(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c)
{
    int  rc;

    rc = ccp_say_stop(&d->say, &c->text, 0);
    c->signed_ = 0;

    return rc == CCP_OK ? ccp_chat_dec_stop_calls(d, c, 0, 0) : rc;
}


static int
ccp_chat_dec_text(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_block_e kind, ccp_str_t text)
{
    if (text.n && !(c->text.open && c->text.kind == kind)
        && ccp_chat_dec_leave(d, c) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    return ccp_say_text(&d->say, &c->text, kind, text);
}


/* Proof of the reasoning so far; a block has one. */

static int
ccp_chat_dec_sign(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, ccp_str_t sig)
{
    int          rc;
    ccp_block_t  b;

    rc = CCP_OK;

    if (!c->text.open || c->text.kind != CCP_B_THINK || c->signed_) {
        memset(&b, 0, sizeof(ccp_block_t));
        b.kind = CCP_B_THINK;

        rc = ccp_chat_dec_leave(d, c);

        if (rc == CCP_OK) {
            rc = ccp_say_block(&d->say, &c->text, &b);
        }
    }

    c->signed_ = 1;

    return rc == CCP_OK ? ccp_say_sig(&d->say, &c->text, CCP_CHAT, sig) : rc;
}


/*
 * reasoning_details: OpenRouter's list.  Its text repeats what reasoning
 * says, if that is there; its proofs are nowhere else.
 */

static int
ccp_chat_dec_details(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t list, int texts)
{
    int          rc;
    ccp_str_t    text, sig;
    ccp_jiter_t  it;

    for (it = ccp_json_iter(list); ccp_json_next(&it); ) {
        text = ccp_json_gets(it.val, "text");
        text = text.n ? text : ccp_json_gets(it.val, "summary");

        rc = texts ? ccp_chat_dec_text(d, c, CCP_B_THINK, text) : CCP_OK;
        if (rc != CCP_OK) {
            return rc;
        }

        sig = ccp_json_gets(it.val, "signature");
        sig = sig.n ? sig : ccp_json_gets(it.val, "data");

        rc = sig.n ? ccp_chat_dec_sign(d, c, sig) : CCP_OK;
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


static int
ccp_chat_dec_reasoning(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t delta)
{
    int         rc;
    size_t      i;
    ccp_str_t   text;
    ccp_jval_t  details;

    static const char *const names[] = {
        "reasoning_content", "reasoning", "reasoning_text"
    };

    text = ccp_none;

    for (i = 0; i < ccp_countof(names) && text.n == 0; i++) {
        text = ccp_json_gets(delta, names[i]);
    }

    rc = ccp_chat_dec_text(d, c, CCP_B_THINK, text);
    details = ccp_json_get(delta, "reasoning_details");

    if (rc == CCP_OK && ccp_json_type(details) == CCP_J_ARRAY) {
        rc = ccp_chat_dec_details(d, c, details, text.n == 0);
    }

    return rc;
}


/* content: a string, one part, or a list of both (Mistral). */

static int
ccp_chat_dec_content(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, ccp_jval_t v)
{
    int          rc;
    ccp_jiter_t  it;

    if (ccp_json_type(v) != CCP_J_ARRAY) {
        return ccp_chat_dec_part(d, c, v);
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        rc = ccp_chat_dec_part(d, c, it.val);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


static int
ccp_chat_dec_part(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, ccp_jval_t v)
{
    int          rc;
    ccp_jiter_t  it;

    if (ccp_json_type(v) != CCP_J_OBJECT) {
        return ccp_chat_dec_text(d, c, CCP_B_TEXT, ccp_json_str(v));
    }

    if (!ccp_json_is(ccp_json_get(v, "type"), "thinking")) {
        return ccp_chat_dec_text(d, c, CCP_B_TEXT,
                                 ccp_json_gets(v, "text"));
    }

    v = ccp_json_get(v, "thinking");

    if (ccp_json_type(v) == CCP_J_STRING) {
        return ccp_chat_dec_text(d, c, CCP_B_THINK, ccp_json_str(v));
    }

    for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
        rc = ccp_chat_dec_text(d, c, CCP_B_THINK,
                               ccp_json_gets(it.val, "text"));
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


static int
ccp_chat_dec_cites(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t list)
{
    int          rc;
    ccp_jiter_t  it;

    if (ccp_json_type(list) != CCP_J_ARRAY || c->text.kind != CCP_B_TEXT) {
        return CCP_OK;
    }

    for (it = ccp_json_iter(list); ccp_json_next(&it); ) {
        rc = ccp_say_cite(&d->say, &c->text, ccp_json_raw(it.val));
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


/* Perplexity repeats its lists in each chunk; one of them has the titles. */

static int
ccp_chat_dec_sources(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t root)
{
    ccp_jval_t  list;

    list = ccp_json_get(root, "search_results");

    if (ccp_json_count(list) == 0) {
        list = ccp_json_get(root, "citations");
    }

    c->cited = ccp_json_count(list) > 0;

    return ccp_chat_dec_cites(d, c, list);
}


static int
ccp_chat_dec_delta(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t delta, ccp_jval_t logprobs)
{
    int        rc;
    ccp_str_t  refusal;

    if (ccp_json_type(delta) == CCP_J_STRING) {
        return ccp_chat_dec_text(d, c, CCP_B_TEXT, ccp_json_str(delta));
    }

    if (ccp_json_type(delta) == CCP_J_ARRAY) {
        return ccp_chat_dec_content(d, c, delta);
    }

    rc = ccp_chat_dec_reasoning(d, c, delta);

    if (rc == CCP_OK) {
        rc = ccp_chat_dec_content(d, c, ccp_json_get(delta, "content"));
    }

    if (rc == CCP_OK) {
        rc = ccp_chat_dec_cites(d, c, ccp_json_get(delta, "annotations"));
    }

    refusal = ccp_json_gets(delta, "refusal");

    if (rc == CCP_OK && refusal.n) {
        c->refusal = 1;
        rc = ccp_chat_dec_text(d, c, CCP_B_REFUSAL, refusal);
    }

    if (rc == CCP_OK && ccp_json_has(logprobs)) {
        rc = ccp_say_logprobs(&d->say, &c->text, ccp_json_raw(logprobs));
    }

    return rc == CCP_OK ? ccp_chat_dec_calls(d, c, delta) : rc;
}


/* vLLM tells in stop_reason which sequence stopped it. */

static ccp_str_t
ccp_chat_dec_stop_text(ccp_chat_dec_t *d, ccp_jval_t choice)
{
    ccp_str_t          s;
    const ccp_item_t  *stop;

    s = ccp_json_gets(choice, "stop_reason");

    for (stop = d->ac->req->stop; stop && s.n; stop = stop->next) {
        if (ccp_str_eq(stop->s, s)) {
            return s;
        }
    }

    return ccp_none;
}


static int
ccp_chat_dec_close_all(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, int cut)
{
    int  rc;

    rc = ccp_chat_dec_start_calls(d, c);

    if (rc == CCP_OK) {
        rc = ccp_say_stop(&d->say, &c->text, cut);
    }

    return rc == CCP_OK ? ccp_chat_dec_stop_calls(d, c, 1, cut) : rc;
}


static int
ccp_chat_dec_finish(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t choice, ccp_str_t reason)
{
    int        rc, stop;
    ccp_str_t  text;

    text = ccp_none;
    stop = ccp_word_find(ccp_chat_dec_stop_words, reason, CCP_STOP_END);

    if (stop == CCP_STOP_END) {
        text = ccp_chat_dec_stop_text(d, choice);
        stop = text.n ? CCP_STOP_SEQ : stop;
    }

    if (c->refusal && (stop == CCP_STOP_END || stop == CCP_STOP_FILTER)) {
        stop = CCP_STOP_REFUSAL;
    }

    rc = c->finished
         ? CCP_OK
         : ccp_chat_dec_close_all(d, c, stop == CCP_STOP_LENGTH
                                        || stop == CCP_STOP_CONTEXT);
    c->finished = 1;

    return rc == CCP_OK ? ccp_say_finish(&d->say, c->text.choice, stop, text,
                                         ccp_none)
                        : rc;
}


/*
 * A chunk brings a delta, a whole answer a message.  Perplexity has both in
 * both: the message of a chunk repeats all deltas, and the delta of a whole
 * answer is empty.
 */

static ccp_jval_t
ccp_chat_dec_content_of(const ccp_chat_dec_t *d, ccp_jval_t choice)
{
    ccp_jval_t  v;

    v = ccp_json_opt(choice, d->whole ? "message" : "delta");
    v = ccp_json_has(v) ? v : ccp_json_opt(choice,
                                           d->whole ? "delta" : "message");

    return ccp_json_has(v) ? v : ccp_json_opt(choice, "text");
}


static int
ccp_chat_dec_choice_object(ccp_chat_dec_t *d, ccp_jval_t root, ccp_jval_t v,
    int *failed)
{
    int                     rc, skip;
    ccp_str_t               reason;
    ccp_chat_dec_choice_t  *c;

    c = ccp_chat_dec_find_choice(d, ccp_json_int(ccp_json_opt(v, "index"), 0),
                                 &skip);
    if (c == NULL) {
        return skip ? CCP_OK : CCP_NOMEM;
    }

    rc = CCP_OK;
    c->role |= ccp_json_has(ccp_json_opt(ccp_json_opt(v, "delta"), "role"));

    if (!c->finished) {
        rc = ccp_chat_dec_delta(d, c, ccp_chat_dec_content_of(d, v),
                                ccp_json_get(v, "logprobs"));

        if (rc == CCP_OK && !c->cited && c->text.open
            && c->text.kind == CCP_B_TEXT)
        {
            rc = ccp_chat_dec_sources(d, c, root);
        }
    }

    reason = ccp_json_gets(v, "finish_reason");

    if (rc != CCP_OK || reason.n == 0) {
        return rc;
    }

    if (ccp_word_find(ccp_chat_dec_stop_words, reason, 0) < 0) {
        *failed = ccp_word_find(ccp_chat_dec_stop_words, reason, 0);
        return CCP_OK;
    }

    return ccp_chat_dec_finish(d, c, v, reason);
}


static int
ccp_chat_dec_usage(ccp_chat_dec_t *d, ccp_jval_t u, ccp_jval_t root)
{
    ccp_usage_t  usage;

    if (ccp_json_type(u) != CCP_J_OBJECT) {
        return CCP_OK;
    }

    ccp_chat_dec_token_counts(&usage, u, d->ac->target->provider->r_out);
    usage.tier = ccp_json_gets(root, "service_tier");

    return ccp_say_usage(&d->say, &usage);
}


static int
ccp_chat_dec_choices(ccp_chat_dec_t *d, ccp_jval_t root, int *failed)
{
    int          rc;
    ccp_jval_t   usage;
    ccp_jiter_t  it;

    usage = ccp_json_opt(root, "usage");

    if (!ccp_json_has(usage)) {
        usage = ccp_json_opt(ccp_json_get(root, "x_groq"), "usage");
    }

    for (it = ccp_json_iter(ccp_json_get(root, "choices"));
         ccp_json_next(&it); )
    {
        if (ccp_json_type(it.val) != CCP_J_OBJECT) {
            continue;
        }

        rc = ccp_chat_dec_choice_object(d, root, it.val, failed);
        if (rc != CCP_OK) {
            return rc;
        }

        if (!ccp_json_has(usage)) {
            usage = ccp_json_opt(it.val, "usage");
        }
    }

    return ccp_chat_dec_usage(d, usage, root);
}


/* Some servers fill absent members with empty values. */

static int
ccp_chat_dec_filled(ccp_jval_t v)
{
    switch (ccp_json_type(v)) {

    case CCP_J_STRING:
        return ccp_json_str(v).n != 0;

    case CCP_J_OBJECT:
        return ccp_json_count(v) != 0;

    default:
        return ccp_json_type(v) == CCP_J_TRUE;
    }
}


/* Finds an error in a document; *v is what describes it. */

static int
ccp_chat_dec_find_error(ccp_jval_t root, ccp_jval_t *v)
{
    *v = ccp_json_get(root, "error");

    if (ccp_chat_dec_filled(*v)) {
        return 1;
    }

    *v = root;

    if (ccp_json_is(ccp_json_get(root, "object"), "error")) {
        return 1;
    }

    /* MiniMax says 200 and puts the failure here */

    *v = ccp_json_get(root, "base_resp");

    if (ccp_json_int(ccp_json_get(*v, "status_code"), 0) != 0) {
        *v = ccp_json_get(*v, "status_msg");
        return 1;
    }

    *v = ccp_json_get(root, "detail");

    return ccp_json_has(*v)
           && !ccp_json_has(ccp_json_get(root, "choices"));
}


static int
ccp_chat_dec_error(ccp_chat_dec_t *d, ccp_jval_t v, ccp_jval_t root)
{
    int64_t  status;

    status = ccp_json_int(ccp_json_opt(root, "status_code"), 0);

    if (status < 400 || status > 599) {
        status = ccp_json_int(ccp_json_opt(v, "code"), 0);
    }

    return ccp_say_refusal(&d->say, status, v, CCP_E_NONE);
}


static const ccp_chat_dec_choice_t *
ccp_chat_dec_known_choice(const ccp_chat_dec_t *d, int64_t index)
{
    const ccp_chat_dec_choice_t  *c;

    for (c = d->choices; c && c->text.choice != index; c = c->next) {
        /* void */
    }

    return c;
}


/* Whether a chunk holds nothing but roles that were told: SDKs in Python put
 * them together, as they do texts. */

static int
ccp_chat_dec_is_again(const ccp_chat_dec_t *d, ccp_jval_t root)
{
    int                           n;
    ccp_jval_t                    delta;
    ccp_jiter_t                   it, m;
    const ccp_chat_dec_choice_t  *c;

    n = 0;

    for (it = ccp_json_iter(ccp_json_get(root, "choices"));
         ccp_json_next(&it); n++)
    {
        delta = ccp_json_opt(it.val, "delta");

        if (!ccp_json_has(ccp_json_opt(delta, "role"))
            || ccp_json_has(ccp_json_opt(it.val, "finish_reason"))
            || ccp_json_has(ccp_json_opt(it.val, "logprobs")))
        {
            return 0;
        }

        c = ccp_chat_dec_known_choice(d, ccp_json_int(ccp_json_opt(it.val,
                                                                   "index"),
                                                      0));
        if (c == NULL || !c->role) {
            return 0;
        }

        for (m = ccp_json_iter(delta); ccp_json_next(&m); ) {
            if (!ccp_str_is(m.key, "role") && ccp_json_has(m.val)
                && !ccp_str_is(ccp_json_raw(m.val), "\"\"")
                && !ccp_str_is(ccp_json_raw(m.val), "[]"))
            {
                return 0;
            }
        }
    }

    return n > 0 && !ccp_json_has(ccp_json_opt(root, "usage"));
}


/* A chunk or a whole answer: content first, then what ends it. */

static int
ccp_chat_dec_document(ccp_chat_dec_t *d, ccp_jval_t root, int is_error)
{
    int         rc, failed;
    ccp_jval_t  err;

    failed = 0;
    is_error |= ccp_chat_dec_find_error(root, &err);

    if (!is_error || ccp_json_count(ccp_json_get(root, "choices")) > 0) {
        rc = ccp_chat_dec_start(d, root);

        if (rc == CCP_OK) {
            rc = ccp_chat_dec_choices(d, root, &failed);
        }

        if (rc != CCP_OK) {
            return rc;
        }
    }

    if (is_error) {
        return ccp_chat_dec_error(d, ccp_json_has(err) ? err : root, root);
    }

    if (failed == CCP_CHAT_STOP_BUSY) {
        return ccp_say_fail(&d->say, CCP_E_OVERLOADED,
                            "the upstream ran out of resources");
    }

    if (failed) {
        return ccp_say_fail(&d->say, CCP_E_SERVER,
                            "the upstream broke off with an error");
    }

    return CCP_OK;
}


static int
ccp_chat_dec_done(ccp_chat_dec_t *d)
{
    int                     rc;
    ccp_chat_dec_choice_t  *c;

    for (c = d->choices; c; c = c->next) {
        rc = ccp_chat_dec_close_all(d, c, 0);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return ccp_say_end(&d->say);
}


int
ccp_chat_dec_event(void *dec, ccp_str_t event, ccp_str_t data, ccp_jval_t v)
{
    ccp_chat_dec_t  *d = dec;

    if (d->say.over || (ccp_str_blank(data) && !ccp_json_has(v))) {
        return CCP_OK;
    }

    if (ccp_json_type(v) == CCP_J_OBJECT) {
        d->ac->again = ccp_chat_dec_is_again(d, v);
        return ccp_chat_dec_document(d, v, ccp_str_is(event, "error"));
    }

    if (ccp_str_starts(data, "[DONE]")) {
        return ccp_chat_dec_done(d);
    }

    if (ccp_str_is(event, "error") && ccp_json_has(v)) {
        return ccp_chat_dec_error(d, v, v);
    }

    return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                        "the upstream sent an unreadable chunk");
}


int
ccp_chat_dec_whole(void *dec, ccp_jval_t root)
{
    int              rc;
    ccp_jval_t       err;
    ccp_chat_dec_t  *d = dec;

    if (ccp_json_type(root) != CCP_J_OBJECT
        || (ccp_json_count(ccp_json_get(root, "choices")) == 0
            && !ccp_chat_dec_find_error(root, &err)))
    {
        return ccp_say_fail(&d->say, CCP_E_MALFORMED,
                            "the upstream's answer has no choices");
    }

    d->whole = 1;
    rc = ccp_chat_dec_document(d, root, 0);

    return rc == CCP_OK && !d->say.over ? ccp_chat_dec_done(d) : rc;
}


int
ccp_chat_dec_eof(void *dec)
{
    int                     rc;
    ccp_chat_dec_t         *d = dec;
    ccp_chat_dec_choice_t  *c;

    for (c = d->choices; c && !d->say.over; c = c->next) {
        rc = ccp_chat_dec_start_calls(d, c);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}
