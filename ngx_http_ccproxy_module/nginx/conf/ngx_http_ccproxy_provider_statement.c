
/*
 * What may stand in ccproxy_provider { … }: the table of statements, and those
 * that have no file of their own.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


typedef struct {
    ngx_http_ccproxy_provider_t  *provider;
    uintptr_t                     seen;      /* statements, by index */
} ngx_http_ccproxy_block_t;


typedef struct {
    ngx_str_t     name;
    ngx_uint_t    min;                       /* words with the name */
    ngx_uint_t    max;
    ngx_uint_t    repeat;
    char       *(*set)(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
    size_t        offset;                    /* as those of ngx_command_t */
    void         *post;
    char         *usage;
} ngx_http_ccproxy_statement_t;


static char *ngx_http_ccproxy_provider_statement(ngx_conf_t *cf,
    ngx_command_t *dummy, void *conf);
static char *ngx_http_ccproxy_provider_preset(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ccproxy_provider_protocol(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ccproxy_provider_other(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p, ccp_proto_e proto);
static char *ngx_http_ccproxy_provider_url(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ccproxy_provider_header(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ccproxy_provider_models(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_ccproxy_provider_certificate(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);


static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_time = {
    NULL, "needs a time such as \"10s\" or \"5m\"", 0, 0, 0
};

static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_keepalive = {
    NULL, "needs a number from 0 to 65535", 0, 65535, 0
};

static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_ca = {
    "certificates", NULL, 0, 0, 0
};

static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_certificate = {
    "certificate", NULL, 0, 0, 0
};

static ngx_http_ccproxy_slot_t  ngx_http_ccproxy_certificate_key = {
    "certificate's key", NULL, 0, 0, 0
};


/* Words with the name: at least, at most; if it may be repeated. */

#define ngx_http_ccproxy_statement(name, min, max, repeat, set, usage)        \
    { ngx_string(name), min, max, repeat, set, 0, NULL, usage }

#define ngx_http_ccproxy_slot(name, set, field, post, usage)                  \
    { ngx_string(name), 2, 2, 0, set,                                         \
      offsetof(ngx_http_ccproxy_provider_t, field), post, usage }


static ngx_http_ccproxy_statement_t  ngx_http_ccproxy_statements[] = {

    ngx_http_ccproxy_statement("preset", 2, 2, 0,
                               ngx_http_ccproxy_provider_preset,
                               "preset NAME;"),

    ngx_http_ccproxy_statement("protocol", 2, 2, 0,
                               ngx_http_ccproxy_provider_protocol,
                               "protocol NAME;"),

    ngx_http_ccproxy_statement("url", 2, 2, 0, ngx_http_ccproxy_provider_url,
                               "url http[s]://HOST[:PORT][/PATH];"),

    ngx_http_ccproxy_statement("key", 2, 8, 1, ngx_http_ccproxy_key,
                               "key env:NAME|file:PATH|literal:SECRET "
                               "[name=NAME] [weight=N] [rpm=N] [tpm=N] "
                               "[proxy=URL|off] [mode=any];"),

    ngx_http_ccproxy_statement("header", 3, 3, 1,
                               ngx_http_ccproxy_provider_header,
                               "header NAME VALUE;"),

    ngx_http_ccproxy_statement("models", 2, 64, 1,
                               ngx_http_ccproxy_provider_models,
                               "models NAME ...;"),

    ngx_http_ccproxy_slot("keepalive", ngx_http_ccproxy_number_slot,
                          keepalive, &ngx_http_ccproxy_keepalive,
                          "keepalive CONNECTIONS;"),

    ngx_http_ccproxy_slot("keepalive_timeout", ngx_http_ccproxy_time_slot,
                          keepalive_timeout, &ngx_http_ccproxy_time,
                          "keepalive_timeout TIME;"),

    ngx_http_ccproxy_slot("connect_timeout", ngx_http_ccproxy_time_slot,
                          connect_timeout, &ngx_http_ccproxy_time,
                          "connect_timeout TIME;"),

    ngx_http_ccproxy_slot("read_timeout", ngx_http_ccproxy_time_slot,
                          read_timeout, &ngx_http_ccproxy_time,
                          "read_timeout TIME;"),

    ngx_http_ccproxy_slot("tls_verify", ngx_http_ccproxy_flag_slot,
                          tls_verify, NULL,
                          "tls_verify on|off;"),

    ngx_http_ccproxy_slot("tls_ca", ngx_http_ccproxy_pem_slot,
                          tls_ca, &ngx_http_ccproxy_ca,
                          "tls_ca FILE;"),

    ngx_http_ccproxy_slot("tls_certificate",
                          ngx_http_ccproxy_provider_certificate,
                          tls_certificate, &ngx_http_ccproxy_certificate,
                          "tls_certificate FILE;"),

    ngx_http_ccproxy_slot("tls_certificate_key",
                          ngx_http_ccproxy_provider_certificate,
                          tls_certificate_key,
                          &ngx_http_ccproxy_certificate_key,
                          "tls_certificate_key FILE;"),

    ngx_http_ccproxy_statement("proxy", 2, 2, 0,
                               ngx_http_ccproxy_proxy_statement,
                               "proxy http://[USER:PASSWORD@]HOST:PORT;"),

    ngx_http_ccproxy_statement("default", 3, 32, 1,
                               ngx_http_ccproxy_provider_param,
                               "default NAME VALUE [model=PATTERN]...;"),

    ngx_http_ccproxy_statement("param", 3, 32, 1,
                               ngx_http_ccproxy_provider_param,
                               "param NAME VALUE [model=PATTERN]...;"),

    ngx_http_ccproxy_statement("quirk", 3, 3, 1,
                               ngx_http_ccproxy_provider_quirk,
                               "quirk NAME VALUE;"),

    ngx_http_ccproxy_slot("tools", ngx_http_ccproxy_tools_slot, tools, NULL,
                          "tools native|compat|auto;"),

    ngx_http_ccproxy_statement("price", 2, 9, 1, ngx_http_ccproxy_price,
                               "price MODEL in=PRICE out=PRICE "
                               "[cached=PRICE] [write=PRICE] "
                               "[write_1h=PRICE] [above=TOKENS] "
                               "[per=1M|1K|1];"),

    { ngx_null_string, 0, 0, 0, NULL, 0, NULL, NULL }
};


/* Headers of a request that only the module can know. */

static ngx_str_t  ngx_http_ccproxy_own_headers[] = {
    ngx_string("Host"),
    ngx_string("Connection"),
    ngx_string("Content-Length"),
    ngx_string("Transfer-Encoding"),
    ngx_string("Expect"),
    ngx_null_string
};


/* "a, b, c" of all statements, in the temporary pool. */

static ngx_int_t
ngx_http_ccproxy_provider_known(ngx_conf_t *cf, ngx_str_t *list)
{
    size_t                         n;
    u_char                        *p;
    ngx_http_ccproxy_statement_t  *st;

    n = 0;

    for (st = ngx_http_ccproxy_statements; st->name.len; st++) {
        n += st->name.len + sizeof(", ") - 1;
    }

    list->data = ngx_pnalloc(cf->temp_pool, n);
    if (list->data == NULL) {
        return NGX_ERROR;
    }

    p = list->data;

    for (st = ngx_http_ccproxy_statements; st->name.len; st++) {

        if (p != list->data) {
            p = ngx_cpymem(p, ", ", sizeof(", ") - 1);
        }

        p = ngx_cpymem(p, st->name.data, st->name.len);
    }

    list->len = p - list->data;

    return NGX_OK;
}


static char *
ngx_http_ccproxy_provider_statement(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf)
{
    ngx_http_ccproxy_block_t  *block = conf;

    char                          *rv;
    uintptr_t                      bit;
    ngx_str_t                     *value, known;
    ngx_command_t                  cmd;
    ngx_http_ccproxy_statement_t  *st;

    value = cf->args->elts;
    bit = 1;

    for (st = ngx_http_ccproxy_statements; st->name.len; st++, bit <<= 1) {

        if (st->name.len != value[0].len
            || ngx_strncmp(st->name.data, value[0].data, value[0].len) != 0)
        {
            continue;
        }

        if (cf->args->nelts < st->min || cf->args->nelts > st->max) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "wrong number of words in \"%V\": write "
                               "\"%s\"", &st->name, st->usage);
            return NGX_CONF_ERROR;
        }

        if (!st->repeat && (block->seen & bit)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V\" is given twice for provider \"%V\"",
                               &st->name, &block->provider->name);
            return NGX_CONF_ERROR;
        }

        block->seen |= bit;

        ngx_memzero(&cmd, sizeof(ngx_command_t));

        cmd.name = st->name;
        cmd.offset = st->offset;
        cmd.post = st->post;

        rv = st->set(cf, &cmd, block->provider);

        if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" %s", &st->name,
                               rv);
            return NGX_CONF_ERROR;
        }

        return rv;
    }

    if (ngx_http_ccproxy_provider_known(cf, &known) == NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown statement \"%V\" in "
                           "\"ccproxy_provider\"; there are %V", &value[0],
                           &known);
    }

    return NGX_CONF_ERROR;
}


