
/*
 * ccproxy_zone … state=FILE: accounts outlast a restart.  A snapshot is
 * written every few seconds in which something was booked, in a thread where
 * nginx has them, and by the master process in the end.
 */

#include "nginx/account/ngx_http_ccproxy_account.h"


/* Accounts that are copied under one lock. */
#define NGX_HTTP_CCPROXY_STATE_ROWS  128


typedef struct {
    ngx_http_ccproxy_ledger_t  *ledger;
    uint64_t                    version;   /* that is being written */
    ngx_err_t                   err;
    const char                 *failed;    /* what did; NULL: nothing */
} ngx_http_ccproxy_state_write_t;


static void ngx_http_ccproxy_state_thread(void *data, ngx_log_t *log);


/* ---- configuration ---- */

/* Whether the file is one of ours, or can become one. */

static ngx_int_t
ngx_http_ccproxy_state_check(ngx_conf_t *cf, ngx_str_t *path)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  fi;
    u_char           head[CCP_STATE_HEAD];

    fd = ngx_open_file(path->data, NGX_FILE_RDONLY|NGX_FILE_NONBLOCK,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {

        if (ngx_errno == NGX_ENOENT) {
            return NGX_OK;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "can't read the state file \"%V\"", path);
        return NGX_ERROR;
    }

    n = -1;

    if (ngx_fd_info(fd, &fi) != NGX_FILE_ERROR && ngx_is_file(&fi)) {
        n = ngx_read_fd(fd, head, sizeof(head));
    }

    (void) ngx_close_file(fd);

    if (n == 0 || (n == (ssize_t) sizeof(head) && ccp_state_ours(head))) {
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "\"%V\" holds something else than the state of "
                       "accounts: give \"state=\" a file of its own", path);

    return NGX_ERROR;
}


char *
ngx_http_ccproxy_state(ngx_conf_t *cf, ngx_str_t *word)
{
    ngx_str_t                      path;
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    path.data = word->data + 6;
    path.len = word->len - 6;

    if (path.len == 0 || path.data[path.len - 1] == '/') {
        return "needs a file behind \"state=\": write \"ccproxy_zone "
               "ccproxy:1m state=/var/lib/nginx/ccproxy.state;\"";
    }

    if (ngx_conf_full_name(cf->cycle, &path, 0) != NGX_OK
        || ngx_http_ccproxy_state_check(cf, &path) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    mcf->ledger->state = path;

#if (NGX_THREADS)
    mcf->ledger->threads = ngx_thread_pool_add(cf, NULL);
    if (mcf->ledger->threads == NULL) {
        return NGX_CONF_ERROR;
    }
#endif

    return NGX_CONF_OK;
}


/* ---- reading ---- */

static void
ngx_http_ccproxy_state_take(ngx_http_ccproxy_ledger_t *ledger, u_char *text,
    size_t size, ngx_log_t *log)
{
    size_t                    n;
    const ccp_account_row_t  *rows;

    rows = ccp_state_open(text, size, &n);

    if (rows == NULL) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "the state file \"%V\" is broken, or of another "
                      "version: accounts begin anew", &ledger->state);
        return;
    }

    ngx_http_ccproxy_ledger_lock(ledger);
    ccp_accounts_load(ledger->accounts, rows, n);
    ngx_http_ccproxy_ledger_unlock(ledger);
}


