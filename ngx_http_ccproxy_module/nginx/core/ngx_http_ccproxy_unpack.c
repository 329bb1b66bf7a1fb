
/*
 * Content-Encoding of requests and of answers: what it says, and who reads it.
 */

#include "nginx/core/ngx_http_ccproxy.h"


/* Several lines are one list. */

ngx_int_t
ngx_http_ccproxy_unpack_value(ngx_pool_t *pool, ngx_list_t *headers,
    ngx_str_t *value)
{
    u_char           *p;
    ngx_str_t         list;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    static ngx_str_t  name = ngx_string("content-encoding");

    ngx_str_null(value);

    for (part = &headers->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].key.len != name.len
                || ngx_strncasecmp(h[i].key.data, name.data, name.len) != 0)
            {
                continue;
            }

            if (value->len == 0) {
                *value = h[i].value;
                continue;
            }

            list.len = value->len + sizeof(", ") - 1 + h[i].value.len;
            list.data = ngx_pnalloc(pool, list.len);

            if (list.data == NULL) {
                return NGX_ERROR;
            }

            p = ngx_cpymem(list.data, value->data, value->len);
            p = ngx_cpymem(p, ", ", sizeof(", ") - 1);
            ngx_memcpy(p, h[i].value.data, h[i].value.len);

            *value = list;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_unpack(ngx_http_request_t *r, ngx_str_t *encoding,
    ccp_unpack_t **u, ngx_str_t *name)
{
    int        rc;
    ccp_mem_t  mem;
    ccp_str_t  unknown;

    ngx_http_ccproxy_mem(r, &mem);

    rc = ccp_unpack_create(u, &mem, ngx_http_ccproxy_slice(encoding),
                           &unknown);

    if (rc == CCP_INVALID) {
        name->data = (u_char *) unknown.p;
        name->len = unknown.n;

        return NGX_DECLINED;
    }

    return rc == CCP_OK ? NGX_OK : NGX_ERROR;
}