char *
ngx_http_ccproxy_provider_block(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p)
{
    char                      *rv;
    ngx_conf_t                 save;
    ngx_http_ccproxy_block_t   block;

    block.provider = p;
    block.seen = 0;

    save = *cf;
    cf->handler = ngx_http_ccproxy_provider_statement;
    cf->handler_conf = (void *) &block;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    return rv;
}


static char *
ngx_http_ccproxy_provider_preset(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    ngx_str_t             *value, list;
    ccp_proto_e            proto;
    const ccp_provider_t  *pr;

    value = cf->args->elts;

    pr = ccp_provider_find(ngx_http_ccproxy_slice(&value[1]));

    if (pr == NULL) {

        if (ngx_http_ccproxy_preset_list(cf, &list) != NGX_OK) {
            return NGX_CONF_ERROR;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown preset \"%V\"; there are %V", &value[1],
                           &list);
        return NGX_CONF_ERROR;
    }

    proto = p->row.name != NULL ? p->row.proto : pr->proto;
    p->row = *pr;

    return ngx_http_ccproxy_provider_other(cf, p, proto);
}


/* The preset in another of its protocols. */

static char *
ngx_http_ccproxy_provider_other(ngx_conf_t *cf,
    ngx_http_ccproxy_provider_t *p, ccp_proto_e proto)
{
    ccp_provider_t  d;

    if (ccp_provider_also(&p->row, proto, &d) != CCP_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "preset \"%s\" doesn't speak %s; remove "
                           "\"protocol\", or write \"protocol %s;\" and "
                           "\"url URL;\" without \"preset\"",
                           p->row.name, ccp_proto_ops(proto)->name,
                           ccp_proto_ops(proto)->name);
        return NGX_CONF_ERROR;
    }

    p->row = d;

    return NGX_CONF_OK;
}


