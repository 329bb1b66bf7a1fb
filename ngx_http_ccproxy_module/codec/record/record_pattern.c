
/*
 * Patterns of what records must not hold.
 */

#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>
#include <stdio.h>

#include "codec/record/record_private.h"


/* Steps from one place of a text before an expression gives up. */
#define CCP_RECORD_STEPS     100000

#define CCP_RECORD_INSTEAD   "[redacted]"


static void *
ccp_record_malloc(PCRE2_SIZE n, void *arena)
{
    return ccp_regrow(arena, NULL, 0, n);
}


static void
ccp_record_free(void *p, void *arena)
{
    ccp_release(arena, p);
}


static pcre2_general_context *
ccp_record_memory(ccp_arena_t *a)
{
    return pcre2_general_context_create(ccp_record_malloc, ccp_record_free,
                                        a);
}


/* Whether it matches where nothing is, which would be everywhere. */

static int
ccp_record_empty(pcre2_code *re, pcre2_general_context *gc)
{
    int                rc;
    pcre2_match_data  *md;

    md = pcre2_match_data_create_from_pattern(re, gc);
    if (md == NULL) {
        return CCP_NOMEM;
    }

    rc = pcre2_match(re, (PCRE2_SPTR) "", 0, 0, 0, md, NULL);
    pcre2_match_data_free(md);

    return rc >= 0 ? CCP_INVALID : CCP_OK;
}


int
ccp_record_pattern(ccp_record_pattern_t *p, ccp_str_t expr, ccp_arena_t *a,
    char *wrong, size_t size)
{
    int                     rc, err;
    PCRE2_SIZE              at;
    pcre2_code             *re;
    pcre2_compile_context  *cc;
    pcre2_general_context  *gc;

    gc = ccp_record_memory(a);
    if (gc == NULL) {
        return CCP_NOMEM;
    }

    rc = CCP_NOMEM;
    cc = pcre2_compile_context_create(gc);

    if (cc) {
        re = pcre2_compile(expr.p, expr.n, PCRE2_UTF, &err, &at, cc);
        pcre2_compile_context_free(cc);

        if (re == NULL && err != PCRE2_ERROR_HEAP_FAILED) {
            rc = CCP_INVALID;

            if (pcre2_get_error_message(err, (PCRE2_UCHAR *) wrong, size)
                < 0)
            {
                snprintf(wrong, size, "it can't be read");
            }

        } else if (re) {
            rc = ccp_record_empty(re, gc);
            p->re = re;
        }

        if (re && rc == CCP_INVALID) {
            snprintf(wrong, size, "it matches the empty text");
        }
    }

    pcre2_general_context_free(gc);

    return rc;
}


/* One pattern; as ccp_record_redact(). */

static int
ccp_record_replace(pcre2_code *re, ccp_str_t text, pcre2_match_data *md,
    pcre2_match_context *mc, ccp_buf_t *out)
{
    int          rc;
    PCRE2_SIZE   at, *v;

    out->n = 0;
    v = pcre2_get_ovector_pointer(md);

    for (at = 0; at <= text.n; at = v[1]) {

        rc = pcre2_match(re, text.p, text.n, at,
                         PCRE2_NO_UTF_CHECK|PCRE2_NOTEMPTY, md, mc);

        if (rc == PCRE2_ERROR_NOMATCH) {
            break;
        }

        if (rc == PCRE2_ERROR_NOMEMORY || rc == PCRE2_ERROR_HEAPLIMIT) {
            return CCP_NOMEM;
        }

        /* \K may put the beginning of a match before its place */

        if (rc < 0 || v[0] < at || v[1] <= at) {

            /* nobody knows what is in it */

            out->n = 0;
            return ccp_buf_add(out, CCP_RECORD_INSTEAD,
                               sizeof(CCP_RECORD_INSTEAD) - 1);
        }

        if (ccp_buf_add(out, text.p + at, v[0] - at) != CCP_OK
            || ccp_buf_add(out, CCP_RECORD_INSTEAD,
                           sizeof(CCP_RECORD_INSTEAD) - 1)
               != CCP_OK)
        {
            return CCP_NOMEM;
        }
    }

    if (at == 0) {
        return CCP_DECLINED;
    }

    return ccp_buf_add(out, text.p + at, text.n - at);
}


/* All of them, each on what the one before it left. */

static int
ccp_record_replace_all(const ccp_record_pattern_t *p, ccp_str_t text,
    pcre2_general_context *gc, ccp_arena_t *a, ccp_buf_t *out)
{
    int                   rc, found;
    ccp_buf_t             left;
    pcre2_match_data     *md;
    pcre2_match_context  *mc;

    found = CCP_DECLINED;
    rc = CCP_NOMEM;
    ccp_buf_init(&left, a, 0);

    mc = pcre2_match_context_create(gc);

    if (mc) {
        pcre2_set_match_limit(mc, CCP_RECORD_STEPS);
    }

    for ( /* void */ ; mc && p; p = p->next) {

        md = pcre2_match_data_create_from_pattern(p->re, gc);
        if (md == NULL) {
            break;
        }

        rc = ccp_record_replace(p->re, text, md, mc, out);
        pcre2_match_data_free(md);

        if (rc == CCP_NOMEM) {
            break;
        }

        if (rc == CCP_OK) {
            found = CCP_OK;
            left.n = 0;

            if (ccp_buf_add(&left, out->p, out->n) != CCP_OK) {
                rc = CCP_NOMEM;
                break;
            }

            text = ccp_buf_str(&left, 0);
        }
    }

    pcre2_match_context_free(mc);

    if (rc != CCP_NOMEM && found == CCP_OK) {
        out->n = 0;
        rc = ccp_buf_add(out, text.p, text.n);
        found = rc;
    }

    ccp_buf_free(&left);

    return rc == CCP_NOMEM ? rc : found;
}


int
ccp_record_redact(const ccp_record_pattern_t *patterns, ccp_str_t text,
    ccp_arena_t *a, ccp_buf_t *out)
{
    int                     rc;
    pcre2_general_context  *gc;

    gc = ccp_record_memory(a);
    if (gc == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_record_replace_all(patterns, text, gc, a, out);
    pcre2_general_context_free(gc);

    return rc;
}
