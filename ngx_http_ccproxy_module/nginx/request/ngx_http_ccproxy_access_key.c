
/*
 * ccproxy_access_key and ccproxy_access: the keys of clients, and what each
 * of them may use.  Secrets are kept as digests alone.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"
#include "nginx/account/ngx_http_ccproxy_account.h"
#include "nginx/balance/ngx_http_ccproxy_balance.h"
#include "nginx/request/ngx_http_ccproxy_request.h"
#include "codec/base/base_match.h"


/* What is shorter is guessed. */
#define NGX_HTTP_CCPROXY_ACCESS_MIN   8

/* A file of keys: some 50,000 of them. */
#define NGX_HTTP_CCPROXY_ACCESS_FILE  (8 * 1024 * 1024)

#define NGX_HTTP_CCPROXY_ACCESS_WORDS 16

#define NGX_HTTP_CCPROXY_DIGEST       "sha256:"


/* The keys of this level; NULL: without memory, or logged. */

static ngx_http_ccproxy_access_t *
ngx_http_ccproxy_access_level(ngx_conf_t *cf,
    ngx_http_ccproxy_loc_conf_t *lcf, ngx_http_ccproxy_access_e mode)
{
    ngx_http_ccproxy_access_t       *access, **p;
    ngx_http_ccproxy_main_conf_t    *mcf;

    access = lcf->access;

    if (access != NGX_CONF_UNSET_PTR) {

        if (access->mode != mode) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"ccproxy_access_key off\" can't stand beside "
                               "access keys: remove one of them");
            return NULL;
        }

        return access;
    }

    access = ngx_pcalloc(cf->pool, sizeof(ngx_http_ccproxy_access_t));
    if (access == NULL
        || ngx_array_init(&access->keys, cf->pool, 4,
                          sizeof(ngx_http_ccproxy_access_key_t))
           != NGX_OK)
    {
        return NULL;
    }

    access->mode = mode;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    p = ngx_array_push(&mcf->accesses);
    if (p == NULL) {
        return NULL;
    }

    *p = access;
    lcf->access = access;

    return access;
}


/* ---- the secret ---- */

static ngx_int_t
ngx_http_ccproxy_access_hex(ngx_str_t *hex, u_char *digest)
{
    ngx_int_t   n;
    ngx_uint_t  i;

    if (hex->len != 2 * NGX_HTTP_CCPROXY_SHA256) {
        return NGX_ERROR;
    }

    for (i = 0; i < NGX_HTTP_CCPROXY_SHA256; i++) {

        n = ngx_hextoi(hex->data + 2 * i, 2);
        if (n == NGX_ERROR) {
            return NGX_ERROR;
        }

        digest[i] = (u_char) n;
    }

    return NGX_OK;
}


