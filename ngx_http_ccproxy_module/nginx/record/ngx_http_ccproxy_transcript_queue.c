
/*
 * Lines are made and written by a thread, in the order in which requests end:
 * each worker has one batch under way, and what comes meanwhile waits for the
 * next.  The file is written through a descriptor of the batch's own, as nginx
 * may open it anew at any moment.
 */

#include "nginx/record/ngx_http_ccproxy_record.h"

#if (NGX_THREADS)

#include <ngx_thread_pool.h>


/* How often the log is told that lines are missing, s. */
#define NGX_HTTP_CCPROXY_QUEUE_SAY  60


typedef struct {
    ngx_http_ccproxy_job_t          *first;
    ngx_http_ccproxy_job_t         **last;
    ngx_uint_t                       jobs;    /* waiting and under way */
    size_t                           bytes;
    ngx_http_ccproxy_job_t          *batch;   /* under way; NULL: none is */
    ngx_http_ccproxy_transcripts_t  *counters;
    ngx_thread_task_t                task;
    time_t                           said;
} ngx_http_ccproxy_queue_t;


static void ngx_http_ccproxy_queue_done(ngx_event_t *ev);


/* Of this worker. */

static ngx_http_ccproxy_queue_t  ngx_http_ccproxy_queue;


/* ---- on a thread ---- */

static ngx_int_t
ngx_http_ccproxy_queue_all(ngx_http_ccproxy_job_t *job, const u_char *p,
    size_t n)
{
    ssize_t  sent;

    while (n) {
        sent = write(job->conf->fd, p, n);

        if (sent == -1) {
            if (ngx_errno == NGX_EINTR) {
                continue;
            }

            job->err = ngx_errno;
            return NGX_ERROR;
        }

        p += sent;
        n -= (size_t) sent;
    }

    return NGX_OK;
}


/* Prompts are nobody else's business: a file that nginx just made is closed to
 * others. */

static void
ngx_http_ccproxy_queue_close(ngx_fd_t fd)
{
    ngx_file_info_t  fi;

    if (ngx_fd_info(fd, &fi) != NGX_FILE_ERROR && ngx_is_file(&fi)
        && ngx_file_size(&fi) == 0
        && (ngx_file_access(&fi) & 0777) == NGX_FILE_DEFAULT_ACCESS)
    {
        (void) fchmod(fd, NGX_FILE_OWNER_ACCESS);
    }
}


static void
ngx_http_ccproxy_queue_write(ngx_http_ccproxy_job_t *job)
{
    ccp_str_t  line;

    if (job->conf->fd == NGX_INVALID_FILE) {
        return;
    }

    if (ngx_http_ccproxy_line(job, &line) != CCP_OK) {
        job->err = NGX_ENOMEM;
        return;
    }

    ngx_http_ccproxy_queue_close(job->conf->fd);

    /* a line that was cut short must not spoil the next one */

    if (job->conf->torn
        && ngx_http_ccproxy_queue_all(job, (u_char *) "\n", 1) != NGX_OK)
    {
        return;
    }

    job->conf->torn = 1;

    if (ngx_http_ccproxy_queue_all(job, line.p, line.n) == NGX_OK) {
        job->conf->torn = 0;
        job->written = 1;
    }
}


static void
ngx_http_ccproxy_queue_thread(void *data, ngx_log_t *log)
{
    ngx_http_ccproxy_queue_t  *q = data;

    ngx_http_ccproxy_job_t  *job;

    (void) log;

    for (job = q->batch; job; job = job->next) {
        ngx_http_ccproxy_queue_write(job);
        ngx_http_ccproxy_job_empty(job);
    }
}


/* ---- on the event loop ---- */

static void
ngx_http_ccproxy_queue_say(ngx_http_ccproxy_queue_t *q, ngx_err_t err,
    ngx_http_ccproxy_transcript_t *conf)
{
    if (q->said && ngx_time() - q->said < NGX_HTTP_CCPROXY_QUEUE_SAY) {
        return;
    }

    q->said = ngx_time();

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, err,
                  "ccproxy: transcripts for \"%V\" are lost, %s",
                  &conf->file->name,
                  err ? "writing failed"
                      : "more requests end than can be written");
}


/* All that waits becomes the batch, with a descriptor for each file. */

