
/*
 * Framers: bytes as they arrive, in any split, into whole payloads.
 *
 * SSE: https://html.spec.whatwg.org/multipage/server-sent-events.html, lines
 * ended by LF, CR LF or CR, BOM, comments, several data lines; an event that
 * the end of the stream cuts off is still delivered (providers rely on it).
 * NDJSON: one JSON text a line.  JSON array: the elements of one array.
 */

#ifndef CCP_WIRE_FRAME_H
#define CCP_WIRE_FRAME_H

#include "codec/base/base_buf.h"

typedef enum { CCP_FRAME_SSE, CCP_FRAME_NDJSON, CCP_FRAME_ARRAY }
    ccp_frame_e;

/*
 * One payload.  event: SSE's event field, absent if none; data: the joined
 * data lines, line or element.  comment set: an SSE comment came by (data is
 * its text): a sign of life.  Slices are valid during the call only.
 * Anything but CCP_OK stops the feeding and is returned by ccp_frame_feed.
 */
typedef int (*ccp_frame_pt)(void *ctx, ccp_str_t event, ccp_str_t data,
    int comment);

typedef struct {
    ccp_frame_e   kind;
    int           state;
    ccp_buf_t     line;        /* a line that is not complete yet */
    ccp_buf_t     data;        /* joined data lines; pending element */
    ccp_buf_t     event;
    uint32_t      depth;       /* array */
    size_t        edge;        /* bytes of the present feed up to the end of
                                  the last payload that was complete */
    unsigned      started:1;
    unsigned      has_data:1;
    unsigned      has_event:1;
    unsigned      has_field:1; /* … or another field of an event */
    unsigned      array:1;     /* the array was opened, */
    unsigned      closed:1;    /* … and closed */
    unsigned      string:1;
    unsigned      escape:1;
} ccp_frame_t;

/* limit: longest payload in bytes (0: the arena's own bound). */
void ccp_frame_init(ccp_frame_t *f, ccp_frame_e kind, ccp_arena_t *a,
    size_t limit);
/* CCP_OK, CCP_NOMEM (memory or limit), or what the callback returned. */
int ccp_frame_feed(ccp_frame_t *f, const uint8_t *p, size_t n,
    ccp_frame_pt cb, void *ctx);
/* The stream ended: delivers an unterminated last payload. */
int ccp_frame_end(ccp_frame_t *f, ccp_frame_pt cb, void *ctx);
/*
 * What must follow a payload that the stream's end cut off behind these bytes,
 * so that another one may follow; and what must follow the last of all.  Never
 * NULL.
 */
const char *ccp_frame_shut(const ccp_frame_t *f, const uint8_t *p, size_t n);
const char *ccp_frame_close(const ccp_frame_t *f);
void ccp_frame_free(ccp_frame_t *f);

#endif /* CCP_WIRE_FRAME_H */
