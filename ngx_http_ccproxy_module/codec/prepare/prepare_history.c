
/*
 * The history in the one order that every provider accepts (T18, T20,
 * T21, T23).  Steps, each linear in the blocks:
 *
 *   0  media get the one form that all targets read
 *   1  notices that bill or have expired go
 *   2  each result is taken out of its message and put to its call
 *   3  empty blocks and messages go
 *   4  assistant messages in a row are joined where one of them has calls
 *   5  results are put back, directly behind their calls, in their order
 *   6  messages of the turn that is to be answered are marked
 */

#include "codec/prepare/prepare.h"
#include "codec/prepare/prepare_pairs.h"
#include "codec/base/base_set.h"
#include "codec/form/form_block.h"
#include "codec/form/form_media.h"


#define CCP_HISTORY_BILLING  "x-anthropic-billing-header:"
#define CCP_HISTORY_FILLER   "."

/* ---- 0: media ---- */

static int
ccp_history_settle(ccp_block_t *b, ccp_arena_t *a)
{
    int  rc;

    for (rc = CCP_OK; b != NULL && rc == CCP_OK; b = b->next) {
        if (b->media.kind != CCP_MEDIA_NONE) {
            rc = ccp_media_settle(a, b);
        }

        if (rc == CCP_OK && b->parts != NULL) {
            rc = ccp_history_settle(b->parts, a);
        }
    }

    return rc;
}


static int
ccp_history_media(ccp_request_t *r, ccp_arena_t *a)
{
    int             rc;
    ccp_message_t  *m;

    for (rc = CCP_OK, m = r->msgs; m != NULL && rc == CCP_OK; m = m->next) {
        rc = ccp_history_settle(m->blocks, a);
    }

    return rc;
}


/* ---- 1: notices ---- */

static int
ccp_history_is_billing(const ccp_block_t *b)
{
    return b->kind == CCP_B_TEXT
           && ccp_str_starts(b->text, CCP_HISTORY_BILLING);
}


/*
 * Takes empty blocks (and, where asked, those that bill) out of a list; the
 * cache mark of one that goes moves to the block in front of it.
 */
static void
ccp_history_clean_blocks(ccp_block_t **list, int billing)
{
    ccp_block_t  *b, *prev;

    prev = NULL;

    while ((b = *list) != NULL) {
        if (b->kind == CCP_B_RESULT) {
            ccp_history_clean_blocks(&b->parts, 0);
        }

        if (!ccp_block_empty(b) && !(billing && ccp_history_is_billing(b))) {
            prev = b;
            list = &b->next;
            continue;
        }

        if (prev != NULL && prev->cache == CCP_CACHE_NONE) {
            prev->cache = b->cache;
        }

        *list = b->next;
    }
}


static void
ccp_history_notices(ccp_request_t *r)
{
    ccp_message_t   *m, **list, *last_user;

    ccp_history_clean_blocks(&r->system, 1);

    last_user = NULL;

    for (m = r->msgs; m != NULL; m = m->next) {
        if (m->role == CCP_ROLE_USER) {
            last_user = m;
        }
    }

    /* until the last user message is passed, clear_next texts are over */

    list = &r->msgs;

    while ((m = *list) != NULL) {
        if (m == last_user) {
            last_user = NULL;
        }

        if (m->role == CCP_ROLE_SYSTEM) {
            ccp_history_clean_blocks(&m->blocks, 1);

            if (m->clear_next && last_user != NULL) {
                *list = m->next;
                continue;
            }
        }

        list = &m->next;
    }
}


