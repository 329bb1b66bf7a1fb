
/*
 * Which result belongs to which call (T18): by id, else by name and order, with
 * hashes, so that a history of thousands of calls costs no more than reading
 * it.
 */

#include "codec/prepare/prepare.h"
#include "codec/prepare/prepare_pairs.h"
#include "codec/base/base_buf.h"
#include "codec/form/form_block.h"

#include <stdio.h>


#define CCP_PAIRS_INTERRUPTED  "No result: the call was interrupted"
#define CCP_PAIRS_ORPHAN       "[tool result "

/* No call: an index that is none. */
#define CCP_PAIRS_NOCALL  UINT32_MAX


/* The calls of the latest turn that go by one id, or by one name. */
struct ccp_pairs_key_s {
    uint64_t   hash;
    ccp_str_t  key;
    unsigned   name:1;
    uint32_t   open;               /* first that may lack its result */
    uint32_t   last;
    uint32_t   filled;             /* last one that got its result */
    uint32_t   turn;
    uint32_t   serial;             /* calls that have this id or one made
                                      from it */
};


int
ccp_block_empty(const ccp_block_t *b)
{
    switch (b->kind) {

    case CCP_B_TEXT:
    case CCP_B_REFUSAL:
        return ccp_str_blank(b->text);

    case CCP_B_THINK:
        return ccp_str_blank(b->text) && b->sig.n == 0;

    default:
        return 0;
    }
}


static ccp_pairs_key_t *
ccp_pairs_key(ccp_pairs_t *x, ccp_str_t key, unsigned name)
{
    size_t            i;
    uint64_t          h;
    ccp_pairs_key_t  *k;

    h = ccp_str_hash(key, name);
    h ^= h >> 32;

    for (i = (size_t) h & x->mask; ; i = (i + 1) & x->mask) {
        k = &x->keys[i];

        if (k->key.p == NULL) {
            k->hash = h;
            return k;
        }

        if (k->hash == h && k->name == name && ccp_str_eq(k->key, key)) {
            return k;
        }
    }
}


/* Puts call i at the end of its key's chain for this turn. */
static void
ccp_pairs_chain(ccp_pairs_t *x, ccp_str_t key, unsigned name, uint32_t i)
{
    ccp_pairs_key_t  *k;

    k = ccp_pairs_key(x, key, name);

    if (k->key.p == NULL || k->turn != x->turn) {
        k->key = key;
        k->name = name != 0;
        k->turn = x->turn;
        k->open = i;
        k->filled = CCP_PAIRS_NOCALL;

    } else if (name) {
        x->pairs[k->last].next_name = i;

    } else {
        x->pairs[k->last].next_id = i;
    }

    k->open = k->open == CCP_PAIRS_NOCALL ? i : k->open;
    k->last = i;
}


static void
ccp_pairs_call(ccp_pairs_t *x, ccp_block_t *call)
{
    uint32_t     i;
    ccp_pair_t  *pair;

    i = x->n++;

    if (x->turn_ended) {
        x->turn_ended = 0;
        x->turn++;
        x->turn_open = i;
    }

    pair = &x->pairs[i];
    pair->call = call;
    pair->result = NULL;
    pair->next_id = CCP_PAIRS_NOCALL;
    pair->next_name = CCP_PAIRS_NOCALL;

    if (call->id.n > 0) {
        ccp_pairs_chain(x, call->id, 0, i);
    }

    if (call->name.n > 0) {
        ccp_pairs_chain(x, call->name, 1, i);
    }
}


/* The first call in the key's chain without a result. */
static uint32_t
ccp_pairs_open(ccp_pairs_t *x, ccp_pairs_key_t *k)
{
    while (k->open != CCP_PAIRS_NOCALL && x->pairs[k->open].result != NULL) {
        k->open = k->name ? x->pairs[k->open].next_name
                          : x->pairs[k->open].next_id;
    }

    return k->open;
}


/* The call that a result belongs to. */
static uint32_t
ccp_pairs_find(ccp_pairs_t *x, const ccp_block_t *b)
{
    uint32_t          i;
    ccp_pairs_key_t  *k;

    if (b->id.n > 0) {
        k = ccp_pairs_key(x, b->id, 0);

        if (k->key.p != NULL) {
            i = ccp_pairs_open(x, k);

            if (i == CCP_PAIRS_NOCALL) {
                /* one more for the same call: the last one counts */
                i = k->filled;
            }

            k->filled = i;

            return i;
        }
    }

    if (b->name.n > 0) {
        k = ccp_pairs_key(x, b->name, 1);

        if (k->key.p == NULL || k->turn != x->turn) {
            return CCP_PAIRS_NOCALL;
        }

        i = ccp_pairs_open(x, k);

        return i != CCP_PAIRS_NOCALL && b->id.n > 0
               && x->pairs[i].call->id.n > 0
               ? CCP_PAIRS_NOCALL : i;
    }

    if (b->id.n > 0) {
        return CCP_PAIRS_NOCALL;
    }

    while (x->turn_open < x->n && x->pairs[x->turn_open].result != NULL) {
        x->turn_open++;
    }

    return x->turn_open < x->n ? x->turn_open : CCP_PAIRS_NOCALL;
}


