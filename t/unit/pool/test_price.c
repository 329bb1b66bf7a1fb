
/*
 * Money: decimal spelling, and what tokens cost to the last digit.
 */

#include <string.h>

#include "pool/pool_price.h"
#include "ut.h"


static void
ut_parse(void)
{
    size_t  i;

    static const struct {
        const char  *text;
        int64_t      value;
    } t[] = {
        { "0", 0 }, { "1", 1000000000 }, { "12", INT64_C(12000000000) },
        { "0.15", 150000000 }, { ".5", 500000000 }, { "5.", 5000000000 },
        { "0.000000001", 1 }, { "0.0000000010", 1 },
        { "10000000", CCP_PRICE_MAX }, { "10000000.000000001", -1 },
        { "0.0000000001", -1 }, { "", -1 }, { ".", -1 }, { "1.2.3", -1 },
        { "-1", -1 }, { "1e3", -1 }, { "1,5", -1 }, { " 1", -1 },
        { "99999999999999999999", -1 }
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        UT_CHECK(ccp_money_parse(t[i].text, strlen(t[i].text)) == t[i].value,
                 "\"%s\"", t[i].text);
    }
}


static void
ut_print(void)
{
    char    buf[CCP_MONEY_LEN];
    size_t  i, n;

    static const struct {
        int64_t      value;
        const char  *text;
    } t[] = {
        { 0, "0" }, { 1, "0.000000001" }, { 150000000, "0.15" },
        { 1000000000, "1" }, { INT64_C(100000000000), "100" },
        { INT64_C(12500000000), "12.5" }, { -5, "0" },
        { INT64_MAX, "9223372036.854775807" }
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        n = ccp_money_print(buf, t[i].value);
        UT_CHECK(n == strlen(t[i].text) && strcmp(buf, t[i].text) == 0,
                 "%s is %s", t[i].text, buf);
    }
}


static void
ut_cost(void)
{
    size_t  i;

    static const struct {
        ccp_price_t      price;
        ccp_price_use_t  use;
        int64_t          cost;
        const char      *what;
    } t[] = {
        { { 150000000, 600000000, 75000000, -1, -1 }, { 10, 20, -1, 0, 12 },
          10200, "fresh, cached, answer" },
        { { 150000000, 600000000, -1, -1, -1 }, { 10, 20, -1, 0, 12 },
          11700, "cached as fresh where it has no price" },
        { { 3000000000, 15000000000, 300000000, 3750000000, 6000000000 },
          { 100, 1000, 300, 200, 10 }, 3075000, "both lifetimes of a cache" },
        { { 3000000000, 15000000000, 300000000, 3750000000, -1 },
          { 0, 0, 300, 200, 0 }, 1875000, "an hour as any write" },
        { { 2800, 2800, -1, -1, -1 }, { 178, 0, 0, 0, 179 }, 1,
          "parts of the least unit are added up: 0.9996 of it" },
        { { 2800, 2800, -1, -1, -1 }, { 178, 0, 0, 0, 0 }, 0, "0.4984 of it" },
        { { 0, 0, 0, 0, 0 }, { 10, 10, 10, 10, 10 }, 0, "for nothing" },
        { { 1, -1, -1, -1, -1 }, { 10, 0, 0, 0, 0 }, 0,
          "no price is needed for what was not used" },
        { { 1, -1, -1, -1, -1 }, { 10, 0, 0, 0, 1 }, -1,
          "but for what was" },
        { { CCP_PRICE_MAX, CCP_PRICE_MAX, CCP_PRICE_MAX, CCP_PRICE_MAX,
            CCP_PRICE_MAX },
          { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX },
          INT64_C(5000000000000000000), "figures beyond reason" }
    };

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        UT_CHECK(ccp_price_cost(&t[i].price, &t[i].use) == t[i].cost, "%s",
                 t[i].what);
    }
}


int
main(void)
{
    ut_parse();
    ut_print();
    ut_cost();

    return ut_done();
}