/* A tool that was declared before under the same name is refused. */
static int
ccp_history_tools(ccp_request_t *r, ccp_arena_t *a)
{
    size_t       i, n, cap;
    uint64_t     h;
    ccp_tool_t  *t, **list, **slots;

    n = 0;

    for (t = r->tools; t != NULL; t = t->next) {
        n++;
    }

    if (n < 2) {
        return CCP_OK;
    }

    for (cap = 16; cap < 2 * n; cap *= 2) {
        /* void */
    }

    slots = ccp_regrow(a, NULL, 0, cap * sizeof(ccp_tool_t *));
    if (slots == NULL) {
        return CCP_NOMEM;
    }

    memset(slots, 0, cap * sizeof(ccp_tool_t *));
    list = &r->tools;

    while ((t = *list) != NULL) {
        if (t->name.p == NULL || t->kind == CCP_T_HOSTED) {
            list = &t->next;
            continue;
        }

        h = ccp_str_hash(t->name, ccp_str_hash(t->space, 0));

        for (i = (size_t) h & (cap - 1); slots[i] != NULL;
             i = (i + 1) & (cap - 1))
        {
            if (ccp_str_eq(slots[i]->name, t->name)
                && slots[i]->space.n == t->space.n
                && (t->space.n == 0
                    || ccp_str_eq(slots[i]->space, t->space)))
            {
                break;
            }
        }

        if (slots[i] != NULL) {
            *list = t->next;
            continue;
        }

        slots[i] = t;
        list = &t->next;
    }

    ccp_release(a, slots);

    return CCP_OK;
}


/* Marks the tools that the choice names. */
static int
ccp_history_allowed(ccp_request_t *r, ccp_arena_t *a)
{
    size_t       n;
    ccp_set_t    names;
    ccp_tool_t  *t;
    ccp_item_t  *it;

    if (r->tool_choice.mode != CCP_TC_ALLOWED) {
        return CCP_OK;
    }

    for (n = 0, it = r->tool_choice.allowed; it != NULL; it = it->next) {
        n++;
    }

    if (ccp_set_init(&names, a, n) != CCP_OK) {
        return CCP_NOMEM;
    }

    for (it = r->tool_choice.allowed; it != NULL; it = it->next) {
        (void) ccp_set_add(&names, it->s);
    }

    for (t = r->tools; t != NULL; t = t->next) {
        t->allowed = t->name.p != NULL && ccp_set_has(&names, t->name);
    }

    ccp_set_free(&names);

    return CCP_OK;
}


/* ---- 3 to 5: messages ---- */

/*
 * Messages without blocks go, but for those whose results come back: they
 * keep the turns in front of them and behind them apart.
 */
static void
ccp_history_clean(ccp_request_t *r)
{
    int             calls;
    ccp_block_t    *b;
    ccp_message_t  *m, **list;

    calls = 0;
    list = &r->msgs;

    while ((m = *list) != NULL) {
        ccp_history_clean_blocks(&m->blocks, 0);

        if (m->blocks == NULL && !(m->answers && calls)) {
            *list = m->next;
            continue;
        }

        m->answers = 0;

        if (m->role != CCP_ROLE_ASSISTANT) {
            calls = 0;
        }

        for (b = m->blocks; b != NULL; b = b->next) {
            calls |= b->kind == CCP_B_CALL;
        }

        list = &m->next;
    }
}


/* The last message of the run of assistant messages that begins with m. */
static ccp_message_t *
ccp_history_run(ccp_message_t *m, int *calls)
{
    ccp_block_t  *b;

    *calls = 0;

    for ( ;; ) {
        for (b = m->blocks; b != NULL; b = b->next) {
            *calls |= b->kind == CCP_B_CALL;
        }

        if (m->next == NULL || m->next->role != CCP_ROLE_ASSISTANT) {
            return m;
        }

        m = m->next;
    }
}


static void
ccp_history_join(ccp_request_t *r)
{
    int             calls;
    ccp_block_t   **tail;
    ccp_message_t  *m, *next, *last;

    for (m = r->msgs; m != NULL; m = m->next) {
        if (m->role != CCP_ROLE_ASSISTANT) {
            continue;
        }

        last = ccp_history_run(m, &calls);

        if (!calls) {
            m = last;
            continue;
        }

        tail = &m->blocks;
        next = m;

        while (next != last) {
            while (*tail != NULL) {
                tail = &(*tail)->next;
            }

            next = next->next;
            *tail = next->blocks;
            m->name = m->name.p != NULL ? m->name : next->name;
            m->phase = m->phase.p != NULL ? m->phase : next->phase;
        }

        m->next = last->next;
    }
}