/* A result that belongs to no call becomes text of the user. */
static int
ccp_pairs_orphan(ccp_pairs_t *x, ccp_block_t *b)
{
    int           err;
    ccp_buf_t     buf;
    ccp_str_t     text, who;
    ccp_block_t  *part, **tail, *next;

    err = 0;
    text = ccp_block_join_text(x->arena, b->parts, "\n", &err);
    who = b->id.n > 0 ? b->id : b->name;

    ccp_buf_init(&buf, x->arena, 0);
    (void) ccp_buf_add_json(&buf, ccp_lit(CCP_PAIRS_ORPHAN));

    if (who.p != NULL) {
        (void) ccp_buf_add_json(&buf, who);
    }

    (void) ccp_buf_add_json(&buf, ccp_lit("] "));

    if (text.p != NULL) {
        (void) ccp_buf_add_json(&buf, text);
    }

    if (err || buf.err) {
        ccp_buf_free(&buf);
        return CCP_NOMEM;
    }

    /* pictures and documents follow the text */

    part = b->parts;
    tail = &b->next;
    next = b->next;

    for ( ; part != NULL; part = b->parts) {
        b->parts = part->next;

        if (part->kind != CCP_B_TEXT) {
            tail = ccp_block_push(tail, part);
        }
    }

    *tail = next;

    b->kind = CCP_B_TEXT;
    b->text = ccp_buf_str(&buf, 1);
    b->object = 0;
    b->error = 0;

    return CCP_OK;
}


/*
 * Orphans of a user's turn that is nothing else are dropped: an empty text
 * goes in the next step.  Meanwhile parts links the turn's orphans.
 */
static void
ccp_pairs_turn_end(ccp_block_t *orphans, int keep)
{
    ccp_block_t  *b;

    while ((b = orphans) != NULL) {
        orphans = b->parts;
        b->parts = NULL;

        if (!keep) {
            b->text = ccp_lit("");
        }
    }
}


/* Takes the results of a user message to their calls. */
static int
ccp_pairs_results(ccp_pairs_t *x, ccp_message_t *m, ccp_block_t **orphans,
    int *other)
{
    uint32_t       i;
    ccp_block_t   *b, **list;

    list = &m->blocks;

    while ((b = *list) != NULL) {
        if (b->kind != CCP_B_RESULT) {
            *other |= !ccp_block_empty(b);
            list = &b->next;
            continue;
        }

        i = ccp_pairs_find(x, b);

        if (i != CCP_PAIRS_NOCALL) {
            x->replaced += x->pairs[i].result != NULL;
            x->pairs[i].result = b;
            m->answers = 1;
            *list = b->next;
            *other = 1;
            continue;
        }

        x->orphans++;

        if (ccp_pairs_orphan(x, b) != CCP_OK) {
            return CCP_NOMEM;
        }

        b->parts = *orphans;
        *orphans = b;
        list = &b->next;
    }

    return CCP_OK;
}


int
ccp_pairs_match(ccp_pairs_t *x)
{
    int             other;
    ccp_block_t    *b, *orphans;
    ccp_message_t  *m;

    orphans = NULL;
    other = 0;

    for (m = x->r->msgs; m != NULL; m = m->next) {

        if (m->role == CCP_ROLE_USER) {
            x->turn_ended = 1;

            if (ccp_pairs_results(x, m, &orphans, &other) != CCP_OK) {
                return CCP_NOMEM;
            }

            continue;
        }

        ccp_pairs_turn_end(orphans, other);
        orphans = NULL;
        other = 0;

        if (m->role == CCP_ROLE_SYSTEM) {
            continue;
        }

        for (b = m->blocks; b != NULL; b = b->next) {
            if (b->kind == CCP_B_CALL) {
                ccp_pairs_call(x, b);
            }
        }
    }

    /* the last turn is what the model is to answer: it keeps them */
    ccp_pairs_turn_end(orphans, 1);

    return CCP_OK;
}


/*
 * An id for a call without one, or whose id was used before: made of its
 * place, so that it is the same in the next request of the conversation.
 */
