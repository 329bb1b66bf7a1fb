
/*
 * The reader against jansson: the same texts are taken, with the same values.
 *
 * Left out are numbers beyond jansson's range, and the values of doubles that
 * ccp_json_num() doesn't read: those of more than 63 characters.
 */

#include <jansson.h>

#include "codec/base/base_arena.h"
#include "codec/json/json_read.h"
#include "fuzz.h"

#define FUZZ_NUM_CHARS   63


static int
fuzz_string(ccp_arena_t *a, ccp_str_t s, const json_t *j)
{
    s = ccp_str_plain(a, s);

    return s.n == json_string_length(j)
           && (s.n == 0 || memcmp(s.p, json_string_value(j), s.n) == 0);
}


static int
fuzz_number(ccp_jval_t v, const json_t *j)
{
    if (json_is_integer(j)) {
        return ccp_json_int(v, -1) == json_integer_value(j);
    }

    return json_is_real(j) && (ccp_json_number(v).n > FUZZ_NUM_CHARS
                               || ccp_json_num(v, -1) == json_real_value(j));
}


static int
fuzz_same(ccp_arena_t *a, ccp_jval_t v, const json_t *j)
{
    size_t       i;
    json_t      *m;
    ccp_str_t    key;
    ccp_jiter_t  it;

    switch (ccp_json_type(v)) {

    case CCP_J_NULL:
        return json_is_null(j);

    case CCP_J_TRUE:
        return json_is_true(j);

    case CCP_J_FALSE:
        return json_is_false(j);

    case CCP_J_STRING:
        return json_is_string(j) && fuzz_string(a, ccp_json_str(v), j);

    case CCP_J_NUMBER:
        return fuzz_number(v, j);

    case CCP_J_ARRAY:
        if (!json_is_array(j) || ccp_json_count(v) != json_array_size(j)) {
            return 0;
        }

        it = ccp_json_iter(v);

        for (i = 0; ccp_json_next(&it); i++) {
            if (!fuzz_same(a, it.val, json_array_get(j, i))) {
                return 0;
            }
        }

        return 1;

    case CCP_J_OBJECT:
        if (!json_is_object(j)) {
            return 0;
        }

        it = ccp_json_iter(v);

        while (ccp_json_next(&it)) {
            key = ccp_str_plain(a, it.key);
            m = json_object_getn(j, (const char *) key.p, key.n);

            /* of equal names the last one counts, an earlier may differ */

            if (m == NULL || (json_object_size(j) == ccp_json_count(v)
                              && !fuzz_same(a, it.val, m)))
            {
                return 0;
            }
        }

        return 1;

    default:
        return 0;
    }
}


int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    int            rc;
    json_t        *j;
    ccp_mem_t      mem = fuzz_mem();
    ccp_json_t     doc;
    ccp_jerr_t     err;
    ccp_arena_t   *a;
    json_error_t   jerr;

    a = ccp_arena_create(&mem, 0);
    ccp_json_init(&doc, a);

    rc = ccp_json_parse(&doc, p, n, CCP_JSON_STRICT|CCP_JSON_ANY, &err);

    /* jansson takes a NUL byte behind the value for the end of the input */

    if (n && memchr(p, 0, n)) {
        if (rc == CCP_OK) {
            abort();
        }

        ccp_arena_destroy(a);
        return 0;
    }

    j = json_loadb((const char *) p, n, JSON_DECODE_ANY, &jerr);

    if (j ? rc != CCP_OK
          : rc == CCP_OK && json_error_code(&jerr)
                            != json_error_numeric_overflow)
    {
        abort();
    }

    if (j && !fuzz_same(a, ccp_json_root(&doc), j)) {
        abort();
    }

    json_decref(j);
    ccp_arena_destroy(a);

    return 0;
}
