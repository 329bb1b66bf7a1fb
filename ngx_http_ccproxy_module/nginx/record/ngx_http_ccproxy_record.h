
/*
 * What is kept of requests: transcripts in files, and what is under way or
 * failed lately.  Nothing of it is needed to serve one, and what can't be kept
 * harms none.
 */

#ifndef _NGX_HTTP_CCPROXY_RECORD_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_RECORD_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"
#include "codec/record/record.h"


/* Bytes of an answer that are kept until they are read, per side. */
#define NGX_HTTP_CCPROXY_REEL_MAX        (16 * 1024 * 1024)

/* Bytes of a line: by default, and the least. */
#define NGX_HTTP_CCPROXY_TRANSCRIPT_MAX  (1024 * 1024)
#define NGX_HTTP_CCPROXY_TRANSCRIPT_MIN  4096

/* The longest of the short texts, such as a header. */
#define NGX_HTTP_CCPROXY_TRANSCRIPT_TEXT  2048

/* What may wait to be written, per worker. */
#define NGX_HTTP_CCPROXY_TRANSCRIPT_JOBS   1024
#define NGX_HTTP_CCPROXY_TRANSCRIPT_BYTES  (64 * 1024 * 1024)


/* "ccproxy_transcript" of one level. */

struct ngx_http_ccproxy_transcript_s {
    ngx_open_file_t               *file;      /* NULL: off */
    ngx_http_complex_value_t      *filter;    /* of "if="; NULL: none */
    size_t                         max;       /* bytes of a line */
    ngx_fd_t                       fd;        /* of the batch under way */
    unsigned                       meta:1;    /* without bodies */
    unsigned                       torn:1;    /* the last line has no end; of
                                                 the writing thread */
};


/* Bytes of one side of an answer, as they passed. */

typedef struct {
    u_char                        *data;
    size_t                         len;
    size_t                         cap;
    size_t                         total;     /* of which those are the first */
} ngx_http_ccproxy_reel_t;


/* A try that is over. */

typedef struct {
    ngx_http_ccproxy_pair_t       *pair;
    ngx_uint_t                     status;    /* 0: no answer */
    ccp_pool_outcome_e             outcome;
    ngx_msec_t                     time;
} ngx_http_ccproxy_tried_t;


/* What is taken down while a request goes on. */

struct ngx_http_ccproxy_tape_s {
    ngx_http_ccproxy_reel_t        up;
    ngx_http_ccproxy_reel_t        client;
    ngx_array_t                    tries;     /* …_tried_t */
    unsigned                       meta:1;    /* bytes are not kept */
};


/* A line that waits to be written.  What it points to is in the arena or the
 * reels, which have no other user than the thread that has the job. */

typedef struct ngx_http_ccproxy_job_s  ngx_http_ccproxy_job_t;

typedef struct {
    ccp_endpoint_t                 ep;
    ccp_str_t                      request;
    ccp_str_t                      answer;
    size_t                         total;     /* bytes the answer had */
} ngx_http_ccproxy_side_t;

struct ngx_http_ccproxy_job_s {
    ngx_http_ccproxy_job_t        *next;
    ccp_arena_t                   *arena;
    ngx_http_ccproxy_transcript_t *conf;
    const ccp_record_pattern_t    *redact;
    ngx_array_t                   *providers; /* …_provider_t *: their keys */
    ccp_out_t                      head;      /* members that are written */
    ngx_http_ccproxy_side_t        client;
    ngx_http_ccproxy_side_t        up;
    u_char                        *reels[2];  /* to be freed */
    ccp_str_t                      secrets[NGX_HTTP_CCPROXY_CREDENTIALS + 1];
                                              /* of the client */
    ngx_uint_t                     nsecrets;
    size_t                         size;
    ngx_err_t                      err;       /* of writing */
    unsigned                       same:1;    /* the client got the upstream's
                                                 bytes */
    unsigned                       written:1;
};


typedef struct {
    ngx_atomic_t                   written;
    ngx_atomic_t                   dropped;   /* the queue was full */
    ngx_atomic_t                   failed;    /* no memory, or no room on the
                                                 disk */
} ngx_http_ccproxy_transcripts_t;


/* Requests under way that are listed, and failures. */
#define NGX_HTTP_CCPROXY_OPEN      512
#define NGX_HTTP_CCPROXY_FAILURES  100

typedef struct {
    u_char                         len;
    u_char                         data[47];
} ngx_http_ccproxy_recent_name_t;

typedef struct {
    uint64_t                       time;      /* ms since 1970 */
    ngx_http_ccproxy_recent_name_t pool;
    ngx_http_ccproxy_recent_name_t client;
    ngx_http_ccproxy_recent_name_t provider;  /* empty: nobody was asked */
    ngx_http_ccproxy_recent_name_t model;
    ngx_http_ccproxy_recent_name_t key;
    ccp_pool_outcome_e             outcome;   /* of a pair; NOTHING: cls tells
                                                 of the request */
    ccp_err_e                      cls;
    uint16_t                       status;    /* 0: none came */
} ngx_http_ccproxy_failure_t;

