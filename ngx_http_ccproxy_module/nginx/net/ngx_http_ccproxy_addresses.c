
/*
 * The last addresses of hosts, in memory that workers share and a reload
 * keeps: a new worker has them before it was answered, and while nobody
 * answers.
 */

#include "nginx/net/ngx_http_ccproxy_net.h"


/* Some hundred hosts; then a new one takes the place of that which was told
 * longest ago. */
#define NGX_HTTP_CCPROXY_REMEMBER_SIZE  (16 * 4096)


typedef struct {
    u_char      family;                    /* AF_INET, AF_INET6 */
    u_char      bytes[16];
} ngx_http_ccproxy_addresses_addr_t;


typedef struct {
    uint64_t    host;                      /* hash of the name; 0: free */
    uint64_t    told;                      /* ms, by a clock that is not set */
    ngx_uint_t  n;
    ngx_http_ccproxy_addresses_addr_t  addrs[NGX_HTTP_CCPROXY_REMEMBER_MAX];
} ngx_http_ccproxy_addresses_slot_t;


typedef struct {
    ngx_uint_t                        n;
    ngx_http_ccproxy_addresses_slot_t  slots[1];
} ngx_http_ccproxy_addresses_table_t;


static void *
ngx_http_ccproxy_addresses_create(void *mem, size_t size)
{
    ngx_http_ccproxy_addresses_table_t  *table = mem;

    table->n = (size - offsetof(ngx_http_ccproxy_addresses_table_t, slots))
               / sizeof(ngx_http_ccproxy_addresses_slot_t);

    return table;
}


ngx_int_t
ngx_http_ccproxy_addresses_init(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_addresses"),
        NGX_HTTP_CCPROXY_REMEMBER_SIZE,
        0,
        ngx_http_ccproxy_addresses_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    mcf->addresses = ngx_http_ccproxy_shm_add(cf, &shm);

    return mcf->addresses ? NGX_OK : NGX_ERROR;
}


static uint64_t
ngx_http_ccproxy_addresses_name(ngx_http_ccproxy_host_t *h)
{
    uint64_t  hash;

    hash = ccp_pool_hash(0, h->name.data, h->name.len);

    return hash == 0 ? 1 : hash;
}


/* The host's slot; if there is none, the one for it. */

static ngx_http_ccproxy_addresses_slot_t *
ngx_http_ccproxy_addresses_slot(ngx_http_ccproxy_addresses_table_t *table,
    uint64_t host)
{
    ngx_uint_t                         i;
    ngx_http_ccproxy_addresses_slot_t  *slot, *oldest;

    oldest = &table->slots[0];

    for (i = 0; i < table->n; i++) {
        slot = &table->slots[i];

        if (slot->host == host) {
            return slot;
        }

        if (slot->told < oldest->told) {
            oldest = slot;
        }
    }

    return oldest;
}


static ngx_int_t
ngx_http_ccproxy_addresses_pack(ngx_http_ccproxy_addresses_addr_t *a,
    struct sockaddr *sa)
{
    a->family = (u_char) sa->sa_family;

    switch (sa->sa_family) {

    case AF_INET:
        ngx_memcpy(a->bytes, &((struct sockaddr_in *) sa)->sin_addr, 4);
        return NGX_OK;

#if (NGX_HAVE_INET6)
    case AF_INET6:
        ngx_memcpy(a->bytes, &((struct sockaddr_in6 *) sa)->sin6_addr, 16);
        return NGX_OK;
#endif

    default:
        return NGX_DECLINED;
    }
}


static socklen_t
ngx_http_ccproxy_addresses_unpack(ngx_http_ccproxy_addresses_addr_t *a,
    ngx_sockaddr_t *sa)
{
    ngx_memzero(sa, sizeof(ngx_sockaddr_t));

    sa->sockaddr.sa_family = a->family;

#if (NGX_HAVE_INET6)

    if (a->family == AF_INET6) {
        ngx_memcpy(&sa->sockaddr_in6.sin6_addr, a->bytes, 16);
        return sizeof(struct sockaddr_in6);
    }

#endif

    ngx_memcpy(&sa->sockaddr_in.sin_addr, a->bytes, 4);

    return sizeof(struct sockaddr_in);
}


void
ngx_http_ccproxy_addresses_note(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_host_t *h)
{
    uint64_t                            name;
    ngx_uint_t                          i;
    ngx_slab_pool_t                    *shpool;
    ngx_http_ccproxy_addresses_slot_t   *slot;

    name = ngx_http_ccproxy_addresses_name(h);
    shpool = (ngx_slab_pool_t *) mcf->addresses->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);

    slot = ngx_http_ccproxy_addresses_slot(mcf->addresses->data, name);

    slot->host = name;
    slot->told = ngx_current_msec;
    slot->n = 0;

    for (i = 0; i < h->naddrs && slot->n < NGX_HTTP_CCPROXY_REMEMBER_MAX; i++)
    {
        if (ngx_http_ccproxy_addresses_pack(&slot->addrs[slot->n],
                                            h->addrs[i].sockaddr)
            == NGX_OK)
        {
            slot->n++;
        }
    }

    ngx_shmtx_unlock(&shpool->mutex);
}


ngx_uint_t
ngx_http_ccproxy_addresses_recall(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_host_t *h, ngx_sockaddr_t *sa, ngx_resolver_addr_t *addrs)
{
    uint64_t                            name;
    ngx_uint_t                          i, n;
    ngx_slab_pool_t                    *shpool;
    ngx_http_ccproxy_addresses_slot_t   *slot;

    name = ngx_http_ccproxy_addresses_name(h);
    shpool = (ngx_slab_pool_t *) mcf->addresses->shm.addr;

    ngx_shmtx_lock(&shpool->mutex);

    slot = ngx_http_ccproxy_addresses_slot(mcf->addresses->data, name);
    n = (slot->host == name) ? slot->n : 0;

    for (i = 0; i < n; i++) {
        ngx_memzero(&addrs[i], sizeof(ngx_resolver_addr_t));

        addrs[i].socklen = ngx_http_ccproxy_addresses_unpack(&slot->addrs[i],
                                                             &sa[i]);
        addrs[i].sockaddr = &sa[i].sockaddr;
    }

    ngx_shmtx_unlock(&shpool->mutex);

    return n;
}
