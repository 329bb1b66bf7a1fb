
/*
 * Usage of an answer: what counts may be believed, and how they fit together
 * whatever an upstream says.
 *
 *     in_fresh + in_read + in_write (+ in_tool)    the prompt
 *     in_write_5m + in_write_1h <= in_write
 *     out_reason <= out_total
 */

#include "codec/form/form_event.h"


/* No answer has so many tokens: a count above is a fault of its server. */

#define CCP_USAGE_MAX  100000000


const ccp_usage_t  ccp_usage_none = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, { NULL, 0, 0, 0 }, 0
};


const size_t  ccp_usage_counts[CCP_USAGE_NCOUNT] = {
    offsetof(ccp_usage_t, in_fresh),
    offsetof(ccp_usage_t, in_read),
    offsetof(ccp_usage_t, in_write),
    offsetof(ccp_usage_t, in_write_5m),
    offsetof(ccp_usage_t, in_write_1h),
    offsetof(ccp_usage_t, in_tool),
    offsetof(ccp_usage_t, out_total),
    offsetof(ccp_usage_t, out_reason),
    offsetof(ccp_usage_t, searches)
};


int64_t
ccp_usage_value(ccp_jval_t v)
{
    int64_t  n;

    n = ccp_json_int(v, -1);

    return n >= 0 && n <= CCP_USAGE_MAX ? n : -1;
}


int64_t
ccp_usage_count(ccp_jval_t obj, const char *name)
{
    return ccp_usage_value(ccp_json_opt(obj, name));
}


void
ccp_usage_split(ccp_usage_t *u, int64_t prompt)
{
    int64_t  read, write;

    if (prompt < 0) {
        return;
    }

    if (u->in_read > prompt) {
        u->in_read = prompt;
    }

    if (u->in_write > prompt) {
        u->in_write = prompt;
    }

    read = u->in_read > 0 ? u->in_read : 0;
    write = u->in_write > 0 ? u->in_write : 0;

    if (read + write > prompt) {
        /* counted in both: what was read is not written as well */
        u->in_write = write > read ? write - read : 0;
        write = u->in_write;
    }

    u->in_fresh = prompt - read - write;
}


void
ccp_usage_settle(ccp_usage_t *u)
{
    int64_t  write;

    if (u->out_total >= 0 && u->out_reason > u->out_total) {
        u->out_reason = u->out_total;
    }

    write = (u->in_write_5m > 0 ? u->in_write_5m : 0)
            + (u->in_write_1h > 0 ? u->in_write_1h : 0);

    if (u->in_write >= 0 && write > u->in_write) {
        u->in_write_5m = -1;
        u->in_write_1h = -1;
    }
}


void
ccp_usage_add(ccp_usage_t *sum, const ccp_usage_t *u)
{
    size_t          i;
    int64_t        *to;
    const int64_t  *from;

    for (i = 0; i < CCP_USAGE_NCOUNT; i++) {
        from = (const int64_t *) ((const char *) u + ccp_usage_counts[i]);
        to = (int64_t *) ((char *) sum + ccp_usage_counts[i]);

        if (*from >= 0) {
            *to = (*to > 0 ? *to : 0) + *from;
        }
    }

    sum->estimated |= u->estimated;
}


int64_t
ccp_usage_total(const ccp_usage_t *u)
{
    size_t         i;
    int64_t        sum;

    const int64_t  parts[] = {
        u->in_fresh, u->in_read, u->in_write, u->in_tool, u->out_total
    };

    sum = -1;

    for (i = 0; i < ccp_countof(parts); i++) {
        if (parts[i] >= 0) {
            sum = (sum > 0 ? sum : 0) + parts[i];
        }
    }

    return sum;
}