static int
ccp_pairs_make_id(ccp_pairs_t *x, uint32_t i, ccp_pairs_key_t *used)
{
    int               len;
    char             *p;
    size_t            size;
    uint32_t          serial;
    ccp_str_t         stem, id;
    ccp_pairs_key_t  *k;

    stem = ccp_lit(CCP_ID_MADE);

    if (used != NULL) {
        stem = ccp_str_plain(x->arena, used->key);
        if (stem.p == NULL) {
            return CCP_NOMEM;
        }
    }

    size = stem.n + sizeof("_4294967295");

    p = ccp_alloc(x->arena, size);
    if (p == NULL) {
        return CCP_NOMEM;
    }

    memcpy(p, stem.p, stem.n);
    serial = used != NULL ? used->serial : i;

    do {
        len = snprintf(p + stem.n, size - stem.n, "_%u",
                       (unsigned) ++serial);

        id = ccp_none;
        id.p = (const uint8_t *) p;
        id.n = stem.n + (size_t) len;

        k = ccp_pairs_key(x, id, 0);

    } while (k->key.p != NULL);

    k->key = id;
    k->serial = 1;

    if (used != NULL) {
        used->serial = serial;
    }

    x->pairs[i].call->id = id;

    return CCP_OK;
}


static void
ccp_pairs_note(ccp_pairs_t *x)
{
    if (x->replaced) {
        ccp_request_note(x->r, x->arena,
                         "tool results: %u replaced by a later one",
                         x->replaced);
    }

    if (x->orphans) {
        ccp_request_note(x->r, x->arena, "tool results: %u without a call",
                         x->orphans);
    }

    if (x->lost) {
        ccp_request_note(x->r, x->arena, "tool calls: %u without a result",
                         x->lost);
    }
}


int
ccp_pairs_fill(ccp_pairs_t *x)
{
    int               rc;
    uint32_t          i;
    ccp_pair_t       *pair;
    ccp_block_t      *b;
    ccp_pairs_key_t  *k;

    for (i = 0; i < x->n; i++) {
        pair = &x->pairs[i];
        k = pair->call->id.n > 0 ? ccp_pairs_key(x, pair->call->id, 0) : NULL;
        rc = CCP_OK;

        if (k == NULL || k->serial > 0) {
            rc = ccp_pairs_make_id(x, i, k);

        } else {
            k->serial = 1;
        }

        if (rc != CCP_OK) {
            return rc;
        }

        if (pair->result == NULL) {
            pair->result = ccp_block_new(x->arena, CCP_B_RESULT);
            b = ccp_block_new(x->arena, CCP_B_TEXT);

            if (pair->result == NULL || b == NULL) {
                return CCP_NOMEM;
            }

            b->text = ccp_lit(CCP_PAIRS_INTERRUPTED);
            pair->result->error = 1;
            pair->result->parts = b;
            x->lost++;
        }

        pair->result->id = pair->call->id;

        if (pair->result->name.n == 0) {
            pair->result->name = pair->call->name;
            pair->result->space = pair->call->space;
        }
    }

    ccp_pairs_note(x);

    return CCP_OK;
}


/* Room for the calls and their keys: id, name and an id that is made. */
int
ccp_pairs_init(ccp_pairs_t *x, ccp_request_t *r, ccp_arena_t *a)
{
    size_t          n, cap;
    ccp_block_t    *b;
    ccp_message_t  *m;

    memset(x, 0, sizeof(ccp_pairs_t));
    x->r = r;
    x->arena = a;
    x->turn = 1;
    x->turn_ended = 1;

    n = 0;

    for (m = x->r->msgs; m != NULL; m = m->next) {
        if (m->role == CCP_ROLE_ASSISTANT) {
            for (b = m->blocks; b != NULL; b = b->next) {
                n += b->kind == CCP_B_CALL;
            }
        }
    }

    for (cap = 16; cap < 6 * n; cap *= 2) {
        /* void */
    }

    x->mask = cap - 1;
    x->keys = ccp_regrow(x->arena, NULL, 0, cap * sizeof(ccp_pairs_key_t));
    x->pairs = ccp_regrow(x->arena, NULL, 0, (n + 1) * sizeof(ccp_pair_t));

    if (x->keys == NULL || x->pairs == NULL) {
        return CCP_NOMEM;
    }

    memset(x->keys, 0, cap * sizeof(ccp_pairs_key_t));

    return CCP_OK;
}


void
ccp_pairs_free(ccp_pairs_t *x)
{
    ccp_release(x->arena, x->keys);
    ccp_release(x->arena, x->pairs);
}
