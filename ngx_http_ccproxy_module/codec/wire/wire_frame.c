
/*
 * Framers for SSE, NDJSON and streamed JSON arrays.
 *
 * A line or element that lies in one input buffer is delivered in place;
 * only what a buffer's end cuts is collected in f->line.
 */

#include "codec/wire/wire_frame.h"


void
ccp_frame_init(ccp_frame_t *f, ccp_frame_e kind, ccp_arena_t *a, size_t limit)
{
    memset(f, 0, sizeof(ccp_frame_t));
    f->kind = kind;
    ccp_buf_init(&f->line, a, limit);
    ccp_buf_init(&f->data, a, limit);
    ccp_buf_init(&f->event, a, limit);
}


void
ccp_frame_free(ccp_frame_t *f)
{
    ccp_buf_free(&f->line);
    ccp_buf_free(&f->data);
    ccp_buf_free(&f->event);
}


const char *
ccp_frame_shut(const ccp_frame_t *f, const uint8_t *p, size_t n)
{
    int  ended;

    ended = n && (p[n - 1] == '\n' || p[n - 1] == '\r');

    switch (f->kind) {
    case CCP_FRAME_SSE:
        return ended ? "\n" : "\n\n";
    case CCP_FRAME_NDJSON:
        return ended ? "" : "\n";
    default:
        return "";
    }
}


const char *
ccp_frame_close(const ccp_frame_t *f)
{
    return f->array && !f->closed ? "]\r\n" : "";
}


static ccp_str_t
ccp_frame_slice(const uint8_t *p, size_t n)
{
    ccp_str_t  s = ccp_none;

    s.p = p;
    s.n = n;

    return s;
}


/* ---- SSE ---- */

static int
ccp_frame_sse_dispatch(ccp_frame_t *f, ccp_frame_pt cb, void *ctx)
{
    int        rc;
    ccp_str_t  event;

    rc = CCP_OK;

    if (f->has_data) {
        event = f->has_event ? ccp_buf_str(&f->event, 0) : ccp_none;
        rc = cb(ctx, event, ccp_buf_str(&f->data, 0), 0);
    }

    f->data.n = 0;
    f->event.n = 0;
    f->has_data = 0;
    f->has_event = 0;
    f->has_field = 0;

    return rc;
}


static int
ccp_frame_sse_line(ccp_frame_t *f, const uint8_t *p, size_t n, ccp_frame_pt cb,
    void *ctx)
{
    size_t          name;
    const uint8_t  *colon, *v, *end;

    if (!f->started) {
        f->started = 1;

        if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
            p += 3;
            n -= 3;
        }
    }

    if (n == 0) {
        return ccp_frame_sse_dispatch(f, cb, ctx);
    }

    end = p + n;
    colon = memchr(p, ':', n);

    if (colon == p) {
        return cb(ctx, ccp_none, ccp_frame_slice(p + 1, n - 1), 1);
    }

    if (colon == NULL) {
        name = n;
        v = end;

    } else {
        name = colon - p;
        v = colon + 1;
        if (v < end && *v == ' ') {
            v++;
        }
    }

    if (name == 4 && memcmp(p, "data", 4) == 0) {

        if (f->has_data && ccp_buf_add(&f->data, "\n", 1) != CCP_OK) {
            return CCP_NOMEM;
        }

        f->has_data = 1;
        return ccp_buf_add(&f->data, v, end - v);
    }

    if (name == 5 && memcmp(p, "event", 5) == 0) {
        f->has_event = 1;
        f->event.n = 0;
        return ccp_buf_add(&f->event, v, end - v);
    }

    f->has_field = 1;

    return CCP_OK;
}


/*
 * Fast way for the usual frame, one data line that is complete in this
 * buffer and followed by an empty line: its payload is delivered in place.
 */

