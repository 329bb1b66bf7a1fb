
/*
 * Chat Completions answer in: tool calls, whose fragments come in many
 * forms: interleaved, without index or id, with the name or id late or
 * repeated, with arguments as text or as an object.
 */

#include "codec/chat/chat_answer.h"


/* One byte of the arguments' own JSON, after unescaping. */

static void
ccp_chat_dec_args_byte(ccp_chat_dec_call_t *call, uint8_t ch)
{
    if (call->string) {
        if (call->escape) {
            call->escape = 0;

        } else if (ch == '\\') {
            call->escape = 1;

        } else if (ch == '"') {
            call->string = 0;
        }

        return;
    }

    switch (ch) {

    case '"':
        call->string = 1;
        break;

    case '{':
    case '[':
        call->depth++;
        break;

    case '}':
    case ']':
        if (call->depth > 0 && --call->depth == 0) {
            call->whole = 1;
        }

        break;

    default:
        break;
    }
}


static uint8_t
ccp_chat_dec_unescape(const uint8_t *p, size_t left, size_t *used)
{
    int      i;
    uint8_t  ch, v;

    *used = 2;

    if (left < 2) {
        return ' ';
    }

    if (p[1] == '"' || p[1] == '\\' || p[1] == '/') {
        return p[1];
    }

    if (p[1] != 'u' || left < 6) {
        return ' ';
    }

    *used = 6;

    if (p[2] != '0' || p[3] != '0') {
        return 'x';
    }

    for (v = 0, i = 4; i < 6; i++) {
        ch = p[i] | 0x20;
        v = v * 16 + (ch <= '9' ? (p[i] & 0x0f) : ch - 'a' + 10);
    }

    return v;
}


/* Follows the arguments to know whether they are complete. */

static void
ccp_chat_dec_args_follow(ccp_chat_dec_call_t *call, ccp_str_t s)
{
    size_t   i, used;
    uint8_t  ch;

    for (i = 0; i < s.n; i += used) {
        ch = s.p[i];
        used = 1;

        if (s.json && ch == '\\') {
            ch = ccp_chat_dec_unescape(s.p + i, s.n - i, &used);
        }

        ccp_chat_dec_args_byte(call, ch);
    }
}


static int
ccp_chat_dec_start_call(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_chat_dec_call_t *call)
{
    int          rc;
    ccp_block_t  b;

    rc = ccp_say_stop(&d->say, &c->text, 0);
    if (rc != CCP_OK) {
        return rc;
    }

    memset(&b, 0, sizeof(ccp_block_t));
    b.kind = CCP_B_CALL;
    b.id = call->id;
    b.name = call->name;
    b.free_text = call->free_text;
    b.legacy = call->legacy;

    call->started = 1;
    rc = ccp_say_block(&d->say, &call->block, &b);

    if (rc == CCP_OK && call->held.n) {
        rc = ccp_say_delta(&d->say, &call->block,
                           ccp_buf_str(&call->held, 1));
        ccp_buf_free(&call->held);
    }

    return rc;
}


