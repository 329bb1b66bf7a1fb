
/*
 * Keys of providers: from the environment, from a file, or written out.  A
 * secret goes nowhere but into the request; messages name its source.
 */

#include "ngx_http_ccproxy.h"


/* Keys are some hundred bytes; tokens of cloud accounts have a few KB. */
#define NGX_HTTP_CCPROXY_KEY_MAX  16384


typedef struct {
    ngx_str_t   name;                      /* with "=" */
    size_t      offset;                    /* ngx_uint_t of a key */
    ngx_int_t   max;
    char       *wrong;
} ngx_http_ccproxy_key_param_t;


static ngx_http_ccproxy_key_param_t  ngx_http_ccproxy_key_params[] = {

    { ngx_string("weight="), offsetof(ngx_http_ccproxy_key_t, weight), 10000,
      "needs a number from 1 to 10000 behind \"weight=\"" },

    { ngx_string("rpm="), offsetof(ngx_http_ccproxy_key_t, rpm), 1000000000,
      "needs the requests that may be sent in a minute behind \"rpm=\"" },

    { ngx_string("tpm="), offsetof(ngx_http_ccproxy_key_t, tpm), 1000000000,
      "needs the tokens that may be used in a minute behind \"tpm=\"" },

    { ngx_null_string, 0, 0, NULL }
};


/*
 * A secret becomes part of a header line: NULL, or why it can't.  Line ends
 * behind it, as editors leave them in files, are cut off.
 */

static char *
ngx_http_ccproxy_key_check(ngx_str_t *s)
{
    size_t  i;

    while (s->len != 0
           && (s->data[s->len - 1] == LF || s->data[s->len - 1] == CR))
    {
        s->len--;
    }

    if (s->len == 0) {
        return "is empty";
    }

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= ' ' || s->data[i] >= 0x7f) {
            return "holds blanks, line ends or other characters that no key "
                   "has";
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_ccproxy_key_read_env(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *key)
{
    char    *value;
    u_char  *var;

    var = ngx_pnalloc(cf->temp_pool, name->len + 1);
    if (var == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(var, name->data, name->len);
    var[name->len] = '\0';

    value = getenv((char *) var);

    if (value == NULL || *value == '\0') {
        return NGX_DECLINED;
    }

    key->len = ngx_strlen(value);
    key->data = ngx_pnalloc(cf->pool, key->len);
    if (key->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(key->data, value, key->len);

    return NGX_OK;
}


static char *
ngx_http_ccproxy_key_read_file(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *key)
{
    char             *rv;
    ssize_t           n;
    ngx_file_t        file;
    ngx_file_info_t   fi;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *name;
    file.log = cf->log;
    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "can't read the key file \"%V\"", name);
        return NGX_CONF_ERROR;
    }

    rv = NGX_CONF_ERROR;

    if (ngx_fd_info(file.fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the key file \"%V\" is no file", name);
        goto done;
    }

    if (ngx_file_access(&fi) & 077) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the key file \"%V\" is open to other users than "
                           "its owner: run \"chmod 600 %V\"", name, name);
        goto done;
    }

    if (ngx_file_size(&fi) > NGX_HTTP_CCPROXY_KEY_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the key file \"%V\" is too long for a key", name);
        goto done;
    }

    key->data = ngx_pnalloc(cf->pool, (size_t) ngx_file_size(&fi) + 1);
    if (key->data == NULL) {
        goto done;
    }

    n = ngx_read_file(&file, key->data, (size_t) ngx_file_size(&fi), 0);

    if (n != NGX_ERROR) {
        key->len = n;
        rv = NGX_CONF_OK;
    }

done:

    (void) ngx_close_file(file.fd);

    return rv;
}


/*
 * The name of a variable for a message; a secret put there by mistake is not
 * shown.
 */

static ngx_str_t *
ngx_http_ccproxy_key_shown(ngx_str_t *name)
{
    size_t  i;
    u_char  c;

    static ngx_str_t  hidden = ngx_string("(name not shown)");

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) {
            return &hidden;
        }
    }

    return name;
}


/* What stands behind "key": one of the forms in value. */

