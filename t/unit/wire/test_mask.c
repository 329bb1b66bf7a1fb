
/*
 * A secret is covered in each spelling that JSON has for it, and found where
 * it is cut.
 */

#include "codec/base/base_mask.h"
#include "ut.h"


#define SECRET  "sk/se\"cret-01"

static const char *const  ut_spelled[] = {
    "sk/se\"cret-01", "sk\\/se\\\"cret-01",
    "\\u0073k/se\"cret-01", "sk\\u002Fse\\u0022cret-01",
    "\\u0073\\u006b\\u002f\\u0073\\u0065\\u0022\\u0063\\u0072\\u0065\\u0074"
        "\\u002d\\u0030\\u0031"
};

static const char *const  ut_others[] = {
    "sk/se\"cret-02", "sk/se\"cret-0", "\\u0074k/se\"cret-01",
    "s\\k/se\"cret-01", "\\u00s3k/se\"cret-01"
};


int
main(void)
{
    char    buf[256];
    size_t  i, n;

    for (i = 0; i < ccp_countof(ut_spelled); i++) {
        n = (size_t) snprintf(buf, sizeof(buf), "a\\n%s.%s", ut_spelled[i],
                              ut_spelled[i]);

        UT_CHECK(ccp_mask_finds(ccp_cstr(buf), ccp_lit(SECRET)), "found: %s",
                 buf);
        ccp_mask((uint8_t *) buf, n, ccp_lit(SECRET));
        UT_CHECK(strspn(buf + 3, "*") == strlen(ut_spelled[i])
                 && buf[3 + strlen(ut_spelled[i])] == '.'
                 && strspn(buf + 4 + strlen(ut_spelled[i]), "*")
                    == strlen(ut_spelled[i]), "covered: %s", buf);
    }

    for (i = 0; i < ccp_countof(ut_others); i++) {
        UT_CHECK(!ccp_mask_finds(ccp_cstr(ut_others[i]), ccp_lit(SECRET)),
                 "another: %s", ut_others[i]);
    }

    UT_CHECK(!ccp_mask_finds(ccp_lit("abc abc"), ccp_lit("abc"))
             && !ccp_mask_finds(ccp_lit("abc"), ccp_none),
             "what is short, or absent, is no secret");

    return ut_done();
}
