
/*
 * How long an upstream wants to be left alone, by its header lines.
 *
 * Retry-After is seconds or a date (RFC 9110, 10.2.3); Retry-After-Ms is what
 * some send beside it.  Rate limits are pairs of lines: where
 * X-RateLimit-Remaining-WHAT is 0, or isn't told, X-RateLimit-Reset-WHAT tells
 * when there will be more: "6m0s", seconds, or a moment in seconds or
 * milliseconds since 1970.
 */

#include "nginx/balance/ngx_http_ccproxy_balance.h"


/* Numbers from here on are moments, and from there on in milliseconds. */
#define NGX_HTTP_CCPROXY_MOMENT     1000000000
#define NGX_HTTP_CCPROXY_MOMENT_MS  1000000000000

#define NGX_HTTP_CCPROXY_WAIT_MAX   86400


static ngx_table_elt_t *
ngx_http_ccproxy_wait_find(ngx_list_t *headers, ngx_str_t *prefix,
    ngx_str_t *rest)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &headers->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len == prefix->len + rest->len
                && ngx_strncasecmp(h[i].key.data, prefix->data, prefix->len)
                   == 0
                && ngx_strncasecmp(h[i].key.data + prefix->len, rest->data,
                                   rest->len)
                   == 0)
            {
                return &h[i];
            }
        }
    }

    return NULL;
}


/* "6m0s", "59.5s", "20ms", "7": seconds, rounded up; -1 if it is no such. */

static time_t
ngx_http_ccproxy_wait_duration(ngx_str_t *s)
{
    double   sum, n, scale;
    u_char  *p, *last;

    p = s->data;
    last = p + s->len;
    sum = 0;

    while (p < last) {

        if (*p < '0' || *p > '9') {
            return -1;
        }

        for (n = 0; p < last && *p >= '0' && *p <= '9'; p++) {
            n = n * 10 + (*p - '0');
        }

        if (p < last && *p == '.') {
            for (p++, scale = 0.1; p < last && *p >= '0' && *p <= '9'; p++) {
                n += scale * (*p - '0');
                scale /= 10;
            }
        }

        if (last - p >= 2 && p[0] == 'm' && p[1] == 's') {
            n /= 1000;
            p += 2;

        } else if (p < last) {

            switch (*p++) {
            case 'd':
                n *= 86400;
                break;
            case 'h':
                n *= 3600;
                break;
            case 'm':
                n *= 60;
                break;
            case 's':
                break;
            default:
                return -1;
            }
        }

        sum += n;
    }

    if (sum >= NGX_HTTP_CCPROXY_MOMENT_MS) {
        sum = sum / 1000 - ngx_time();

    } else if (sum >= NGX_HTTP_CCPROXY_MOMENT) {
        sum -= ngx_time();
    }

    if (sum <= 0) {
        return -1;
    }

    sum = ngx_min(sum, NGX_HTTP_CCPROXY_WAIT_MAX);

    return (time_t) sum + (sum > (time_t) sum);
}


static time_t
ngx_http_ccproxy_wait_retry_after(ngx_list_t *headers)
{
    time_t            t;
    ngx_str_t         s;
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("retry-after");
    static ngx_str_t  ms = ngx_string("-ms");
    static ngx_str_t  none = ngx_string("");

    h = ngx_http_ccproxy_wait_find(headers, &name, &none);

    if (h) {
        t = ngx_http_ccproxy_wait_duration(&h->value);

        if (t != -1) {
            return t;
        }

        t = ngx_parse_http_time(h->value.data, h->value.len);

        if (t != NGX_ERROR && t > ngx_time()) {
            return ngx_min(t - ngx_time(), NGX_HTTP_CCPROXY_WAIT_MAX);
        }
    }

    h = ngx_http_ccproxy_wait_find(headers, &name, &ms);

    if (h) {
        s = h->value;
        t = ngx_http_ccproxy_wait_duration(&s);

        return t == -1 ? -1 : (t + 999) / 1000;
    }

    return -1;
}


/* The longest wait for something of which nothing is left. */

static time_t
ngx_http_ccproxy_wait_reset(ngx_list_t *headers)
{
    time_t            t, longest;
    ngx_str_t         rest;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *remaining;

    static ngx_str_t  left = ngx_string("x-ratelimit-remaining");
    static ngx_str_t  name = ngx_string("x-ratelimit-reset");

    longest = -1;

    for (part = &headers->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len < name.len
                || ngx_strncasecmp(h[i].key.data, name.data, name.len) != 0)
            {
                continue;
            }

            rest.data = h[i].key.data + name.len;
            rest.len = h[i].key.len - name.len;

            remaining = ngx_http_ccproxy_wait_find(headers, &left, &rest);

            if (remaining == NULL
                || (remaining->value.len == 1
                    && remaining->value.data[0] == '0'))
            {
                t = ngx_http_ccproxy_wait_duration(&h[i].value);
                longest = ngx_max(longest, t);
            }
        }
    }

    return longest;
}


ngx_int_t
ngx_http_ccproxy_wait(ngx_http_request_t *r, ngx_list_t *headers,
    ngx_str_t *wait)
{
    time_t  t;

    ngx_str_null(wait);

    if (r->upstream->headers_in.status_n < NGX_HTTP_BAD_REQUEST) {
        return NGX_OK;
    }

    t = ngx_http_ccproxy_wait_retry_after(headers);

    if (t == -1
        && r->upstream->headers_in.status_n == NGX_HTTP_TOO_MANY_REQUESTS)
    {
        t = ngx_http_ccproxy_wait_reset(headers);
    }

    if (t == -1) {
        return NGX_OK;
    }

    wait->data = ngx_pnalloc(r->pool, NGX_TIME_T_LEN);
    if (wait->data == NULL) {
        return NGX_ERROR;
    }

    wait->len = ngx_sprintf(wait->data, "%T", t) - wait->data;

    return NGX_OK;
}