static int
ccp_frame_sse_whole(ccp_frame_t *f, const uint8_t **pp, const uint8_t *eol,
    const uint8_t *end, ccp_frame_pt cb, void *ctx)
{
    int             rc;
    ccp_str_t       event;
    const uint8_t  *p, *next;

    p = *pp;
    next = eol + 1;

    if (*eol != '\n' || !f->started || f->has_data || f->line.n || next >= end
        || *next != '\n' || eol - p < 6 || memcmp(p, "data: ", 6) != 0)
    {
        return CCP_DECLINED;
    }

    event = f->has_event ? ccp_buf_str(&f->event, 0) : ccp_none;

    rc = cb(ctx, event, ccp_frame_slice(p + 6, eol - p - 6), 0);

    f->event.n = 0;
    f->has_event = 0;
    f->has_field = 0;
    *pp = next + 1;

    return rc;
}


static const uint8_t *
ccp_frame_sse_eol(const uint8_t *p, const uint8_t *end)
{
    const uint8_t  *lf, *cr;

    lf = memchr(p, '\n', end - p);
    cr = memchr(p, '\r', (lf ? lf : end) - p);

    return cr ? cr : lf;
}


/* Behind a line: it was the last of an event, or a comment between two. */

static void
ccp_frame_sse_edge(ccp_frame_t *f, size_t n)
{
    if (!f->has_data && !f->has_event && !f->has_field) {
        f->edge = n;
    }
}


#define CCP_FRAME_AFTER_CR  1  /* a LF that follows belongs to the CR */


static int
ccp_frame_sse_feed(ccp_frame_t *f, const uint8_t *p, size_t n, ccp_frame_pt cb,
    void *ctx)
{
    int             rc;
    const uint8_t  *eol, *start, *end;

    start = p;
    end = p + n;

    while (p < end) {

        if (f->state == CCP_FRAME_AFTER_CR) {
            f->state = 0;
            if (*p == '\n') {
                p++;
                ccp_frame_sse_edge(f, p - start);
                continue;
            }
        }

        eol = ccp_frame_sse_eol(p, end);

        if (eol == NULL) {
            return ccp_buf_add(&f->line, p, end - p);
        }

        rc = ccp_frame_sse_whole(f, &p, eol, end, cb, ctx);

        if (rc == CCP_DECLINED) {

            if (f->line.n) {
                if (ccp_buf_add(&f->line, p, eol - p) != CCP_OK) {
                    return CCP_NOMEM;
                }
                rc = ccp_frame_sse_line(f, f->line.p, f->line.n, cb, ctx);
                f->line.n = 0;

            } else {
                rc = ccp_frame_sse_line(f, p, eol - p, cb, ctx);
            }

            if (*eol == '\r') {
                f->state = CCP_FRAME_AFTER_CR;
            }

            p = eol + 1;
        }

        if (rc != CCP_OK) {
            return rc;
        }

        ccp_frame_sse_edge(f, p - start);
    }

    return CCP_OK;
}


static int
ccp_frame_sse_end(ccp_frame_t *f, ccp_frame_pt cb, void *ctx)
{
    int  rc;

    if (f->line.n) {
        rc = ccp_frame_sse_line(f, f->line.p, f->line.n, cb, ctx);
        f->line.n = 0;

        if (rc != CCP_OK) {
            return rc;
        }
    }

    return ccp_frame_sse_dispatch(f, cb, ctx);
}


/* ---- NDJSON ---- */

static int
ccp_frame_ndjson_line(const uint8_t *p, size_t n, ccp_frame_pt cb, void *ctx)
{
    while (n && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t')) {
        n--;
    }

    while (n && (*p == ' ' || *p == '\t')) {
        p++;
        n--;
    }

    return n ? cb(ctx, ccp_none, ccp_frame_slice(p, n), 0) : CCP_OK;
}