static char *
ngx_http_ccproxy_access_secret(ngx_conf_t *cf, ngx_str_t *value,
    u_char *digest)
{
    size_t     n;
    ngx_str_t  secret;

    n = sizeof(NGX_HTTP_CCPROXY_DIGEST) - 1;

    if (value->len >= n
        && ngx_strncmp(value->data, NGX_HTTP_CCPROXY_DIGEST, n) == 0)
    {
        secret.data = value->data + n;
        secret.len = value->len - n;

        return ngx_http_ccproxy_access_hex(&secret, digest) == NGX_OK
               ? NGX_CONF_OK
               : "needs 64 hexadecimal digits behind \"sha256:\", as "
                 "\"printf %s SECRET | sha256sum\" prints them";
    }

    if (ngx_http_ccproxy_secret(cf, "access key", value,
                                ngx_http_ccproxy_secret_any_mode(cf, 3),
                                &secret)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (secret.len < NGX_HTTP_CCPROXY_ACCESS_MIN) {
        return "has a secret of less than 8 characters: take a long random "
               "one, as \"openssl rand -hex 24\" prints it";
    }

    ngx_http_ccproxy_sha256(&secret, digest);

    return NGX_CONF_OK;
}


/* ---- parameters ---- */

/* "a,b,c" */

static char *
ngx_http_ccproxy_access_list(ngx_conf_t *cf, ngx_str_t *value,
    ngx_array_t **list)
{
    u_char     *p, *last, *comma;
    ngx_str_t  *name;

    if (*list == NULL) {
        *list = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (*list == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    last = value->data + value->len;

    for (p = value->data; p <= last; p = comma + 1) {

        comma = ngx_strlchr(p, last, ',');
        if (comma == NULL) {
            comma = last;
        }

        if (comma == p) {
            return "has an empty name in a list: write \"models=a,b\" or "
                   "\"pools=a,b\" without blanks";
        }

        name = ngx_array_push(*list);
        if (name == NULL) {
            return NGX_CONF_ERROR;
        }

        name->data = p;
        name->len = comma - p;
    }

    return NGX_CONF_OK;
}


/* A day of the Gregorian calendar as the seconds at its beginning, UTC. */

static time_t
ngx_http_ccproxy_access_day(ngx_int_t year, ngx_int_t month, ngx_int_t day)
{
    /* March is the first month, so that a leap day is a year's last */

    month -= 2;

    if (month <= 0) {
        month += 12;
        year--;
    }

    return (time_t) (365 * year + year / 4 - year / 100 + year / 400
                     + 367 * month / 12 - 30 + day - 1 - 719527 + 31 + 28)
           * 86400;
}


/*
 * YYYY-MM-DD: to the end of that day; YYYY-MM-DDTHH:MM:SSZ: to that moment,
 * both UTC; or seconds since 1970.
 */

static time_t
ngx_http_ccproxy_access_time(ngx_str_t *s)
{
    u_char     *p;
    time_t      t;
    ngx_int_t   n[6];
    ngx_uint_t  i;

    static const struct {
        u_char  at, len, after;
        short   min, max;
    } parts[] = {
        { 0, 4, '-', 1970, 9999 }, { 5, 2, '-', 1, 12 }, { 8, 2, 'T', 1, 31 },
        { 11, 2, ':', 0, 23 }, { 14, 2, ':', 0, 59 }, { 17, 2, 'Z', 0, 59 }
    };

    p = s->data;

    if (s->len != 10 && s->len != 20) {
        return NGX_ERROR;
    }

    if (s->len == 10 && p[4] != '-') {
        return ngx_atotm(p, s->len);
    }

    for (i = 0; i < (s->len == 10 ? 3 : 6); i++) {

        n[i] = ngx_atoi(p + parts[i].at, parts[i].len);

        if (n[i] < parts[i].min || n[i] > parts[i].max
            || (parts[i].at + parts[i].len < s->len
                && p[parts[i].at + parts[i].len] != parts[i].after))
        {
            return NGX_ERROR;
        }
    }

    t = ngx_http_ccproxy_access_day(n[0], n[1], n[2]);

    return s->len == 10 ? t + 86400 : t + n[3] * 3600 + n[4] * 60 + n[5];
}


static char *
ngx_http_ccproxy_access_param(ngx_conf_t *cf,
    ngx_http_ccproxy_access_key_t *key, ngx_str_t *word)
{
    ngx_str_t  value;

    if (word->len > 7 && ngx_strncmp(word->data, "models=", 7) == 0) {
        value.data = word->data + 7;
        value.len = word->len - 7;

        return ngx_http_ccproxy_access_list(cf, &value, &key->models);
    }

    if (word->len > 6 && ngx_strncmp(word->data, "pools=", 6) == 0) {
        value.data = word->data + 6;
        value.len = word->len - 6;

        return ngx_http_ccproxy_access_list(cf, &value, &key->pools);
    }

    if (word->len > 8 && ngx_strncmp(word->data, "expires=", 8) == 0) {
        value.data = word->data + 8;
        value.len = word->len - 8;
        key->expires = ngx_http_ccproxy_access_time(&value);

        return key->expires == NGX_ERROR
               ? "needs a day or a moment of UTC behind \"expires=\": "
                 "\"2027-06-30\" or \"2027-06-30T12:00:00Z\""
               : NGX_CONF_OK;
    }

    if (word->len > 6 && ngx_strncmp(word->data, "group=", 6) == 0) {
        key->group_name.data = word->data + 6;
        key->group_name.len = word->len - 6;

        return NGX_CONF_OK;
    }

    if (ngx_strcmp(word->data, "mode=any") == 0) {
        return NGX_CONF_OK;
    }

    switch (ngx_http_ccproxy_limit_word(cf, key->account, word)) {

    case NGX_OK:
        return NGX_CONF_OK;

    case NGX_ERROR:
        return NGX_CONF_ERROR;

    default: /* NGX_DECLINED */
        break;
    }

    /* a secret with a blank in it could stand here: it is not shown */

    return "has a word that it does not know behind the secret: there are "
           "\"models=\", \"pools=\", \"expires=\", \"rpm=\", \"tpm=\", "
           "\"concurrency=\", \"budget=\", \"group=\" and \"mode=any\"";
}


/* ---- directives ---- */

/* Words: a directive, the name, the secret, parameters. */

static char *
ngx_http_ccproxy_access_add(ngx_conf_t *cf, ngx_http_ccproxy_access_t *access)
{
    char                           *rv;
    u_char                          digest[NGX_HTTP_CCPROXY_SHA256];
    ngx_str_t                      *value;
    ngx_uint_t                      i;
    ngx_http_ccproxy_access_key_t  *key;

    value = cf->args->elts;

    if (value[1].len == 0 || value[2].len == 0) {
        return "needs a name and a secret that are not empty";
    }

    rv = ngx_http_ccproxy_access_secret(cf, &value[2], digest);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    key = ngx_array_push(&access->keys);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(key, sizeof(ngx_http_ccproxy_access_key_t));

    key->name = value[1];
    ngx_memcpy(key->digest, digest, NGX_HTTP_CCPROXY_SHA256);
    key->file = cf->conf_file->file.name.data;
    key->line = cf->conf_file->line;

    key->account = ngx_http_ccproxy_limit_account(cf, &key->name, 0);
    if (key->account == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 3; i < cf->args->nelts; i++) {
        rv = ngx_http_ccproxy_access_param(cf, key, &value[i]);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_access_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    ngx_str_t                  *value;
    ngx_http_ccproxy_access_t  *access;

    (void) cmd;

    value = cf->args->elts;

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "off") != 0) {
            return "needs a name and a secret, or \"off\"";
        }

        return ngx_http_ccproxy_access_level(cf, lcf,
                                             NGX_HTTP_CCPROXY_ACCESS_OFF)
               ? NGX_CONF_OK : NGX_CONF_ERROR;
    }

    access = ngx_http_ccproxy_access_level(cf, lcf,
                                           NGX_HTTP_CCPROXY_ACCESS_KEYS);

    return access ? ngx_http_ccproxy_access_add(cf, access) : NGX_CONF_ERROR;
}


/* The words of a line; their number, or NGX_ERROR: too many. */

static ngx_int_t
ngx_http_ccproxy_access_words(u_char *p, u_char *last, ngx_str_t *word)
{
    ngx_int_t  n;

    for (n = 1; /* void */ ; n++) {

        while (p < last && (*p == ' ' || *p == '\t' || *p == CR)) {
            p++;
        }

        if (p == last || *p == '#') {
            return n;
        }

        if (n == NGX_HTTP_CCPROXY_ACCESS_WORDS) {
            return NGX_ERROR;
        }

        word[n].data = p;

        while (p < last && *p != ' ' && *p != '\t' && *p != CR) {
            p++;
        }

        word[n].len = p - word[n].data;

        /* as nginx leaves words: the byte behind is a blank or a line's end */

        if (p < last) {
            *p++ = '\0';

        } else {
            *p = '\0';
        }
    }
}


static char *
ngx_http_ccproxy_access_lines(ngx_conf_t *cf,
    ngx_http_ccproxy_access_t *access, ngx_str_t *text)
{
    char       *rv;
    u_char     *p, *end, *lf;
    ngx_int_t   n;
    ngx_str_t   word[NGX_HTTP_CCPROXY_ACCESS_WORDS];

    end = text->data + text->len;
    cf->args->elts = word;
    ngx_str_set(&word[0], "ccproxy_access");

    for (p = text->data; p < end; p = lf + 1) {

        cf->conf_file->line++;

        lf = ngx_strlchr(p, end, LF);
        if (lf == NULL) {
            lf = end;
        }

        n = ngx_http_ccproxy_access_words(p, lf, word);

        if (n == 1) {
            continue;
        }

        cf->args->nelts = n > 0 ? n : 0;
        rv = n < 3 ? "is to hold \"NAME SECRET [PARAMETER]...\" in each line"
                   : ngx_http_ccproxy_access_add(cf, access);

        if (rv != NGX_CONF_OK) {
            if (rv != NGX_CONF_ERROR) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "an access file's line %s", rv);
            }

            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_access(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_loc_conf_t  *lcf = conf;

    char                       *rv;
    ngx_str_t                  *value, name, text;
    ngx_array_t                *args, words;
    ngx_conf_file_t            *conf_file, file;
    ngx_http_ccproxy_access_t  *access;

    value = cf->args->elts;
    name = value[1];

    access = ngx_http_ccproxy_access_level(cf, lcf,
                                           NGX_HTTP_CCPROXY_ACCESS_KEYS);

    if (access == NULL || ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    switch (ngx_http_ccproxy_file(cf, &name, NGX_HTTP_CCPROXY_ACCESS_FILE, 1,
                                  &text))
    {
    case NGX_HTTP_CCPROXY_FILE_READ:
        break;

    case NGX_HTTP_CCPROXY_FILE_CLOSED:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "can't read the access file \"%V\"", &name);
        return NGX_CONF_ERROR;

    default:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the access file \"%V\" is no file, or longer than "
                           "8 MB", &name);
        return NGX_CONF_ERROR;
    }

    (void) cmd;

    /* its lines are told of as those of any other file */

    ngx_memzero(&file, sizeof(ngx_conf_file_t));
    file.file.name = name;
    file.file.fd = cf->conf_file->file.fd;

    ngx_memzero(&words, sizeof(ngx_array_t));

    conf_file = cf->conf_file;
    args = cf->args;

    cf->conf_file = &file;
    cf->args = &words;

    rv = ngx_http_ccproxy_access_lines(cf, access, &text);

    cf->conf_file = conf_file;
    cf->args = args;

    return rv;
}


/* ---- once all is known ---- */

static int ngx_libc_cdecl
ngx_http_ccproxy_access_compare(const void *one, const void *two)
{
    const ngx_http_ccproxy_access_key_t  *const *a = one;
    const ngx_http_ccproxy_access_key_t  *const *b = two;

    return ngx_memcmp((*a)->digest, (*b)->digest, NGX_HTTP_CCPROXY_SHA256);
}


/* Two clients of one secret are one client. */

static ngx_int_t
ngx_http_ccproxy_access_twins(ngx_conf_t *cf, ngx_array_t *keys)
{
    ngx_uint_t                       i;
    ngx_http_ccproxy_access_key_t   *key, **sorted;

    if (keys->nelts < 2) {
        return NGX_OK;
    }

    sorted = ngx_palloc(cf->temp_pool, keys->nelts * sizeof(void *));
    if (sorted == NULL) {
        return NGX_ERROR;
    }

    key = keys->elts;

    for (i = 0; i < keys->nelts; i++) {
        sorted[i] = &key[i];
    }

    ngx_qsort(sorted, keys->nelts, sizeof(void *),
              ngx_http_ccproxy_access_compare);

    for (i = 1; i < keys->nelts; i++) {

        if (ngx_memcmp(sorted[i - 1]->digest, sorted[i]->digest,
                       NGX_HTTP_CCPROXY_SHA256)
            != 0)
        {
            continue;
        }

        key = ngx_max(sorted[i - 1], sorted[i]);

        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "the access keys \"%V\" and \"%V\" have the same secret "
                      "in %s:%ui", &ngx_min(sorted[i - 1], sorted[i])->name,
                      &key->name, key->file, key->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_ccproxy_access_pools(ngx_conf_t *cf,
    ngx_http_ccproxy_access_key_t *key)
{
    ngx_str_t   *name;
    ngx_uint_t   i;

    name = key->pools->elts;

    for (i = 0; i < key->pools->nelts; i++) {

        if (ngx_http_ccproxy_pool_find(cf, &name[i]) == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "no pool \"%V\" for the access key \"%V\": declare "
                          "\"upstream %V { ccproxy; ccproxy_target … }\" in "
                          "%s:%ui", &name[i], &key->name, &name[i], key->file,
                          key->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_ccproxy_access_check(ngx_conf_t *cf)
{
    ngx_uint_t                       i, k;
    ngx_http_ccproxy_access_t      **access;
    ngx_http_ccproxy_access_key_t   *key;
    ngx_http_ccproxy_main_conf_t    *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);
    access = mcf->accesses.elts;

    for (i = 0; i < mcf->accesses.nelts; i++) {

        key = access[i]->keys.elts;

        for (k = 0; k < access[i]->keys.nelts; k++) {
            if (key[k].pools
                && ngx_http_ccproxy_access_pools(cf, &key[k]) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }

        if (ngx_http_ccproxy_access_twins(cf, &access[i]->keys) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_ccproxy_access_model(ngx_http_ccproxy_ctx_t *ctx, ccp_str_t model)
{
    ngx_str_t   *pattern;
    ngx_uint_t   i;

    if (ctx->access == NULL || ctx->access->models == NULL) {
        return 1;
    }

    pattern = ctx->access->models->elts;

    for (i = 0; i < ctx->access->models->nelts; i++) {
        if (ccp_str_glob(ngx_http_ccproxy_slice(&pattern[i]), model)) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_ccproxy_access_pool(ngx_http_ccproxy_ctx_t *ctx,
    ngx_http_ccproxy_pool_t *pool)
{
    ngx_str_t   *name, *host;
    ngx_uint_t   i;

    if (ctx->access == NULL || ctx->access->pools == NULL) {
        return 1;
    }

    if (pool == NULL) {
        return 0;
    }

    name = ctx->access->pools->elts;
    host = &pool->uscf->host;

    for (i = 0; i < ctx->access->pools->nelts; i++) {
        if (name[i].len == host->len
            && ngx_strncasecmp(name[i].data, host->data, host->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
