
/*
 * Objects that are held for clients: a header of fixed length, then texts.
 */

#include "codec/proto/proto_held.h"


#define CCP_HELD_VERSION  1

enum { CCP_HELD_BEFORE, CCP_HELD_OF, CCP_HELD_INPUT, CCP_HELD_OUTPUT,
       CCP_HELD_DOCUMENT, CCP_HELD_TEXTS };

typedef struct {
    uint8_t   version;
    uint8_t   before;          /* kind */
    uint8_t   refs;
    uint8_t   pending;
    uint32_t  at;
    uint32_t  n;
    uint32_t  lens[CCP_HELD_TEXTS];
    uint64_t  serial;          /* of before */
} ccp_held_head_t;


static void
ccp_held_texts(ccp_held_t *held, ccp_str_t **texts)
{
    texts[CCP_HELD_BEFORE] = &held->before.id;
    texts[CCP_HELD_OF] = &held->list;
    texts[CCP_HELD_INPUT] = &held->input;
    texts[CCP_HELD_OUTPUT] = &held->output;
    texts[CCP_HELD_DOCUMENT] = &held->document;
}


int
ccp_held_put(const ccp_keeper_t *k, ccp_held_t *held, ccp_arena_t *a)
{
    int              rc;
    size_t           i;
    ccp_buf_t        buf;
    ccp_str_t       *texts[CCP_HELD_TEXTS];
    ccp_held_head_t  head;

    ccp_held_texts(held, texts);

    memset(&head, 0, sizeof(ccp_held_head_t));
    head.version = CCP_HELD_VERSION;
    head.before = (uint8_t) held->before.kind;
    head.serial = held->before.serial;
    head.refs = held->refs;
    head.pending = held->pending;
    head.at = held->at;
    head.n = held->n;

    ccp_buf_init(&buf, a, 0);
    (void) ccp_buf_add(&buf, &head, sizeof(ccp_held_head_t));

    for (i = 0; i < CCP_HELD_TEXTS; i++) {

        if (texts[i]->n > UINT32_MAX) {
            ccp_buf_free(&buf);
            return CCP_DECLINED;
        }

        head.lens[i] = (uint32_t) texts[i]->n;

        if (texts[i]->n) {
            (void) ccp_buf_add(&buf, texts[i]->p, texts[i]->n);
        }
    }

    if (buf.err) {
        return CCP_NOMEM;
    }

    memcpy(buf.p, &head, sizeof(ccp_held_head_t));

    rc = k->put(k->ctx, &held->self, ccp_buf_str(&buf, 0), held->owner);

    ccp_buf_free(&buf);

    return rc;
}


int
ccp_held_get(const ccp_keeper_t *k, ccp_held_ref_t ref, ccp_arena_t *a,
    ccp_held_t **held)
{
    int              rc;
    size_t           i;
    ccp_str_t        bytes, *texts[CCP_HELD_TEXTS];
    ccp_held_t      *h;
    ccp_held_head_t  head;

    h = ccp_calloc(a, sizeof(ccp_held_t));
    if (h == NULL) {
        return CCP_NOMEM;
    }

    h->self = ref;

    rc = k->get(k->ctx, &h->self, a, &bytes, &h->owner);
    if (rc != CCP_OK) {
        return rc;
    }

    if (bytes.n < sizeof(ccp_held_head_t)
        || (ref.serial && h->self.serial != ref.serial))
    {
        return CCP_DECLINED;
    }

    memcpy(&head, bytes.p, sizeof(ccp_held_head_t));
    bytes.p += sizeof(ccp_held_head_t);
    bytes.n -= sizeof(ccp_held_head_t);

    if (head.version != CCP_HELD_VERSION) {
        return CCP_DECLINED;
    }

    ccp_held_texts(h, texts);

    for (i = 0; i < CCP_HELD_TEXTS; i++) {

        if (head.lens[i] > bytes.n) {
            return CCP_DECLINED;
        }

        if (head.lens[i]) {
            *texts[i] = ccp_str_range(bytes.p, bytes.p + head.lens[i]);
            bytes.p += head.lens[i];
            bytes.n -= head.lens[i];
        }
    }

    h->before.kind = (ccp_held_e) head.before;
    h->before.serial = head.serial;
    h->refs = head.refs;
    h->pending = head.pending;
    h->at = head.at;
    h->n = head.n;

    *held = h;

    return CCP_OK;
}


/*
 * An object is younger than the one that it goes on from, so that every walk
 * comes to an end.
 */

int
ccp_held_walk(const ccp_keeper_t *k, ccp_held_ref_t ref, ccp_arena_t *a,
    ccp_held_t **first, ccp_held_t **last)
{
    int          rc;
    size_t       n, bytes;
    ccp_held_t  *h;

    *first = NULL;
    *last = NULL;
    bytes = 0;

    for (n = 0; ref.kind != CCP_HELD_NONE; n++) {

        rc = ccp_held_get(k, ref, a, &h);
        if (rc != CCP_OK) {
            return rc;
        }

        if (*first && h->self.serial >= (*first)->self.serial) {
            return CCP_DECLINED;
        }

        bytes += h->input.n + h->output.n;

        if (n == CCP_HELD_DEPTH || bytes > CCP_HELD_BYTES) {
            return CCP_INVALID;
        }

        if (*last == NULL) {
            *last = h;
        }

        h->next = *first;
        *first = h;
        ref = h->before;
    }

    return CCP_OK;
}


int
ccp_held_elements(const ccp_keeper_t *k, ccp_arena_t *a, ccp_held_t *answer,
    ccp_held_t **body)
{
    if (answer->before.kind == CCP_HELD_PART
        && ccp_str_eq(answer->before.id, answer->self.id))
    {
        return ccp_held_get(k, answer->before, a, body);
    }

    *body = answer;

    return CCP_OK;
}


void
ccp_held_join(ccp_out_t *out, ccp_str_t elements)
{
    if (elements.n) {
        if (ccp_out_size(out)) {
            ccp_out_lit(out, ",");
        }

        ccp_out_bytes(out, elements.p, elements.n);
    }
}
