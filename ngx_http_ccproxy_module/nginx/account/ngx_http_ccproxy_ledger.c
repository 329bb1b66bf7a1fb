
/*
 * The shared memory of the meter and of accounts.  Reloads hand it on; what a
 * worker that died had under way is given back.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"


/* How often a worker looks for dead ones, and accounts are written down. */
#define NGX_HTTP_CCPROXY_LEDGER_BEAT  5000


/* Both lie in one object, the accounts behind the meter. */

static void *
ngx_http_ccproxy_ledger_create(void *mem, size_t size)
{
    u_char  *p = mem;

    (void) size;
    (void) ccp_accounts_init(p + ngx_align(ccp_meter_size(), 64));

    return ccp_meter_init(p);
}


ngx_int_t
ngx_http_ccproxy_ledger_init(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    static ngx_http_ccproxy_shm_t  shm = {
        ngx_string("ccproxy_account"), 0, 0, ngx_http_ccproxy_ledger_create
    };

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    shm.object = ngx_align(ccp_meter_size(), 64) + ccp_accounts_size();

    /* pages have a descriptor each beside the slab pool's own */

    shm.size = shm.object
               + (shm.object / ngx_pagesize + 1) * sizeof(ngx_slab_page_t)
               + 8 * ngx_pagesize;
    shm.size = ngx_align(shm.size, ngx_pagesize);

    mcf->ledger->shm = ngx_http_ccproxy_shm_add(cf, &shm);

    return mcf->ledger->shm ? NGX_OK : NGX_ERROR;
}


void
ngx_http_ccproxy_ledger_lock(ngx_http_ccproxy_ledger_t *ledger)
{
    ngx_shmtx_lock(&ledger->shpool->mutex);
}


void
ngx_http_ccproxy_ledger_unlock(ngx_http_ccproxy_ledger_t *ledger)
{
    ngx_shmtx_unlock(&ledger->shpool->mutex);
}


static void
ngx_http_ccproxy_ledger_forget(ngx_http_ccproxy_ledger_t *ledger,
    uint32_t pid)
{
    size_t  n;

    n = ccp_account_forget(ledger->accounts, pid);

    ccp_meter_bump(ledger->meter, CCP_METER_LOST, (unsigned) n);
}


/* Requests of workers that died have no end that anybody will tell of. */

static void
ngx_http_ccproxy_ledger_reap(ngx_http_ccproxy_ledger_t *ledger)
{
    size_t    i;
    uint32_t  pid;

    i = 0;

    while ((pid = ccp_account_process(ledger->accounts, &i)) != 0) {

        if (kill((ngx_pid_t) pid, 0) == -1 && ngx_errno == NGX_ESRCH) {
            ngx_http_ccproxy_ledger_forget(ledger, pid);
        }
    }
}


static void
ngx_http_ccproxy_ledger_beat(ngx_event_t *ev)
{
    ngx_connection_t           *c;
    ngx_http_ccproxy_ledger_t  *ledger;

    c = ev->data;
    ledger = c->data;

    ngx_http_ccproxy_ledger_lock(ledger);
    ngx_http_ccproxy_ledger_reap(ledger);
    ngx_http_ccproxy_ledger_unlock(ledger);

    ngx_http_ccproxy_state_beat(ledger, ev->log);

    ngx_add_timer(ev, NGX_HTTP_CCPROXY_LEDGER_BEAT);
}


static ngx_http_ccproxy_ledger_t *
ngx_http_ccproxy_ledger_of(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    return mcf ? mcf->ledger : NULL;
}


static void
ngx_http_ccproxy_ledger_open(ngx_http_ccproxy_ledger_t *ledger)
{
    ledger->shpool = (ngx_slab_pool_t *) ledger->shm->shm.addr;
    ledger->meter = ledger->shm->data;
    ledger->accounts = (ccp_accounts_t *)
                           ((u_char *) ledger->meter
                            + ngx_align(ccp_meter_size(), 64));
}


/* Gives each account its place. */

static void
ngx_http_ccproxy_ledger_bind(ngx_http_ccproxy_ledger_t *ledger,
    ngx_log_t *log)
{
    size_t                        missing;
    ngx_uint_t                    i;
    ccp_limits_t                **limits;
    ngx_http_ccproxy_account_t  **owner;

    owner = ledger->owners.elts;

    limits = ngx_alloc((ledger->owners.nelts + 1) * sizeof(ccp_limits_t *),
                       log);
    if (limits == NULL) {
        return;
    }

    for (i = 0; i < ledger->owners.nelts; i++) {
        limits[i] = &owner[i]->limits;
    }

    ngx_http_ccproxy_ledger_lock(ledger);
    missing = ccp_accounts_bind(ledger->accounts, limits,
                                ledger->owners.nelts);
    ngx_http_ccproxy_ledger_unlock(ledger);

    ngx_free(limits);

    if (missing) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "%uz access keys and groups have no account: their "
                      "limits do not hold", missing);
    }
}


ngx_int_t
ngx_http_ccproxy_ledger_module(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_ledger_t  *ledger;

    ledger = ngx_http_ccproxy_ledger_of(cycle);

    if (ledger == NULL) {
        return NGX_OK;
    }

    ngx_http_ccproxy_ledger_open(ledger);
    ngx_http_ccproxy_state_read(ledger, cycle->log);
    ngx_http_ccproxy_ledger_bind(ledger, cycle->log);

    return NGX_OK;
}


void
ngx_http_ccproxy_ledger_end(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_ledger_t  *ledger;

    ledger = ngx_http_ccproxy_ledger_of(cycle);

    if (ledger && ledger->accounts) {
        ngx_http_ccproxy_state_end(ledger, cycle->log);
    }
}


ngx_int_t
ngx_http_ccproxy_ledger_process(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_ledger_t  *ledger;

    ledger = ngx_http_ccproxy_ledger_of(cycle);

    if (ledger == NULL) {
        return NGX_OK;
    }

    ngx_http_ccproxy_ledger_lock(ledger);

    /* one that had the same pid and died without a word */

    ngx_http_ccproxy_ledger_forget(ledger, (uint32_t) ngx_pid);
    ngx_http_ccproxy_ledger_reap(ledger);

    ngx_http_ccproxy_ledger_unlock(ledger);

    ledger->beat_conn.fd = (ngx_socket_t) -1;
    ledger->beat_conn.data = ledger;

    ledger->beat.handler = ngx_http_ccproxy_ledger_beat;
    ledger->beat.data = &ledger->beat_conn;
    ledger->beat.log = cycle->log;
    ledger->beat.cancelable = 1;

    ngx_add_timer(&ledger->beat, NGX_HTTP_CCPROXY_LEDGER_BEAT);

    return NGX_OK;
}


void
ngx_http_ccproxy_ledger_exit(ngx_cycle_t *cycle)
{
    ngx_http_ccproxy_ledger_t  *ledger;

    ledger = ngx_http_ccproxy_ledger_of(cycle);

    if (ledger == NULL || ledger->accounts == NULL) {
        return;
    }

    ngx_http_ccproxy_ledger_lock(ledger);
    ngx_http_ccproxy_ledger_forget(ledger, (uint32_t) ngx_pid);
    ngx_http_ccproxy_ledger_unlock(ledger);
}


void
ngx_http_ccproxy_count_event(ngx_http_request_t *r,
    ccp_meter_counter_e counter, ngx_uint_t n)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    ccp_meter_bump(mcf->ledger->meter, counter, (unsigned) n);
}
