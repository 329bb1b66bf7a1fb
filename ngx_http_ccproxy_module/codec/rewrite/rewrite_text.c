
/*
 * Prompt tools: texts that become others.
 */

#define _GNU_SOURCE                        /* memmem() */
#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>
#include <stdio.h>

#include "codec/rewrite/rewrite_prompt.h"
#include "codec/base/base_buf.h"


/* Steps from one place of a text before an expression gives up. */
#define CCP_PROMPT_STEPS   10000

#define CCP_PROMPT_OPTIONS                                                    \
    (PCRE2_SUBSTITUTE_GLOBAL|PCRE2_SUBSTITUTE_UNSET_EMPTY                     \
     |PCRE2_SUBSTITUTE_OVERFLOW_LENGTH)


static void *
ccp_prompt_malloc(PCRE2_SIZE n, void *arena)
{
    return ccp_regrow(arena, NULL, 0, n);
}


static void
ccp_prompt_free(void *p, void *arena)
{
    ccp_release(arena, p);
}


static pcre2_general_context *
ccp_prompt_memory(ccp_arena_t *a)
{
    return pcre2_general_context_create(ccp_prompt_malloc, ccp_prompt_free, a);
}


/* One expression on one text; grows *out until it fits. */

static int
ccp_prompt_substitute(const pcre2_code *re, ccp_str_t text, ccp_str_t to,
    pcre2_general_context *gc, ccp_arena_t *a, uint8_t **out, PCRE2_SIZE *n)
{
    int                   rc, tries;
    pcre2_match_data     *md;
    pcre2_match_context  *mc;

    *out = NULL;
    rc = PCRE2_ERROR_NOMEMORY;

    md = pcre2_match_data_create_from_pattern(re, gc);
    mc = pcre2_match_context_create(gc);

    if (md && mc) {
        pcre2_set_match_limit(mc, CCP_PROMPT_STEPS);
        *n = text.n + to.n + 64;

        for (tries = 0; tries < 2 && rc == PCRE2_ERROR_NOMEMORY; tries++) {
            ccp_release(a, *out);

            *out = ccp_regrow(a, NULL, 0, *n);
            if (*out == NULL) {
                break;
            }

            rc = pcre2_substitute(re, text.p, text.n, 0, CCP_PROMPT_OPTIONS,
                                  md, mc, to.p, to.n, *out, n);
        }
    }

    pcre2_match_context_free(mc);
    pcre2_match_data_free(md);

    return rc;
}


/*
 * The replacement is read only where something matches: the same expression,
 * or nothing, does everywhere, and it has the same groups.
 */

static pcre2_code *
ccp_prompt_probe(ccp_str_t from, size_t skip, uint32_t options,
    pcre2_compile_context *cc, ccp_arena_t *a)
{
    int          err;
    uint8_t     *text;
    pcre2_code  *probe;
    PCRE2_SIZE   at;

    text = ccp_regrow(a, NULL, 0, from.n);
    if (text == NULL) {
        return NULL;
    }

    memcpy(text, from.p + skip, from.n - skip);
    text[from.n - skip] = '|';

    probe = pcre2_compile(text, from.n - skip + 1, options, &err, &at, cc);
    ccp_release(a, text);

    return probe;
}


