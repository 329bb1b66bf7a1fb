
/*
 * ccproxy_zone NAME:SIZE: the memory in which workers share what they know of
 * pairs.  It is kept over reloads, and lost with the master process.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"


/* Signs of life of a worker; three of them are a lease. */
#define NGX_HTTP_CCPROXY_BEAT         (CCP_POOL_LEASE / 3)

/*
 * Workers that end their requests after reloads are counted beside new ones;
 * machines of many processors have places for fewer generations of them, as
 * each place takes room in the state of each name.
 */
#define NGX_HTTP_CCPROXY_GENERATIONS  8
#define NGX_HTTP_CCPROXY_PLACES_MIN   32
#define NGX_HTTP_CCPROXY_PLACES_MAX   128

#define NGX_HTTP_CCPROXY_ZONE_MIN     (8 * ngx_pagesize)


static ngx_int_t ngx_http_ccproxy_zone_init_shm(ngx_shm_zone_t *shm,
    void *data);
static void ngx_http_ccproxy_zone_beat(ngx_event_t *ev);


static ngx_int_t
ngx_http_ccproxy_zone_add(ngx_conf_t *cf, ngx_str_t *name, size_t size)
{
    ngx_http_ccproxy_zone_t       *zone;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_zone_t));
    if (zone == NULL) {
        return NGX_ERROR;
    }

    zone->shm = ngx_shared_memory_add(cf, name, size,
                                      &ngx_http_ccproxy_module);
    if (zone->shm == NULL) {
        return NGX_ERROR;
    }

    if (zone->shm->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the shared memory \"%V\" is in use for something "
                           "else: write another name", name);
        return NGX_ERROR;
    }

    zone->pools = &mcf->pools;
    zone->shm->init = ngx_http_ccproxy_zone_init_shm;
    zone->shm->data = zone;

    mcf->zone = zone;

    return NGX_OK;
}


char *
ngx_http_ccproxy_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_main_conf_t  *mcf = conf;

    u_char     *p;
    ssize_t     n;
    ngx_str_t  *value, name, size;

    value = cf->args->elts;

    if (mcf->zone) {
        return "is duplicate";
    }

    p = ngx_strlchr(value[1].data, value[1].data + value[1].len, ':');

    if (p == NULL || p == value[1].data) {
        return "needs a name and a size: write \"ccproxy_zone ccproxy:1m;\"";
    }

    name.data = value[1].data;
    name.len = p - value[1].data;

    /* other memory of the module's: counters, addresses, groups, tools */

    if (name.len > sizeof(NGX_HTTP_CCPROXY_ZONE_NAME)
        && ngx_strncmp(name.data, NGX_HTTP_CCPROXY_ZONE_NAME "_",
                       sizeof(NGX_HTTP_CCPROXY_ZONE_NAME))
           == 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "names that begin with \"ccproxy_\" are of the "
                           "module's own zones: write \"ccproxy_zone "
                           "ccproxy:1m;\", or another name than \"%V\"",
                           &name);
        return NGX_CONF_ERROR;
    }

    size.data = p + 1;
    size.len = value[1].data + value[1].len - size.data;

    n = ngx_parse_size(&size);

    if (n == NGX_ERROR || n < (ssize_t) NGX_HTTP_CCPROXY_ZONE_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid size of zone in \"%V\": write \"%V:1m\"; "
                           "the least is %uzk", &value[1], &name,
                           NGX_HTTP_CCPROXY_ZONE_MIN / 1024);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_ccproxy_zone_add(cf, &name, n) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }

    return ngx_strncmp(value[2].data, "state=", 6) == 0
           ? ngx_http_ccproxy_state(cf, &value[2])
           : "knows one word behind name and size: \"state=FILE\"";
}


ngx_int_t
ngx_http_ccproxy_zone_init(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_str_t  name = ngx_string(NGX_HTTP_CCPROXY_ZONE_NAME);

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->zone || mcf->pools.nelts == 0) {
        return NGX_OK;
    }

    return ngx_http_ccproxy_zone_add(cf, &name, NGX_HTTP_CCPROXY_ZONE_SIZE);
}


/* All pages of a zone that is new become the pool's block. */

static ngx_int_t
ngx_http_ccproxy_zone_create(ngx_http_ccproxy_zone_t *zone)
{
    void       *block;
    size_t      size;
    ngx_uint_t  workers;

    size = zone->shpool->pfree * ngx_pagesize;

    block = ngx_slab_alloc(zone->shpool, size);
    if (block == NULL) {
        return NGX_ERROR;
    }

#if (NGX_DEBUG_MALLOC)
    ngx_memzero(block, size);
#endif

    workers = ngx_ncpu * NGX_HTTP_CCPROXY_GENERATIONS;
    workers = ngx_min(workers, NGX_HTTP_CCPROXY_PLACES_MAX);
    workers = ngx_max(workers, NGX_HTTP_CCPROXY_PLACES_MIN);
    workers = ngx_max(workers, (ngx_uint_t) ngx_ncpu * 2);

    zone->pool = ccp_pool_init(block, size, (uint32_t) workers);
    if (zone->pool == NULL) {
        return NGX_ERROR;
    }

    zone->shpool->data = zone->pool;

    return NGX_OK;
}


/* The lists of all pools, and memory for their names. */