void
ngx_http_ccproxy_state_read(ngx_http_ccproxy_ledger_t *ledger, ngx_log_t *log)
{
    size_t           size;
    u_char          *text;
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  fi;

    if (ledger->state.len == 0 || !ccp_accounts_new(ledger->accounts)) {
        return;
    }

    fd = ngx_open_file(ledger->state.data,
                       NGX_FILE_RDONLY|NGX_FILE_NONBLOCK, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {

        if (ngx_errno != NGX_ENOENT) {
            ngx_log_error(NGX_LOG_WARN, log, ngx_errno,
                          "the state file \"%V\" can't be read: accounts "
                          "begin anew", &ledger->state);
        }

        return;
    }

    text = NULL;
    size = 0;

    if (ngx_fd_info(fd, &fi) != NGX_FILE_ERROR
        && ngx_file_size(&fi) > 0
        && (size_t) ngx_file_size(&fi)
           <= CCP_STATE_HEAD + ccp_accounts_max() * sizeof(ccp_account_row_t))
    {
        size = (size_t) ngx_file_size(&fi);
        text = ngx_alloc(size, log);
    }

    n = text ? ngx_read_fd(fd, text, size) : -1;

    (void) ngx_close_file(fd);

    if (text) {
        ngx_http_ccproxy_state_take(ledger, text, n < 0 ? 0 : (size_t) n,
                                    log);
        ngx_free(text);
    }
}


/* ---- writing: nothing of this may touch the event loop or the log ---- */

static u_char *
ngx_http_ccproxy_state_copy(ngx_http_ccproxy_ledger_t *ledger,
    uint64_t *version, size_t *size)
{
    size_t              n, some, room;
    u_char             *text;
    ccp_account_row_t  *rows;

    ngx_http_ccproxy_ledger_lock(ledger);
    *version = ccp_accounts_version(ledger->accounts);
    room = ccp_accounts_number(ledger->accounts);
    ngx_http_ccproxy_ledger_unlock(ledger);

    text = malloc(CCP_STATE_HEAD + room * sizeof(ccp_account_row_t));
    if (text == NULL) {
        return NULL;
    }

    rows = (ccp_account_row_t *) (text + CCP_STATE_HEAD);

    for (n = 0; n < room; n += some) {

        some = ngx_min(room - n, NGX_HTTP_CCPROXY_STATE_ROWS);

        ngx_http_ccproxy_ledger_lock(ledger);
        some = ccp_accounts_copy(ledger->accounts, n, rows + n, some);
        ngx_http_ccproxy_ledger_unlock(ledger);

        if (some == 0) {
            break;
        }
    }

    ccp_state_seal(text, n);
    *size = CCP_STATE_HEAD + n * sizeof(ccp_account_row_t);

    return text;
}


/* A file beside it becomes the file once all of it is on the disk. */

static void
ngx_http_ccproxy_state_file(ngx_http_ccproxy_state_write_t *w, u_char *text,
    size_t size)
{
    ssize_t    n;
    u_char     name[NGX_MAX_PATH], *p;
    ngx_fd_t   fd;

    p = ngx_snprintf(name, sizeof(name) - 1, "%V.%P", &w->ledger->state,
                     ngx_pid);
    *p = '\0';

    fd = ngx_open_file(name, NGX_FILE_WRONLY, NGX_FILE_TRUNCATE, 0600);

    if (fd == NGX_INVALID_FILE) {
        w->err = ngx_errno;
        w->failed = "opened";
        return;
    }

    while (size) {
        n = ngx_write_fd(fd, text, size);

        if (n <= 0) {
            w->err = ngx_errno;
            w->failed = "written";
            break;
        }

        text += n;
        size -= n;
    }

    if (w->failed == NULL && fsync(fd) == -1) {
        w->err = ngx_errno;
        w->failed = "synchronized";
    }

    (void) ngx_close_file(fd);

    if (w->failed == NULL
        && ngx_rename_file(name, w->ledger->state.data) == NGX_FILE_ERROR)
    {
        w->err = ngx_errno;
        w->failed = "renamed";
    }

    if (w->failed) {
        (void) ngx_delete_file(name);
    }
}


static void
ngx_http_ccproxy_state_thread(void *data, ngx_log_t *log)
{
    ngx_http_ccproxy_state_write_t  *w = data;

    size_t   size;
    u_char  *text;

    (void) log;

    w->failed = NULL;
    w->err = 0;

    text = ngx_http_ccproxy_state_copy(w->ledger, &w->version, &size);

    if (text == NULL) {
        w->err = NGX_ENOMEM;
        w->failed = "prepared";
        return;
    }

    ngx_http_ccproxy_state_file(w, text, size);

    free(text);
}


/* ---- back in the event loop ---- */

static void
ngx_http_ccproxy_state_done(ngx_http_ccproxy_state_write_t *w, ngx_log_t *log)
{
    ngx_http_ccproxy_ledger_t  *ledger;

    ledger = w->ledger;

    if (w->failed == NULL) {
        ledger->saved = w->version;
        ledger->warned = 0;
        return;
    }

    if (ledger->warned) {
        return;
    }

    ledger->warned = 1;

    ngx_log_error(NGX_LOG_ERR, log, w->err,
                  "the state of accounts can't be %s: a restart would lose "
                  "what was spent; workers must be allowed to create files "
                  "beside \"%V\"", w->failed, &ledger->state);
}


#if (NGX_THREADS)

static void
ngx_http_ccproxy_state_event(ngx_event_t *ev)
{
    ngx_http_ccproxy_state_write_t  *w = ev->data;

    w->ledger->saving = 0;

    ngx_http_ccproxy_state_done(w, ngx_cycle->log);
}


static ngx_int_t
ngx_http_ccproxy_state_post(ngx_http_ccproxy_ledger_t *ledger)
{
    ngx_thread_task_t               *task;
    ngx_http_ccproxy_state_write_t  *w;

    task = ledger->task;

    if (task == NULL) {
        task = ngx_thread_task_alloc(ngx_cycle->pool,
                                     sizeof(ngx_http_ccproxy_state_write_t));
        if (task == NULL) {
            return NGX_ERROR;
        }

        w = task->ctx;
        w->ledger = ledger;

        task->handler = ngx_http_ccproxy_state_thread;
        task->event.handler = ngx_http_ccproxy_state_event;
        task->event.data = w;

        ledger->task = task;
    }

    if (ngx_thread_task_post(ledger->threads, task) != NGX_OK) {
        return NGX_ERROR;
    }

    ledger->saving = 1;

    return NGX_OK;
}

#endif


static void
ngx_http_ccproxy_state_now(ngx_http_ccproxy_ledger_t *ledger, ngx_log_t *log)
{
    ngx_http_ccproxy_state_write_t  w;

    ngx_memzero(&w, sizeof(ngx_http_ccproxy_state_write_t));
    w.ledger = ledger;

    ngx_http_ccproxy_state_thread(&w, log);
    ngx_http_ccproxy_state_done(&w, log);
}


static ngx_uint_t
ngx_http_ccproxy_state_changed(ngx_http_ccproxy_ledger_t *ledger)
{
    uint64_t  version;

    ngx_http_ccproxy_ledger_lock(ledger);
    version = ccp_accounts_version(ledger->accounts);
    ngx_http_ccproxy_ledger_unlock(ledger);

    return version != ledger->saved;
}


void
ngx_http_ccproxy_state_beat(ngx_http_ccproxy_ledger_t *ledger, ngx_log_t *log)
{
    /* one worker of those that take requests */

    if (ledger->state.len == 0 || ngx_worker != 0 || ngx_exiting
        || ledger->saving || !ngx_http_ccproxy_state_changed(ledger))
    {
        return;
    }

#if (NGX_THREADS)

    if (ngx_http_ccproxy_state_post(ledger) == NGX_OK) {
        return;
    }

#endif

    ngx_http_ccproxy_state_now(ledger, log);
}


void
ngx_http_ccproxy_state_end(ngx_http_ccproxy_ledger_t *ledger, ngx_log_t *log)
{
    if (ledger->state.len && ngx_http_ccproxy_state_changed(ledger)) {
        ngx_http_ccproxy_state_now(ledger, log);
    }
}
