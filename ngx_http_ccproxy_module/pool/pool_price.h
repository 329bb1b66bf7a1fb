
/*
 * Prices and amounts of money, in integers: 10^-9 of a unit that is nobody's
 * business here.
 */

#ifndef CCP_POOL_PRICE_H
#define CCP_POOL_PRICE_H

#include <stddef.h>
#include <stdint.h>


#define CCP_MONEY_UNIT  INT64_C(1000000000)

/* The highest price of a million tokens, and the most tokens of a part. */
#define CCP_PRICE_MAX   (INT64_C(10000000) * CCP_MONEY_UNIT)
#define CCP_PRICE_TOKENS_MAX  100000000

/* Of a million tokens each; negative: not given. */

typedef struct {
    int64_t  in;
    int64_t  out;
    int64_t  cached;           /* read from a cache; not given: as in */
    int64_t  write;            /* written into one; not given: as in */
    int64_t  write_1h;         /* … for an hour; not given: as write */
} ccp_price_t;

/* Tokens, each in one part only; negative: none. */

typedef struct {
    int64_t  in;
    int64_t  cached;
    int64_t  write;            /* but those of the next */
    int64_t  write_1h;
    int64_t  out;
} ccp_price_use_t;


/*
 * Reads "12", "0.075", ".5" as money; what is finer than 10^-9 is refused.
 * -1: it is no amount, or one above CCP_PRICE_MAX.
 */
int64_t ccp_money_parse(const void *p, size_t n);

/* What it costs, rounded once; -1: a part was used that has no price. */
int64_t ccp_price_cost(const ccp_price_t *price, const ccp_price_use_t *use);

/* Writes "0.00042" without needless zeros; returns its length, which is less
 * than CCP_MONEY_LEN. */
size_t ccp_money_print(char *buf, int64_t money);

#define CCP_MONEY_LEN   24


#endif /* CCP_POOL_PRICE_H */
