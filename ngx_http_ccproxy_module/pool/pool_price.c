
/*
 * Prices and amounts of money: decimal spelling, and what tokens cost.
 */

#include <stdio.h>

#include "pool/pool_price.h"


#define CCP_PRICE_TOKENS  1000000
#define CCP_MONEY_DIGITS  9


int64_t
ccp_money_parse(const void *p, size_t n)
{
    int                   point, digits;
    size_t                i;
    int64_t               v;
    const unsigned char  *c = p;

    v = 0;
    point = -1;
    digits = 0;

    for (i = 0; i < n; i++) {

        if (c[i] == '.' && point < 0) {
            point = 0;
            continue;
        }

        if (c[i] < '0' || c[i] > '9') {
            return -1;
        }

        digits++;

        if (point == CCP_MONEY_DIGITS) {

            if (c[i] != '0') {
                return -1;
            }

            continue;
        }

        point += (point >= 0);
        v = v * 10 + (c[i] - '0');

        if (v > CCP_PRICE_MAX) {
            return -1;
        }
    }

    if (digits == 0) {
        return -1;
    }

    for (point = point < 0 ? 0 : point; point < CCP_MONEY_DIGITS; point++) {

        if (v > CCP_PRICE_MAX / 10) {
            return -1;
        }

        v *= 10;
    }

    return v;
}


int64_t
ccp_price_cost(const ccp_price_t *price, const ccp_price_use_t *use)
{
    int      i;
    int64_t  n, each, whole, rest;
    int64_t  prices[5], parts[5];

    prices[0] = price->in;
    prices[1] = price->cached < 0 ? price->in : price->cached;
    prices[2] = price->write < 0 ? price->in : price->write;
    prices[3] = price->write_1h < 0 ? prices[2] : price->write_1h;
    prices[4] = price->out;

    parts[0] = use->in;
    parts[1] = use->cached;
    parts[2] = use->write;
    parts[3] = use->write_1h;
    parts[4] = use->out;

    whole = 0;
    rest = 0;

    for (i = 0; i < 5; i++) {
        n = parts[i];
        each = prices[i];

        if (n <= 0) {
            continue;
        }

        if (each < 0) {
            return -1;
        }

        /* an upstream's figure beyond reason is worth no overflow */

        n = n < CCP_PRICE_TOKENS_MAX ? n : CCP_PRICE_TOKENS_MAX;

        whole += n * (each / CCP_PRICE_TOKENS);
        rest += n * (each % CCP_PRICE_TOKENS);
    }

    return whole + (rest + CCP_PRICE_TOKENS / 2) / CCP_PRICE_TOKENS;
}


size_t
ccp_money_print(char *buf, int64_t money)
{
    int  n;

    money = money < 0 ? 0 : money;

    n = snprintf(buf, CCP_MONEY_LEN, "%lld.%09lld",
                 (long long) (money / CCP_MONEY_UNIT),
                 (long long) (money % CCP_MONEY_UNIT));

    while (buf[n - 1] == '0') {
        n--;
    }

    n -= (buf[n - 1] == '.');
    buf[n] = '\0';

    return (size_t) n;
}