static char *
ngx_http_ccproxy_provider_protocol(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    ngx_str_t    *value;
    ccp_proto_e   proto;

    value = cf->args->elts;

    proto = ccp_proto_find(ngx_http_ccproxy_slice(&value[1]));

    if (proto == CCP_NPROTO) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown protocol \"%V\"; there are "
                           CCP_PROTOCOL_NAMES, &value[1]);
        return NGX_CONF_ERROR;
    }

    if (p->row.name != NULL) {
        return ngx_http_ccproxy_provider_other(cf, p, proto);
    }

    p->row = *ccp_provider_plain(proto);

    return NGX_CONF_OK;
}


static char *
ngx_http_ccproxy_provider_url(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    ngx_str_t  *value;

    value = cf->args->elts;
    p->url_line = cf->conf_file->line;

    return ngx_http_ccproxy_url(cf, p, &value[1]);
}


/* {UUID} and its like, as other gateways write it: a variable is meant. */

static char *
ngx_http_ccproxy_provider_braces(ngx_conf_t *cf, ngx_str_t *value)
{
    u_char      *p, *last, *end;
    ngx_str_t    word;
    ngx_uint_t   i;

    static const struct {
        char  *part;                         /* of the word */
        char  *variable;
    } meant[] = {
        { "uuid", "$ccproxy_uuid" },
        { "conv", "$ccproxy_session" },
        { "session", "$ccproxy_session" },
        { "thread", "$ccproxy_session" },
        { "model", "$ccproxy_model" },
        { "user", "$ccproxy_client" },
        { "client", "$ccproxy_client" },
        { "request", "$request_id" },
        { "", "$ccproxy_uuid, $ccproxy_session, or another" }
    };

    last = value->data + value->len;

    for (p = value->data; p < last; p++) {

        if (*p != '{' || (p > value->data && p[-1] == '$')) {
            continue;
        }

        for (end = p + 1; end < last && (isalpha(*end) || *end == '_');
             end++)
        {
            /* void */
        }

        if (end == last || *end != '}' || end == p + 1) {
            continue;
        }

        word.data = p + 1;
        word.len = end - word.data;

        for (i = 0; meant[i].part[0] != '\0'; i++) {
            if (ngx_strlcasestrn(word.data, word.data + word.len,
                                 (u_char *) meant[i].part,
                                 ngx_strlen(meant[i].part) - 1))
            {
                break;
            }
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"{%V}\" in a header would be sent as it stands: "
                           "write a variable, %s", &word, meant[i].variable);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_ccproxy_provider_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    char                              *rv;
    u_char                            *c;
    ngx_str_t                         *value, *own;
    ngx_http_ccproxy_header_t         *h;
    ngx_http_compile_complex_value_t   ccv;

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "needs a name";
    }

    for (c = value[1].data; c < value[1].data + value[1].len; c++) {
        if (*c <= ' ' || *c == ':' || *c >= 0x7f) {
            return "name may hold no blanks, colons or control characters: "
                   "write \"header NAME VALUE;\"";
        }
    }

    for (own = ngx_http_ccproxy_own_headers; own->len; own++) {
        if (own->len == value[1].len
            && ngx_strncasecmp(own->data, value[1].data, own->len) == 0)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "header \"%V\" is written by the module; "
                               "remove this line", &value[1]);
            return NGX_CONF_ERROR;
        }
    }

    rv = ngx_http_ccproxy_provider_braces(cf, &value[2]);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    h = ngx_array_push(&p->headers);
    if (h == NULL) {
        return NGX_CONF_ERROR;
    }

    h->name = value[1];

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[2];
    ccv.complex_value = &h->value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_ccproxy_provider_models(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    ngx_str_t   *value, *name;
    ngx_uint_t   i;

    value = cf->args->elts;

    if (p->models == NULL) {
        p->models = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (p->models == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (value[i].len == 0) {
            return "holds an empty name: write \"models NAME ...;\"";
        }

        name = ngx_array_push(p->models);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        *name = value[i];
    }

    return NGX_CONF_OK;
}


/* A file of what the provider knows us by. */

static char *
ngx_http_ccproxy_provider_certificate(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    p->tls_certificate_line = cf->conf_file->line;

    return ngx_http_ccproxy_pem_slot(cf, cmd, conf);
}