static int
ccp_frame_ndjson_feed(ccp_frame_t *f, const uint8_t *p, size_t n,
    ccp_frame_pt cb, void *ctx)
{
    int             rc;
    const uint8_t  *eol, *start, *end;

    start = p;
    end = p + n;

    while (p < end) {
        eol = memchr(p, '\n', end - p);

        if (eol == NULL) {
            return ccp_buf_add(&f->line, p, end - p);
        }

        if (f->line.n) {
            if (ccp_buf_add(&f->line, p, eol - p) != CCP_OK) {
                return CCP_NOMEM;
            }
            rc = ccp_frame_ndjson_line(f->line.p, f->line.n, cb, ctx);
            f->line.n = 0;

        } else {
            rc = ccp_frame_ndjson_line(p, eol - p, cb, ctx);
        }

        if (rc != CCP_OK) {
            return rc;
        }

        p = eol + 1;
        f->edge = p - start;
    }

    return CCP_OK;
}


/* ---- JSON array ---- */

/*
 * Elements are found by counting brackets outside of strings; anything that
 * is no object or array at depth 1 (commas, white space) is skipped.  A body
 * that is one object instead of an array is delivered as one element.
 */

static int
ccp_frame_array_feed(ccp_frame_t *f, const uint8_t *p, size_t n,
    ccp_frame_pt cb, void *ctx)
{
    int             rc;
    const uint8_t  *first, *start, *end;

    first = p;
    end = p + n;
    start = f->data.n ? p : NULL;

    for ( /* void */ ; p < end; p++) {

        if (f->string) {
            if (f->escape) {
                f->escape = 0;
            } else if (*p == '\\') {
                f->escape = 1;
            } else if (*p == '"') {
                f->string = 0;
            }
            continue;
        }

        if (*p == '"') {
            f->string = 1;
            continue;
        }

        if (*p == '{' || *p == '[') {
            if (!f->started) {
                f->started = 1;
                if (*p == '[') {
                    f->array = 1;
                    continue;
                }
            }
            if (f->depth++ == 0) {
                start = p;
            }
            continue;
        }

        if (*p != '}' && *p != ']') {
            continue;
        }

        if (f->depth == 0) {
            f->closed |= (*p == ']');
            continue;
        }

        if (--f->depth != 0) {
            continue;
        }

        if (f->data.n) {
            if (ccp_buf_add(&f->data, start, p + 1 - start) != CCP_OK) {
                return CCP_NOMEM;
            }
            rc = cb(ctx, ccp_none, ccp_buf_str(&f->data, 0), 0);
            f->data.n = 0;

        } else {
            rc = cb(ctx, ccp_none, ccp_frame_slice(start, p + 1 - start), 0);
        }

        start = NULL;

        if (rc != CCP_OK) {
            return rc;
        }

        f->edge = p + 1 - first;
    }

    return start ? ccp_buf_add(&f->data, start, end - start) : CCP_OK;
}


int
ccp_frame_feed(ccp_frame_t *f, const uint8_t *p, size_t n, ccp_frame_pt cb,
    void *ctx)
{
    f->edge = 0;

    switch (f->kind) {
    case CCP_FRAME_SSE:
        return ccp_frame_sse_feed(f, p, n, cb, ctx);
    case CCP_FRAME_NDJSON:
        return ccp_frame_ndjson_feed(f, p, n, cb, ctx);
    default:
        return ccp_frame_array_feed(f, p, n, cb, ctx);
    }
}


int
ccp_frame_end(ccp_frame_t *f, ccp_frame_pt cb, void *ctx)
{
    int  rc;

    switch (f->kind) {

    case CCP_FRAME_SSE:
        return ccp_frame_sse_end(f, cb, ctx);

    case CCP_FRAME_NDJSON:
        rc = CCP_OK;
        if (f->line.n) {
            rc = ccp_frame_ndjson_line(f->line.p, f->line.n, cb, ctx);
            f->line.n = 0;
        }
        return rc;

    default:
        /* an element that never closed: the reader will say so */
        rc = CCP_OK;
        if (f->data.n) {
            rc = cb(ctx, ccp_none, ccp_buf_str(&f->data, 0), 0);
            f->data.n = 0;
        }
        return rc;
    }
}