/* Puts the results back: at the front of the user message that follows. */
static int
ccp_history_place(ccp_pairs_t *x)
{
    uint32_t        i, first;
    ccp_block_t    *b, *list, **tail;
    ccp_message_t  *m, *user;

    i = 0;

    for (m = x->r->msgs; m != NULL; m = m->next) {
        if (m->role != CCP_ROLE_ASSISTANT) {
            continue;
        }

        first = i;
        list = NULL;
        tail = &list;

        for (b = m->blocks; b != NULL; b = b->next) {
            if (b->kind == CCP_B_CALL) {
                ccp_history_clean_blocks(&x->pairs[i].result->parts, 0);
                tail = ccp_block_push(tail, x->pairs[i++].result);
            }
        }

        if (i == first) {
            continue;
        }

        user = m->next;

        if (user == NULL || user->role != CCP_ROLE_USER) {
            user = ccp_message_new(x->arena, CCP_ROLE_USER);
            if (user == NULL) {
                return CCP_NOMEM;
            }

            user->next = m->next;
            m->next = user;
        }

        *tail = user->blocks;
        user->blocks = list;
    }

    return CCP_OK;
}


/*
 * What ended with a word of the user still does: where the last message went
 * for it was empty, a filler stands for it.
 */
static int
ccp_history_end(ccp_pairs_t *x, int user_last)
{
    ccp_block_t    *b;
    ccp_message_t  *m, **tail;

    if (!user_last) {
        return CCP_OK;
    }

    m = NULL;

    for (tail = &x->r->msgs; *tail != NULL; tail = &(*tail)->next) {
        m = *tail;
    }

    if (m != NULL && m->role != CCP_ROLE_ASSISTANT) {
        return CCP_OK;
    }

    m = ccp_message_new(x->arena, CCP_ROLE_USER);
    b = ccp_block_new(x->arena, CCP_B_TEXT);

    if (m == NULL || b == NULL) {
        return CCP_NOMEM;
    }

    b->text = ccp_lit(CCP_HISTORY_FILLER);
    m->blocks = b;
    *tail = m;

    return CCP_OK;
}


/*
 * What stands behind the last words of the model is to be answered; words
 * that the model is to go on with end nothing.
 */
static void
ccp_history_present(ccp_request_t *r)
{
    ccp_message_t  *m, *first;

    first = r->msgs;

    for (m = r->msgs; m != NULL; m = m->next) {
        m->present = 0;

        if (m->role == CCP_ROLE_ASSISTANT && m->next != NULL) {
            first = m->next;
        }
    }

    for (m = first; m != NULL; m = m->next) {
        m->present = 1;
    }
}


int
ccp_history_normalise(ccp_request_t *r, ccp_arena_t *a)
{
    int             rc, user_last;
    ccp_pairs_t    x;
    ccp_message_t  *m;

    if (ccp_history_tools(r, a) != CCP_OK
        || ccp_history_allowed(r, a) != CCP_OK
        || ccp_history_media(r, a) != CCP_OK)
    {
        return CCP_NOMEM;
    }

    ccp_history_notices(r);

    user_last = 0;

    for (m = r->msgs; m != NULL; m = m->next) {
        user_last = m->role == CCP_ROLE_USER;
    }

    rc = ccp_pairs_init(&x, r, a);

    if (rc == CCP_OK) {
        rc = ccp_pairs_match(&x);
    }

    if (rc == CCP_OK) {
        rc = ccp_pairs_fill(&x);
    }

    if (rc == CCP_OK) {
        ccp_history_clean(r);
        ccp_history_join(r);
        rc = ccp_history_place(&x);
    }

    if (rc == CCP_OK) {
        rc = ccp_history_end(&x, user_last);
        ccp_history_present(r);
    }

    ccp_pairs_free(&x);

    return rc;
}


static int
ccp_block_says_json(const ccp_block_t *b)
{
    size_t          i;
    const uint8_t  *p;

    for ( ; b; b = b->next) {
        p = b->text.p;

        for (i = 0; b->kind == CCP_B_TEXT && i + 4 <= b->text.n; i++) {
            if ((p[i] | 0x20) == 'j' && (p[i + 1] | 0x20) == 's'
                && (p[i + 2] | 0x20) == 'o' && (p[i + 3] | 0x20) == 'n')
            {
                return 1;
            }
        }
    }

    return 0;
}


int
ccp_request_says_json(const ccp_request_t *r)
{
    const ccp_message_t  *m;

    if (ccp_block_says_json(r->system)) {
        return 1;
    }

    for (m = r->msgs; m; m = m->next) {
        if (m->role != CCP_ROLE_ASSISTANT && ccp_block_says_json(m->blocks)) {
            return 1;
        }
    }

    return 0;
}