int
ccp_chat_dec_start_calls(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c)
{
    int                   rc;
    ccp_chat_dec_call_t  *call;

    for (call = c->calls; call; call = call->next) {
        if (!call->started && call->name.n) {
            rc = ccp_chat_dec_start_call(d, c, call);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    return CCP_OK;
}


int
ccp_chat_dec_stop_calls(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, int all,
    int cut)
{
    int                   rc;
    ccp_chat_dec_call_t  *call;

    for (call = c->whole; call; call = call->next_whole) {
        rc = ccp_say_stop(&d->say, &call->block, 0);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    c->whole = NULL;

    for (call = all ? c->calls : NULL; call; call = call->next) {
        rc = ccp_say_stop(&d->say, &call->block, cut && !call->whole);
        if (rc != CCP_OK) {
            return rc;
        }
    }

    return CCP_OK;
}


/* The index takes the number of an id for the id: it has 64 bits. */

static uint64_t
ccp_chat_dec_id_key(const ccp_chat_dec_t *d, ccp_str_t id)
{
    return ccp_str_hash(id, (uint64_t) (uintptr_t) d);
}


static int
ccp_chat_dec_set_id(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_chat_dec_call_t *call, ccp_str_t id)
{
    if (id.n == 0) {
        return CCP_OK;
    }

    call->id = ccp_str_dup(d->ac->arena, id);

    return call->id.p
           ? ccp_index_put(&c->by_id, ccp_chat_dec_id_key(d, id), call)
           : CCP_NOMEM;
}


static ccp_chat_dec_call_t *
ccp_chat_dec_new_call(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, int key,
    ccp_str_t id)
{
    ccp_chat_dec_call_t  *call;

    call = ccp_calloc(d->ac->arena, sizeof(ccp_chat_dec_call_t));
    if (call == NULL) {
        return NULL;
    }

    call->key = key;
    call->block.choice = c->text.choice;
    ccp_buf_init(&call->held, d->ac->arena, 0);

    if (ccp_chat_dec_set_id(d, c, call, id) != CCP_OK
        || (key >= 0 && ccp_index_put(&c->by_key, (uint64_t) key, call)
                        != CCP_OK))
    {
        return NULL;
    }

    if (c->last) {
        c->last->next = call;
    } else {
        c->calls = call;
    }

    c->last = call;

    return call;
}


/*
 * Which call a fragment belongs to (T07): by its index, unless a new id says
 * that another call begins there; without index by its id; without both it
 * goes on with the last call as long as that can go on.  NULL: a new one.
 */

static ccp_chat_dec_call_t *
ccp_chat_dec_find_call(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, int key,
    ccp_str_t id, int named)
{
    ccp_chat_dec_call_t  *found, *last;

    if (key >= 0) {
        found = ccp_index_get(&c->by_key, (uint64_t) key);

        return found && id.n && found->id.n && !ccp_str_eq(found->id, id)
               ? NULL : found;
    }

    if (id.n) {
        found = ccp_index_get(&c->by_id, ccp_chat_dec_id_key(d, id));

        return found && ccp_str_eq(found->id, id) ? found : NULL;
    }

    last = c->last;

    return last && named && (last->touched == c->payload || last->whole)
           ? NULL : last;
}


static int
ccp_chat_dec_call_text(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_chat_dec_call_t *call, ccp_jval_t args)
{
    ccp_str_t  text;

    text = ccp_json_str(args);

    if (!call->args && (ccp_json_type(args) == CCP_J_OBJECT
                        || ccp_json_type(args) == CCP_J_ARRAY))
    {
        text = ccp_json_raw(args);
    }

    if (text.n == 0 || (call->started && !call->block.open)) {
        return CCP_OK;
    }

    call->args = 1;

    if (!call->free_text && !call->whole) {
        ccp_chat_dec_args_follow(call, text);

        if (call->whole) {
            call->next_whole = c->whole;
            c->whole = call;
        }
    }

    if (call->started) {
        return ccp_say_delta(&d->say, &call->block, text);
    }

    return ccp_buf_add_json(&call->held, text);
}


/* Gemini's proof beside a call: {"google":{"thought_signature":…}}. */

static int
ccp_chat_dec_call_sig(ccp_chat_dec_t *d, ccp_chat_dec_call_t *call,
    ccp_jval_t extra)
{
    ccp_str_t  sig;

    sig = ccp_json_gets(ccp_json_get(extra, "google"), "thought_signature");

    if (sig.n == 0) {
        sig = ccp_json_gets(ccp_json_get(extra, "vertex"),
                            "thought_signature");
    }

    return ccp_say_sig(&d->say, &call->block, CCP_GEMINI, sig);
}


static int
ccp_chat_dec_call(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c, ccp_jval_t v,
    int legacy)
{
    int                   rc, key, free_text;
    ccp_str_t             id, name;
    ccp_jval_t            fn, args;
    ccp_chat_dec_call_t  *call;

    fn = legacy ? v : ccp_json_opt(v, "function");
    free_text = !ccp_json_has(fn) && ccp_json_has(ccp_json_get(v, "custom"));
    fn = free_text ? ccp_json_get(v, "custom") : fn;
    args = ccp_json_get(fn, free_text ? "input" : "arguments");
    name = ccp_json_gets(fn, "name");
    id = legacy ? ccp_none : ccp_json_gets(v, "id");
    key = legacy ? INT32_MAX
                 : (int) ccp_json_int(ccp_json_opt(v, "index"), -1);

    if (ccp_str_is(id, "null")) {
        id = ccp_none;
    }

    if (legacy && name.n == 0 && ccp_json_str(args).n == 0) {
        return CCP_OK;
    }

    call = ccp_chat_dec_find_call(d, c, key, id, name.n != 0);

    if (call == NULL) {
        /* what is complete needn't wait for the end */
        rc = ccp_chat_dec_stop_calls(d, c, 0, 0);
        if (rc != CCP_OK) {
            return rc;
        }

        call = ccp_chat_dec_new_call(d, c, key, id);
        if (call == NULL) {
            return CCP_NOMEM;
        }

        call->free_text = free_text;
        call->legacy = legacy;
    }

    call->touched = c->payload;

    if (call->name.n == 0 && name.n) {
        call->name = ccp_str_dup(d->ac->arena, name);
        if (call->name.p == NULL) {
            return CCP_NOMEM;
        }
    }

    if (call->id.n == 0 && !call->started
        && ccp_chat_dec_set_id(d, c, call, id) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    rc = ccp_chat_dec_call_text(d, c, call, args);

    /* an id may come after the name, but not after the arguments */

    if (rc == CCP_OK && !call->started && call->name.n
        && (call->id.n || call->args || legacy))
    {
        rc = ccp_chat_dec_start_call(d, c, call);
    }

    return rc == CCP_OK
           ? ccp_chat_dec_call_sig(d, call, ccp_json_get(v, "extra_content"))
           : rc;
}


int
ccp_chat_dec_calls(ccp_chat_dec_t *d, ccp_chat_dec_choice_t *c,
    ccp_jval_t delta)
{
    int          rc;
    ccp_jval_t   v;
    ccp_jiter_t  it;

    c->payload++;

    v = ccp_json_get(delta, "tool_calls");

    if (ccp_json_type(v) == CCP_J_ARRAY) {
        for (it = ccp_json_iter(v); ccp_json_next(&it); ) {
            if (ccp_json_type(it.val) != CCP_J_OBJECT) {
                continue;
            }

            rc = ccp_chat_dec_call(d, c, it.val, 0);
            if (rc != CCP_OK) {
                return rc;
            }
        }
    }

    v = ccp_json_get(delta, "function_call");

    if (ccp_json_type(v) == CCP_J_OBJECT) {
        return ccp_chat_dec_call(d, c, v, 1);
    }

    return CCP_OK;
}
