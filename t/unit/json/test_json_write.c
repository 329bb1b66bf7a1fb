
/*
 * The JSON writer: numbers, names, words and where commas stand.
 */

#include "codec/json/json_write.h"
#include "ut.h"


/* Texts with something to be escaped, which the compiler knows or not. */
#define UT_KNOWN  "say \"hi\"\n"

static const char  *volatile ut_any = UT_KNOWN;


static int
ut_int_wrong(int64_t v)
{
    int           wrong;
    char          want[32];
    ccp_out_t     o;
    ccp_arena_t  *a;

    snprintf(want, sizeof(want), "%lld", (long long) v);

    a = ut_arena();
    ccp_out_init(&o, a, 0);
    ccp_w_int(&o, v);
    wrong = ccp_out_finish(&o) != CCP_OK || !ut_str_is(ccp_out_all(&o), want);
    ccp_arena_destroy(a);

    if (wrong) {
        printf("# %s\n", want);
    }

    return wrong;
}


static void
test_ints(void)
{
    int      i, bad;
    int64_t  v;

    bad = ut_int_wrong(0) + ut_int_wrong(INT64_MIN) + ut_int_wrong(INT64_MAX)
          + ut_int_wrong(INT64_MIN + 1);

    for (i = 0, v = 1; i < 19; i++, v *= i < 19 ? 10 : 1) {
        bad += ut_int_wrong(v) + ut_int_wrong(-v) + ut_int_wrong(v - 1)
               + ut_int_wrong(1 - v) + ut_int_wrong(v / 7 * 3);
    }

    UT_CHECK(bad == 0, "integers of all lengths");
}


/* From no memory at all, and into memory that is there. */

static void
test_document(void)
{
    int            k, bad;
    const char    *any;
    ccp_out_t      o;
    ccp_arena_t   *a;

    bad = 0;
    any = ut_any;
    a = ut_arena();
    ccp_out_init(&o, a, 0);

    for (k = 0; k < 2; k++) {
        ccp_out_reset(&o);
        ccp_w_obj(&o);
        ccp_w_kcstr(&o, "role", "user");
        ccp_w_kcstr(&o, "any", any);
        ccp_w_kstr(&o, any, ccp_lit("a\tb"));
        ccp_w_kint(&o, "n", -12);
        ccp_w_key(&o, "list");
        ccp_w_arr(&o);
        ccp_w_cstr(&o, "");
        ccp_w_cstr(&o, "x");
        ccp_w_cstr(&o, UT_KNOWN);
        ccp_w_int(&o, 0);
        ccp_w_bool(&o, 1);
        ccp_w_arr_end(&o);
        ccp_w_knull(&o, "z");
        ccp_w_kbool(&o, "f", 0);
        ccp_w_kstr_opt(&o, "absent", ccp_none);
        ccp_w_kraw_opt(&o, "raw", ccp_lit("[1]"));
        ccp_w_obj_end(&o);

        bad += ccp_out_finish(&o) != CCP_OK
               || !ut_str_is(ccp_out_all(&o),
                      "{\"role\":\"user\",\"any\":\"say \\\"hi\\\"\\n\","
                      "\"say \\\"hi\\\"\\n\":\"a\\tb\",\"n\":-12,"
                      "\"list\":[\"\",\"x\",\"say \\\"hi\\\"\\n\",0,true],\"z\":null,\"f\":false,"
                      "\"raw\":[1]}");
    }

    ccp_arena_destroy(a);

    UT_CHECK(bad == 0, "names, words, values and the commas between");
}


int
main(void)
{
    test_ints();
    test_document();

    return ut_done();
}