static void
ngx_http_ccproxy_queue_batch(ngx_http_ccproxy_queue_t *q)
{
    ngx_http_ccproxy_job_t  *job;

    q->batch = q->first;
    q->first = NULL;
    q->last = &q->first;

    for (job = q->batch; job; job = job->next) {

        if (job->conf->fd == NGX_INVALID_FILE) {
            job->conf->fd = dup(job->conf->file->fd);
        }

        job->err = job->conf->fd == NGX_INVALID_FILE ? ngx_errno : 0;
    }
}


static void
ngx_http_ccproxy_queue_post(ngx_http_ccproxy_queue_t *q)
{
    ngx_str_t           name;
    ngx_thread_pool_t  *tp;

    ngx_str_set(&name, "default");

    tp = ngx_thread_pool_get((ngx_cycle_t *) ngx_cycle, &name);

    if (q->batch || q->first == NULL || tp == NULL) {
        return;
    }

    ngx_http_ccproxy_queue_batch(q);

    q->task.ctx = q;
    q->task.handler = ngx_http_ccproxy_queue_thread;
    q->task.event.handler = ngx_http_ccproxy_queue_done;
    q->task.event.data = q;
    q->task.event.log = ngx_cycle->log;

    if (ngx_thread_task_post(tp, &q->task) != NGX_OK) {

        /* nothing was written: they are lost */

        ngx_http_ccproxy_queue_done(&q->task.event);
    }
}


static void
ngx_http_ccproxy_queue_free(ngx_http_ccproxy_queue_t *q)
{
    ngx_http_ccproxy_job_t  *job, *next;

    for (job = q->batch; job; job = next) {
        next = job->next;

        if (job->written) {
            (void) ngx_atomic_fetch_add(&q->counters->written, 1);

        } else {
            (void) ngx_atomic_fetch_add(&q->counters->failed, 1);
            ngx_http_ccproxy_queue_say(q, job->err, job->conf);
        }

        if (job->conf->fd != NGX_INVALID_FILE) {
            (void) close(job->conf->fd);
            job->conf->fd = NGX_INVALID_FILE;
        }

        q->jobs--;
        q->bytes -= job->size;

        ngx_http_ccproxy_job_destroy(job);
    }

    q->batch = NULL;
}


static void
ngx_http_ccproxy_queue_done(ngx_event_t *ev)
{
    ngx_http_ccproxy_queue_t  *q = ev->data;

    ngx_http_ccproxy_queue_free(q);
    ngx_http_ccproxy_queue_post(q);
}


void
ngx_http_ccproxy_queue_add(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_job_t *job)
{
    ngx_http_ccproxy_queue_t  *q;

    q = &ngx_http_ccproxy_queue;
    q->counters = ngx_http_ccproxy_transcripts(mcf);

    if (q->jobs >= NGX_HTTP_CCPROXY_TRANSCRIPT_JOBS
        || q->bytes + job->size > NGX_HTTP_CCPROXY_TRANSCRIPT_BYTES)
    {
        (void) ngx_atomic_fetch_add(&q->counters->dropped, 1);
        ngx_http_ccproxy_queue_say(q, 0, job->conf);
        ngx_http_ccproxy_job_destroy(job);
        return;
    }

    if (q->first == NULL) {
        q->last = &q->first;
    }

    job->next = NULL;
    *q->last = job;
    q->last = &job->next;
    q->jobs++;
    q->bytes += job->size;

    ngx_http_ccproxy_queue_post(q);
}


/* The threads are gone by now, and nobody is served any more. */

void
ngx_http_ccproxy_queue_exit(void)
{
    ngx_http_ccproxy_queue_t  *q;

    q = &ngx_http_ccproxy_queue;

    ngx_http_ccproxy_queue_free(q);

    ngx_http_ccproxy_queue_batch(q);
    ngx_http_ccproxy_queue_thread(q, ngx_cycle->log);
    ngx_http_ccproxy_queue_free(q);
}


#else


void
ngx_http_ccproxy_queue_add(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_job_t *job)
{
    /* the directive is refused */

    (void) mcf;

    ngx_http_ccproxy_job_destroy(job);
}


void
ngx_http_ccproxy_queue_exit(void)
{
}


#endif