static char *
ngx_http_ccproxy_key_source(ngx_conf_t *cf, ngx_str_t *value, ngx_str_t *key)
{
    char       *rv;
    ngx_int_t   rc;
    ngx_str_t   name;

    if (value->len > 4 && ngx_strncmp(value->data, "env:", 4) == 0) {

        name.data = value->data + 4;
        name.len = value->len - 4;

        rc = ngx_http_ccproxy_key_read_env(cf, &name, key);

        if (rc == NGX_DECLINED) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "the environment has no \"%V\": set it where "
                               "nginx is started, or write \"key file:PATH;\"",
                               ngx_http_ccproxy_key_shown(&name));
        }

        if (rc != NGX_OK) {
            return NGX_CONF_ERROR;
        }

    } else if (value->len > 5 && ngx_strncmp(value->data, "file:", 5) == 0) {

        name.data = value->data + 5;
        name.len = value->len - 5;

        rv = ngx_http_ccproxy_key_read_file(cf, &name, key);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

    } else {

        *key = *value;

        if (value->len >= 8 && ngx_strncmp(value->data, "literal:", 8) == 0) {
            key->data += 8;
            key->len -= 8;
        }

        ngx_str_set(&name, "this line");
    }

    rv = ngx_http_ccproxy_key_check(key);

    if (rv != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "the key from \"%V\" %s",
                           value->data[0] == 'e'
                           ? ngx_http_ccproxy_key_shown(&name) : &name, rv);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_http_ccproxy_key_t *
ngx_http_ccproxy_key_add(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p,
    ngx_str_t *value)
{
    ngx_http_ccproxy_key_t  *key;

    key = ngx_array_push(&p->keys);
    if (key == NULL) {
        return NULL;
    }

    ngx_memzero(key, sizeof(ngx_http_ccproxy_key_t));

    key->value = *value;
    key->weight = 1;

    /* unless it gets a name, a key is known by its place: groq-1 */

    key->name.data = ngx_pnalloc(cf->pool, p->name.len + 1 + NGX_INT_T_LEN);
    if (key->name.data == NULL) {
        return NULL;
    }

    key->name.len = ngx_sprintf(key->name.data, "%V-%ui", &p->name,
                                p->keys.nelts)
                    - key->name.data;

    return key;
}


/* A parameter that is a number; NGX_CONF_ERROR: it is none of these. */

static char *
ngx_http_ccproxy_key_number(ngx_conf_t *cf, ngx_http_ccproxy_key_t *key,
    ngx_str_t *value)
{
    ngx_int_t                      n;
    ngx_uint_t                    *field;
    ngx_http_ccproxy_key_param_t  *param;

    for (param = ngx_http_ccproxy_key_params; param->name.len; param++) {

        if (value->len < param->name.len
            || ngx_strncmp(value->data, param->name.data, param->name.len)
               != 0)
        {
            continue;
        }

        n = ngx_atoi(value->data + param->name.len,
                     value->len - param->name.len);

        if (n == NGX_ERROR || n == 0 || n > param->max) {
            return param->wrong;
        }

        field = (ngx_uint_t *) ((u_char *) key + param->offset);
        *field = n;

        return NGX_CONF_OK;
    }

    return NGX_CONF_ERROR;
}


char *
ngx_http_ccproxy_key(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    char                    *rv;
    u_char                  *eq;
    ngx_str_t               *value, secret;
    ngx_uint_t               i;
    ngx_http_ccproxy_key_t  *key;

    value = cf->args->elts;

    if (ngx_http_ccproxy_key_source(cf, &value[1], &secret) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    key = ngx_http_ccproxy_key_add(cf, p, &secret);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "name=", 5) == 0) {
            key->name.data = value[i].data + 5;
            key->name.len = value[i].len - 5;

            if (key->name.len == 0) {
                return "needs a name behind \"name=\"";
            }

            continue;
        }

        rv = ngx_http_ccproxy_key_number(cf, key, &value[i]);

        if (rv != NGX_CONF_ERROR) {

            if (rv != NGX_CONF_OK) {
                return rv;
            }

            continue;
        }

        /* a secret with a blank in it could stand here: show no value */

        eq = ngx_strlchr(value[i].data, value[i].data + value[i].len, '=');

        if (eq == NULL) {
            return "has a word too many: write \"key SOURCE [name=NAME] "
                   "[weight=N] [rpm=N] [tpm=N];\"";
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown parameter of \"key\" in word %ui: there "
                           "are \"name=\", \"weight=\", \"rpm=\" and "
                           "\"tpm=\"", i + 1);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_ccproxy_key_env(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p,
    const char *list)
{
    char        *rv;
    size_t       n;
    ngx_int_t    rc;
    ngx_str_t    name, secret;

    while (*list != '\0') {

        n = strcspn(list, ",");

        name.data = (u_char *) list;
        name.len = n;

        list += n;
        list += (*list == ',');

        rc = ngx_http_ccproxy_key_read_env(cf, &name, &secret);

        if (rc == NGX_DECLINED) {
            continue;
        }

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }

        rv = ngx_http_ccproxy_key_check(&secret);

        if (rv != NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "the key in the environment's \"%V\" %s in %s:%ui",
                          &name, rv, p->file, p->line);
            return NGX_ERROR;
        }

        if (ngx_http_ccproxy_key_add(cf, p, &secret) == NULL) {
            return NGX_ERROR;
        }

        return NGX_OK;
    }

    return NGX_DECLINED;
}