static ccp_pool_list_t **
ngx_http_ccproxy_zone_lists(ngx_http_ccproxy_zone_t *zone, uint64_t **names)
{
    size_t                     n;
    ngx_uint_t                 i;
    ccp_pool_list_t          **lists;
    ngx_http_ccproxy_pool_t  **pp;

    pp = zone->pools->elts;

    lists = ngx_alloc((zone->pools->nelts + 1) * sizeof(ccp_pool_list_t *),
                      zone->shm->shm.log);
    if (lists == NULL) {
        return NULL;
    }

    for (i = 0; i < zone->pools->nelts; i++) {
        lists[i] = &pp[i]->list;
    }

    if (names) {
        n = ccp_pool_names(lists, zone->pools->nelts);

        *names = ngx_alloc((n + 1) * sizeof(uint64_t), zone->shm->shm.log);
        if (*names == NULL) {
            ngx_free(lists);
            return NULL;
        }
    }

    return lists;
}


/* Whether each pair will find a place; nothing is changed, as nginx may refuse
 * the configuration yet. */

static ngx_int_t
ngx_http_ccproxy_zone_fits(ngx_http_ccproxy_zone_t *zone)
{
    size_t             missing;
    uint64_t          *names;
    ccp_pool_list_t  **lists;

    lists = ngx_http_ccproxy_zone_lists(zone, &names);
    if (lists == NULL) {
        return NGX_ERROR;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);
    missing = ccp_pool_missing(zone->pool, lists, zone->pools->nelts, names,
                               ngx_current_msec);
    ngx_shmtx_unlock(&zone->shpool->mutex);

    ngx_free(lists);
    ngx_free(names);

    if (missing == 0) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, zone->shm->shm.log, 0,
                  "the zone \"%V\" is too small by %uz pairs of a target and "
                  "a key: write \"ccproxy_zone %V:%uzm;\"",
                  &zone->shm->shm.name, missing, &zone->shm->shm.name,
                  zone->shm->shm.size * 2 / (1024 * 1024) + 1);

    return NGX_ERROR;
}


/*
 * Gives each pair its place; what has the same name finds what it had.  A pair
 * without a place would find one at its first try.
 */

void
ngx_http_ccproxy_zone_commit(ngx_cycle_t *cycle)
{
    ccp_pool_list_t              **lists;
    ngx_http_ccproxy_zone_t       *zone;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    if (mcf == NULL || mcf->zone == NULL) {
        return;
    }

    zone = mcf->zone;

    lists = ngx_http_ccproxy_zone_lists(zone, NULL);
    if (lists == NULL) {
        return;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);
    (void) ccp_pool_bind(zone->pool, lists, zone->pools->nelts,
                         ngx_current_msec);
    ngx_shmtx_unlock(&zone->shpool->mutex);

    ngx_free(lists);
}


static ngx_int_t
ngx_http_ccproxy_zone_init_shm(ngx_shm_zone_t *shm, void *data)
{
    ngx_http_ccproxy_zone_t  *old = data;

    ngx_http_ccproxy_zone_t  *zone;

    zone = shm->data;
    zone->shpool = (ngx_slab_pool_t *) shm->shm.addr;

    if (old) {
        zone->pool = old->pool;

    } else if (shm->shm.exists) {
        zone->pool = zone->shpool->data;

    } else if (ngx_http_ccproxy_zone_create(zone) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, shm->shm.log, 0,
                      "the zone \"%V\" is too small for any pool",
                      &shm->shm.name);
        return NGX_ERROR;
    }

    return ngx_http_ccproxy_zone_fits(zone);
}


/* A worker that was killed is known to be dead before its lease ends. */

static void
ngx_http_ccproxy_zone_reap(ccp_pool_t *pool)
{
    uint32_t  i;
    uint64_t  pid;

    for (i = 0; i < ccp_pool_workers(pool); i++) {

        pid = ccp_pool_worker_owner(pool, i);

        if (pid && kill((ngx_pid_t) pid, 0) == -1 && ngx_errno == NGX_ESRCH) {
            ccp_pool_worker_forget(pool, pid);
        }
    }
}


ngx_int_t
ngx_http_ccproxy_zone_process(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_zone_t       *zone;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    if (mcf == NULL || mcf->zone == NULL) {
        return NGX_OK;
    }

    zone = mcf->zone;

    ngx_shmtx_lock(&zone->shpool->mutex);
    ngx_http_ccproxy_zone_reap(zone->pool);
    ccp_pool_worker_attach(zone->pool, &zone->worker, (uint64_t) ngx_pid,
                           ngx_current_msec);
    ngx_shmtx_unlock(&zone->shpool->mutex);

    zone->beat_conn.fd = (ngx_socket_t) -1;
    zone->beat_conn.data = zone;

    zone->beat.handler = ngx_http_ccproxy_zone_beat;
    zone->beat.data = &zone->beat_conn;
    zone->beat.log = cycle->log;
    zone->beat.cancelable = 1;

    ngx_add_timer(&zone->beat, NGX_HTTP_CCPROXY_BEAT);

    return NGX_OK;
}


/* Also while the worker ends what it has: it lives until then. */

static void
ngx_http_ccproxy_zone_beat(ngx_event_t *ev)
{
    ngx_connection_t         *c;
    ngx_http_ccproxy_zone_t  *zone;

    c = ev->data;
    zone = c->data;

    ngx_shmtx_lock(&zone->shpool->mutex);
    ngx_http_ccproxy_zone_reap(zone->pool);
    ccp_pool_worker_beat(zone->pool, &zone->worker, ngx_current_msec);
    ngx_shmtx_unlock(&zone->shpool->mutex);

    ngx_add_timer(ev, NGX_HTTP_CCPROXY_BEAT);
}


void
ngx_http_ccproxy_zone_exit(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_zone_t       *zone;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    if (mcf == NULL || mcf->zone == NULL || mcf->zone->worker.owner == 0) {
        return;
    }

    zone = mcf->zone;

    ngx_shmtx_lock(&zone->shpool->mutex);
    ccp_pool_worker_detach(zone->pool, &zone->worker);
    ngx_shmtx_unlock(&zone->shpool->mutex);
}
