
/*
 * What a process left that died inside of the store: lists that may lead
 * anywhere, and at most one object that is not whole.  All lists are made
 * anew of the objects whose bytes are what their sums say.
 */

#include <string.h>

#include "store/store_private.h"


/* Whether the chunks from at on hold the whole object; they are marked. */

static int
ccp_store_check(ccp_store_t *s, uint32_t at)
{
    size_t             n, room;
    uint32_t           i, left, *link;
    uint64_t           sum;
    const uint8_t     *p;
    ccp_store_head_t  *h;

    link = ccp_store_links(s);
    h = ccp_store_head(s, at);

    if (h->whole != CCP_STORE_WHOLE
        || h->seal != ccp_store_seal(s, &h->entry)
        || h->entry.len > ccp_store_max(s)
        || h->chunks != ccp_store_chunks_of(h->entry.len))
    {
        return 0;
    }

    p = (uint8_t *) h + sizeof(ccp_store_head_t);
    room = CCP_STORE_FIRST;
    n = h->entry.len;
    sum = s->seed;
    left = h->chunks;

    for (i = at; ; p = ccp_store_chunk(s, i), room = CCP_STORE_CHUNK) {

        room = n < room ? n : room;
        sum = ccp_store_sum_add(sum, p, room);
        n -= room;
        left--;

        i = link[i] & CCP_STORE_INDEX;

        if (left == 0) {
            break;
        }

        if (i == 0 || i >= s->fresh
            || link[i] & (CCP_STORE_HEAD|CCP_STORE_SEEN))
        {
            return 0;
        }
    }

    return i == 0 && ccp_store_sum_end(sum, h->entry.len) == h->entry.sum;
}


static void
ccp_store_mark(ccp_store_t *s, uint32_t at)
{
    uint32_t  *link;

    link = ccp_store_links(s);

    while (at) {
        link[at] |= CCP_STORE_SEEN;
        at = link[at] & CCP_STORE_INDEX;
    }
}


void
ccp_store_repair(ccp_store_t *s)
{
    uint32_t           i, *link;
    ccp_store_head_t  *h;

    link = ccp_store_links(s);

    memset(ccp_store_buckets(s), 0, s->nbuckets * sizeof(uint32_t));

    s->newest = 0;
    s->oldest = 0;
    s->nobjects = 0;
    s->free = 0;
    s->nfree = 0;

    if (s->fresh > s->nchunks + 1) {
        s->fresh = s->nchunks + 1;
    }

    for (i = 1; i < s->fresh; i++) {
        link[i] &= ~CCP_STORE_SEEN;
    }

    for (i = 1; i < s->fresh; i++) {

        if ((link[i] & (CCP_STORE_HEAD|CCP_STORE_SEEN)) == CCP_STORE_HEAD
            && ccp_store_check(s, i))
        {
            h = ccp_store_head(s, i);

            if (h->entry.serial > s->serial) {
                s->serial = h->entry.serial;
            }

            ccp_store_mark(s, i);
            ccp_store_link(s, i);
        }
    }

    for (i = 1; i < s->fresh; i++) {

        if (link[i] & CCP_STORE_SEEN) {
            link[i] &= ~CCP_STORE_SEEN;
            continue;
        }

        link[i] = s->free;
        s->free = i;
        s->nfree++;
    }
}