typedef struct {
    uint64_t                       time;      /* it began, ms since 1970 */
    ngx_pid_t                      pid;       /* 0: free */
    ngx_http_ccproxy_recent_name_t id;
    ngx_http_ccproxy_recent_name_t client;
    ngx_http_ccproxy_recent_name_t asked;     /* model of the client's */
    ngx_http_ccproxy_recent_name_t pool;
    ngx_http_ccproxy_recent_name_t provider;
    ngx_http_ccproxy_recent_name_t model;
    ngx_http_ccproxy_recent_name_t key;
    ccp_proto_e                    proto;     /* the client's */
    unsigned                       stream:1;
    unsigned                       stop:1;    /* an operator ends it */
} ngx_http_ccproxy_open_t;


/* ngx_http_ccproxy_recent.c: each does nothing where no page shows it */
ngx_int_t ngx_http_ccproxy_recent_add(ngx_conf_t *cf);
ngx_int_t ngx_http_ccproxy_recent_init(ngx_conf_t *cf);
/* What operators must know; empty: nobody may. */
ngx_str_t *ngx_http_ccproxy_recent_token(ngx_http_ccproxy_main_conf_t *mcf);
/* The request goes to ctx->try.pair, be it the first or another. */
void ngx_http_ccproxy_recent_open(ngx_http_ccproxy_ctx_t *ctx);
/* The try of ctx->try.ticket came to that. */
void ngx_http_ccproxy_recent_try(ngx_http_ccproxy_ctx_t *ctx,
    ccp_pool_outcome_e outcome);
/* Copies what is under way, NGX_HTTP_CCPROXY_OPEN at most, and the failures,
 * the last one first.  mcf->recent must be there. */
ngx_uint_t ngx_http_ccproxy_recent_opened(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_open_t *to);
ngx_uint_t ngx_http_ccproxy_recent_failed(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_failure_t *to);
/* Has the worker end the request of that id; 0: there is none. */
ngx_uint_t ngx_http_ccproxy_recent_stop(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_str_t *id);

/* A name, cut between characters where it is too long. */
void ngx_http_ccproxy_recent_name(ngx_http_ccproxy_recent_name_t *to,
    const void *p, size_t n);

/* ngx_http_ccproxy_sent.c: what upstreams were sent for the page's requests */

typedef struct {
    ngx_str_t                      provider;
    ngx_str_t                      uri;
    ngx_str_t                      body;      /* its beginning */
} ngx_http_ccproxy_sent_t;

ngx_int_t ngx_http_ccproxy_sent_add(ngx_conf_t *cf);
/* Takes note of the request for the present try, if the page made it. */
void ngx_http_ccproxy_sent_keep(ngx_http_ccproxy_ctx_t *ctx,
    const ccp_out_t *body, ccp_str_t uri);
/* NGX_OK; NGX_DECLINED: nothing is known of that request. */
ngx_int_t ngx_http_ccproxy_sent_get(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_str_t *id, ngx_pool_t *pool, ngx_http_ccproxy_sent_t *sent);

/* ngx_http_ccproxy_transcript.c: directives, and what becomes of a request */

char *ngx_http_ccproxy_transcript(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_ccproxy_redact_pattern(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_ccproxy_record_init(ngx_conf_t *cf);
/* What was written and not, of all workers; NULL: there are no transcripts. */
ngx_http_ccproxy_transcripts_t *ngx_http_ccproxy_transcripts(
    ngx_http_ccproxy_main_conf_t *mcf);

/* ngx_http_ccproxy_tape.c: each does nothing where nothing is recorded */

/* The request is recorded from here on.  NGX_OK or NGX_ERROR. */
ngx_int_t ngx_http_ccproxy_tape_start(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* The answer begins anew. */
void ngx_http_ccproxy_tape_rewind(ngx_http_ccproxy_ctx_t *ctx);
/* Bytes that came from the upstream, that go to the client. */
void ngx_http_ccproxy_tape_up(ngx_http_ccproxy_ctx_t *ctx, u_char *p,
    size_t n);
void ngx_http_ccproxy_tape_client(ngx_http_ccproxy_ctx_t *ctx, const u_char *p,
    size_t n);
/* The try of ctx->try.ticket came to that. */
void ngx_http_ccproxy_tape_try(ngx_http_ccproxy_ctx_t *ctx,
    ccp_pool_outcome_e outcome);

/* ngx_http_ccproxy_transcript_job.c: a request as a job; NULL: logged */
ngx_http_ccproxy_job_t *ngx_http_ccproxy_job_create(ngx_http_request_t *r,
    ngx_http_ccproxy_ctx_t *ctx);
/* Gives back what the line was made of; on any thread. */
void ngx_http_ccproxy_job_empty(ngx_http_ccproxy_job_t *job);
void ngx_http_ccproxy_job_destroy(ngx_http_ccproxy_job_t *job);

/* ngx_http_ccproxy_transcript_line.c: on a thread */
/* How texts of the job are told; its secrets must be known. */
void ngx_http_ccproxy_line_rules(ngx_http_ccproxy_job_t *job, size_t text_max,
    ccp_record_rules_t *rules);
/* The line with its end, in the job's arena; CCP_OK or CCP_NOMEM. */
int ngx_http_ccproxy_line(ngx_http_ccproxy_job_t *job, ccp_str_t *line);

/* ngx_http_ccproxy_transcript_queue.c */
/* Has it written; the job is the queue's from here on. */
void ngx_http_ccproxy_queue_add(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_http_ccproxy_job_t *job);
/* The worker ends: what waits is written. */
void ngx_http_ccproxy_queue_exit(void);


#endif /* _NGX_HTTP_CCPROXY_RECORD_H_INCLUDED_ */