int
ccp_prompt_pair(ccp_prompt_pair_t *pair, ccp_str_t from, ccp_str_t to,
    ccp_arena_t *a, char *wrong, size_t size)
{
    int                     rc;
    size_t                  skip;
    uint8_t                *out;
    uint32_t                options;
    PCRE2_SIZE              n, at;
    pcre2_code             *probe;
    pcre2_compile_context  *cc;
    pcre2_general_context  *gc;

    memset(pair, 0, sizeof(ccp_prompt_pair_t));
    pair->from = from;
    pair->to = to;

    if (from.n == 0 || from.p[0] != '~') {
        return CCP_OK;
    }

    skip = from.n > 1 && from.p[1] == '*' ? 2 : 1;
    options = PCRE2_UTF | (skip == 2 ? PCRE2_CASELESS : 0);

    gc = ccp_prompt_memory(a);
    cc = gc ? pcre2_compile_context_create(gc) : NULL;

    if (cc == NULL) {
        return CCP_NOMEM;
    }

    pair->re = pcre2_compile(from.p + skip, from.n - skip, options, &rc, &at,
                             cc);

    if (pair->re == NULL) {
        n = (PCRE2_SIZE) snprintf(wrong, size, "at byte %zu: ", at + skip);
        pcre2_get_error_message(rc, (PCRE2_UCHAR *) wrong + n, size - n);
        return CCP_INVALID;
    }

    probe = ccp_prompt_probe(from, skip, options, cc, a);
    if (probe == NULL) {
        return CCP_NOMEM;
    }

    rc = ccp_prompt_substitute(probe, ccp_lit(""), to, gc, a, &out, &n);

    ccp_release(a, out);
    pcre2_code_free(probe);
    pcre2_compile_context_free(cc);

    if (rc < 0) {
        pcre2_get_error_message(rc, (PCRE2_UCHAR *) wrong, size);
        return CCP_INVALID;
    }

    return CCP_OK;
}


static ccp_str_t
ccp_prompt_expression(const ccp_prompt_pair_t *pair, ccp_str_t text,
    ccp_arena_t *a, int *err)
{
    int                     rc;
    uint8_t                *out;
    ccp_str_t               s = ccp_none;
    PCRE2_SIZE              n;
    pcre2_general_context  *gc;

    gc = ccp_prompt_memory(a);
    if (gc == NULL) {
        *err = 1;
        return s;
    }

    rc = ccp_prompt_substitute(pair->re, text, pair->to, gc, a, &out, &n);

    pcre2_general_context_free(gc);

    if (rc > 0) {
        s.p = out;
        s.n = n;
        return s;
    }

    ccp_release(a, out);
    *err |= (rc == PCRE2_ERROR_NOMEMORY);

    return s;
}


static ccp_str_t
ccp_prompt_literal(const ccp_prompt_pair_t *pair, ccp_str_t text,
    ccp_arena_t *a, int *err)
{
    ccp_buf_t       b;
    const uint8_t  *p, *hit, *end;

    p = text.p;
    end = p + text.n;

    hit = memmem(p, end - p, pair->from.p, pair->from.n);
    if (hit == NULL) {
        return ccp_none;
    }

    ccp_buf_init(&b, a, 0);
    ccp_buf_reserve(&b, text.n + 1);

    while (hit) {
        ccp_buf_add(&b, p, hit - p);
        ccp_buf_add(&b, pair->to.p, pair->to.n);
        p = hit + pair->from.n;
        hit = memmem(p, end - p, pair->from.p, pair->from.n);
    }

    ccp_buf_add(&b, p, end - p);
    *err |= b.err;

    return ccp_buf_str(&b, 0);
}


ccp_str_t
ccp_prompt_replaced(const ccp_prompt_rules_t *rules, ccp_str_t text,
    ccp_arena_t *a, int *err)
{
    size_t                    i;
    ccp_str_t                 s, new;
    const ccp_prompt_pair_t  *pair;

    if (rules->npairs == 0) {
        return ccp_none;
    }

    text = ccp_str_plain(a, text);
    if (text.p == NULL) {
        *err = 1;
        return ccp_none;
    }

    s = ccp_none;

    for (i = 0; i < rules->npairs; i++) {
        pair = &rules->pairs[i];

        new = pair->re ? ccp_prompt_expression(pair, text, a, err)
                       : ccp_prompt_literal(pair, text, a, err);

        if (new.p) {
            ccp_release(a, (void *) s.p);
            s = new;
            text = new;
        }
    }

    return s;
}
