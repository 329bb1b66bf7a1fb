
/*
 * Where secrets come from: the environment, a file, or the configuration
 * itself.  Messages name the source alone.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"


/* Keys are some hundred bytes; tokens of cloud accounts have a few KB. */
#define NGX_HTTP_CCPROXY_SECRET_MAX  16384


char *
ngx_http_ccproxy_secret_check(ngx_str_t *s)
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


ngx_int_t
ngx_http_ccproxy_secret_env(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret)
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

    if (ngx_http_ccproxy_service_keep(cf, name) != NGX_OK) {
        return NGX_ERROR;
    }

    secret->len = ngx_strlen(value);
    secret->data = ngx_pnalloc(cf->pool, secret->len);
    if (secret->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(secret->data, value, secret->len);

    return NGX_OK;
}


/* systemd's LoadCredential= puts files into a folder that it names. */

static char *
ngx_http_ccproxy_secret_folder(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret)
{
    u_char     *p;
    size_t      n;
    ngx_int_t   rc;
    ngx_str_t   folder;

    static ngx_str_t  var = ngx_string("CREDENTIALS_DIRECTORY");

    n = var.len + 2;

    if (name->len <= n || name->data[0] != '$' || name->data[n - 1] != '/'
        || ngx_strncmp(name->data + 1, var.data, var.len) != 0)
    {
        return NGX_CONF_OK;
    }

    rc = ngx_http_ccproxy_secret_env(cf, &var, &folder);

    if (rc == NGX_DECLINED) {

        name->data++;
        name->len--;

        rc = ngx_http_ccproxy_service_has(cf, name, secret);

        if (rc == NGX_OK) {
            return NGX_CONF_OK;
        }
    }

    if (rc == NGX_DECLINED) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the environment has no \"%V\": write "
                           "\"LoadCredential=\" into nginx's unit of "
                           "systemd, or the file's path here", &var);
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    p = ngx_pnalloc(cf->pool, folder.len + name->len - n + 2);
    if (p == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_sprintf(p, "%V/%*s%Z", &folder, name->len - n, name->data + n);

    name->data = p;
    name->len = folder.len + 1 + name->len - n;

    return NGX_CONF_OK;
}


static char *
ngx_http_ccproxy_secret_file(ngx_conf_t *cf, char *what, ngx_str_t *name,
    ngx_uint_t any_mode, ngx_str_t *secret)
{
    char  *rv;

    ngx_str_null(secret);

    rv = ngx_http_ccproxy_secret_folder(cf, name, secret);

    if (rv != NGX_CONF_OK || secret->len) {
        return rv;
    }

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    switch (ngx_http_ccproxy_file(cf, name, NGX_HTTP_CCPROXY_SECRET_MAX,
                                  any_mode, secret))
    {
    case NGX_HTTP_CCPROXY_FILE_READ:
        return NGX_CONF_OK;

    case NGX_HTTP_CCPROXY_FILE_CLOSED:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "can't read the %s file \"%V\"", what, name);
        break;

    case NGX_HTTP_CCPROXY_FILE_KIND:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s file \"%V\" is no file", what, name);
        break;

    case NGX_HTTP_CCPROXY_FILE_MODE:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s file \"%V\" is open to other users than "
                           "its owner: run \"chmod 600 %V\", or add "
                           "\"mode=any\" if that is as it should be",
                           what, name, name);
        break;

    case NGX_HTTP_CCPROXY_FILE_SIZE:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the %s file \"%V\" is too long for a %s", what,
                           name, what);
        break;

    default: /* NGX_HTTP_CCPROXY_FILE_FAILED: logged */
        break;
    }

    return NGX_CONF_ERROR;
}


/*
 * The name of a variable for a message; a secret put there by mistake is not
 * shown.
 */

static ngx_str_t *
ngx_http_ccproxy_secret_shown(ngx_str_t *name)
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


ngx_uint_t
ngx_http_ccproxy_secret_any_mode(ngx_conf_t *cf, ngx_uint_t from)
{
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = from; i < cf->args->nelts; i++) {
        if (ngx_strcmp(value[i].data, "mode=any") == 0) {
            return 1;
        }
    }

    return 0;
}


/*
 * What no secret begins with: a variable of a shell or of nginx, a path, or a
 * source in another spelling.  NULL, or what was meant.
 */

static char *
ngx_http_ccproxy_secret_mistaken(ngx_str_t *s)
{
    ngx_uint_t  i;

    static const struct {
        char  *begin;
        char  *meant;
    } mistakes[] = {
        { "$", "env:NAME" },
        { "%", "env:NAME" },
        { "env:", "env:NAME" },
        { "env=", "env:NAME" },
        { "/", "file:PATH" },
        { "./", "file:PATH" },
        { "~/", "file:PATH" },
        { "file:", "file:PATH" },
        { "file=", "file:PATH" },
        { "literal:", "literal:SECRET" },
        { "sha256:", "sha256:HEX" }
    };

    for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        if (ngx_strncasecmp(s->data, (u_char *) mistakes[i].begin,
                            ngx_strlen(mistakes[i].begin))
            == 0)
        {
            return mistakes[i].meant;
        }
    }

    return NULL;
}


char *
ngx_http_ccproxy_secret(ngx_conf_t *cf, char *what, ngx_str_t *value,
    ngx_uint_t any_mode, ngx_str_t *secret)
{
    char       *rv;
    ngx_int_t   rc;
    ngx_str_t   name;

    if (value->len >= 4 && ngx_strncmp(value->data, "env:", 4) == 0) {

        name.data = value->data + 4;
        name.len = value->len - 4;

        rc = ngx_http_ccproxy_secret_env(cf, &name, secret);

        if (rc == NGX_DECLINED) {
            rc = ngx_http_ccproxy_service_has(cf, &name, secret);
        }

        if (rc == NGX_DECLINED) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "the environment has no \"%V\": set it where "
                               "nginx is started, or write \"file:PATH\" in its "
                               "place",
                               ngx_http_ccproxy_secret_shown(&name));
        }

        if (rc != NGX_OK) {
            return NGX_CONF_ERROR;
        }

    } else if (value->len >= 5 && ngx_strncmp(value->data, "file:", 5) == 0) {

        name.data = value->data + 5;
        name.len = value->len - 5;

        rv = ngx_http_ccproxy_secret_file(cf, what, &name, any_mode, secret);
        if (rv != NGX_CONF_OK) {
            return rv;
        }

    } else {

        *secret = *value;

        if (value->len >= 8 && ngx_strncmp(value->data, "literal:", 8) == 0) {
            secret->data += 8;
            secret->len -= 8;

        } else {
            rv = ngx_http_ccproxy_secret_mistaken(value);

            if (rv != NULL) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "the %s of this line does not look like "
                                   "one: write \"%s\", or \"literal:\" "
                                   "before it if it is the secret itself",
                                   what, rv);
                return NGX_CONF_ERROR;
            }
        }

        ngx_str_set(&name, "this line");
    }

    rv = ngx_http_ccproxy_secret_check(secret);

    if (rv != NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "the %s from \"%V\" %s",
                           what, ngx_strncmp(value->data, "env:", 4) == 0
                           ? ngx_http_ccproxy_secret_shown(&name) : &name, rv);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
