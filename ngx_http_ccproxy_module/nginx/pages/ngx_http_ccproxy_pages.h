
/*
 * The demo model: what it says (ngx_http_ccproxy_demo_model.c) and how that
 * gets to the client (ngx_http_ccproxy_demo.c).  It speaks Chat Completions,
 * as the upstreams do that it stands for.
 */

#ifndef _NGX_HTTP_CCPROXY_PAGES_H_INCLUDED_
#define _NGX_HTTP_CCPROXY_PAGES_H_INCLUDED_


#include "nginx/core/ngx_http_ccproxy.h"


typedef struct {
    ccp_arena_t         *arena;
    ccp_json_t           doc;
    ccp_jval_t           root;         /* of the request */
    ccp_error_t          error;

    ccp_str_t            id;
    ccp_str_t            model;
    int64_t              created;
    ccp_str_t            tool;         /* name of the tool to call; absent:
                                          it answers with text */
    ccp_str_t            answer;       /* text, or the tool's arguments */
    int64_t              max_tokens;
    int64_t              prompt_tokens;
    int64_t              tokens;       /* of the answer: its words */
    size_t               pos;          /* in answer: said so far */

    unsigned             stream:1;
    unsigned             usage:1;      /* asked for in a stream */
    unsigned             started:1;
    unsigned             cut:1;        /* max_tokens reached */
} ngx_http_ccproxy_demo_t;


/*
 * Reads a request and decides on the answer.  CCP_OK, CCP_INVALID (d->error),
 * CCP_NOMEM.
 */
int ngx_http_ccproxy_demo_read(ngx_http_ccproxy_demo_t *d, ccp_str_t body);

/* Writes the whole answer as one document. */
void ngx_http_ccproxy_demo_whole(ngx_http_ccproxy_demo_t *d, ccp_out_t *out);

/* Writes the next word as an event of a stream; 0 after the last one. */
int ngx_http_ccproxy_demo_word(ngx_http_ccproxy_demo_t *d, ccp_out_t *out);


#endif /* _NGX_HTTP_CCPROXY_PAGES_H_INCLUDED_ */
