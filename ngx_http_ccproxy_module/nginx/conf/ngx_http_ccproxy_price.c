
/*
 * "price MODEL in=… out=…;" of a provider: what its models cost.
 */

#include "nginx/conf/ngx_http_ccproxy_conf.h"
#include "codec/base/base_match.h"


static const struct {
    ngx_str_t   name;
    size_t      offset;
} ngx_http_ccproxy_price_parts[] = {
    { ngx_string("in="), offsetof(ccp_price_t, in) },
    { ngx_string("out="), offsetof(ccp_price_t, out) },
    { ngx_string("cached="), offsetof(ccp_price_t, cached) },
    { ngx_string("write="), offsetof(ccp_price_t, write) },
    { ngx_string("write_1h="), offsetof(ccp_price_t, write_1h) },
    { ngx_null_string, 0 }
};


/* "price default;" */

static char *
ngx_http_ccproxy_price_default(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    if (p->list_line) {
        return "default is given twice";
    }

    p->list_line = cf->conf_file->line;

    return NGX_CONF_OK;
}


/* "in=0.15" and the like; 0: it is no such word. */

static ngx_uint_t
ngx_http_ccproxy_price_part(ngx_str_t *word, ccp_price_t *price,
    ngx_uint_t *bad)
{
    int64_t     *v;
    ngx_str_t    name;
    ngx_uint_t   i;

    for (i = 0; ngx_http_ccproxy_price_parts[i].name.len; i++) {

        name = ngx_http_ccproxy_price_parts[i].name;

        if (word->len < name.len
            || ngx_strncmp(word->data, name.data, name.len) != 0)
        {
            continue;
        }

        v = (int64_t *) ((u_char *) price
                         + ngx_http_ccproxy_price_parts[i].offset);

        *bad = (*v >= 0);
        *v = ccp_money_parse(word->data + name.len, word->len - name.len);
        *bad |= (*v < 0);

        return 1;
    }

    return 0;
}


/* "per=1M", "per=1K", "per=1": how many of it are a million; 0: none is. */

static int64_t
ngx_http_ccproxy_price_per(ngx_str_t *word)
{
    if (ngx_strcasecmp(word->data + 4, (u_char *) "1m") == 0) {
        return 1;
    }

    if (ngx_strcasecmp(word->data + 4, (u_char *) "1k") == 0) {
        return 1000;
    }

    return ngx_strcmp(word->data + 4, "1") == 0 ? 1000000 : 0;
}


static ngx_uint_t
ngx_http_ccproxy_price_scale(ccp_price_t *price, int64_t per)
{
    int64_t     *v;
    ngx_uint_t   i;

    for (i = 0; ngx_http_ccproxy_price_parts[i].name.len; i++) {

        v = (int64_t *) ((u_char *) price
                         + ngx_http_ccproxy_price_parts[i].offset);

        if (*v > CCP_PRICE_MAX / per) {
            return 0;
        }

        if (*v > 0) {
            *v *= per;
        }
    }

    return 1;
}


static char *
ngx_http_ccproxy_price_words(ngx_conf_t *cf, ngx_http_ccproxy_price_t *price)
{
    int64_t      per;
    ssize_t      above;
    ngx_str_t   *value, number;
    ngx_uint_t   i, bad;

    value = cf->args->elts;
    per = 1;
    bad = 0;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_ccproxy_price_part(&value[i], &price->price, &bad)) {

            if (bad) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid price \"%V\": write it once, as a "
                                   "decimal such as \"in=0.15\", for a "
                                   "million tokens", &value[i]);
                return NGX_CONF_ERROR;
            }

            continue;
        }

        if (ngx_strncmp(value[i].data, "per=", 4) == 0) {
            per = ngx_http_ccproxy_price_per(&value[i]);

            if (per == 0) {
                return "knows \"per=1M\", the default, \"per=1K\" and "
                       "\"per=1\"";
            }

            continue;
        }

        if (ngx_strncmp(value[i].data, "above=", 6) == 0) {
            number.data = value[i].data + 6;
            number.len = value[i].len - 6;
            above = ngx_parse_size(&number);

            if (above <= 0) {
                return "needs a number of tokens behind \"above=\": "
                       "\"above=200000\"";
            }

            price->above = above;
            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "unknown word \"%V\" in \"price\": write \"price "
                           "MODEL in=0.15 out=0.6 cached=0.075;\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    if (price->price.in < 0 || price->price.out < 0) {
        return "needs both \"in=\" and \"out=\": write \"price MODEL in=0.15 "
               "out=0.6;\"";
    }

    return ngx_http_ccproxy_price_scale(&price->price, per)
           ? NGX_CONF_OK : "is beyond reason";
}


char *
ngx_http_ccproxy_price(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_provider_t  *p = conf;

    ngx_str_t                 *value;
    ngx_http_ccproxy_price_t  *price;

    (void) cmd;

    value = cf->args->elts;

    if (cf->args->nelts == 2) {
        return ngx_strcmp(value[1].data, "default") == 0
               ? ngx_http_ccproxy_price_default(cf, p)
               : "needs prices behind the model: write \"price MODEL in=0.15 "
                 "out=0.6;\", or \"price default;\" for the list prices of "
                 "the preset";
    }

    if (p->prices == NULL) {
        p->prices = ngx_array_create(cf->pool, 4,
                                     sizeof(ngx_http_ccproxy_price_t));
        if (p->prices == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    price = ngx_array_push(p->prices);
    if (price == NULL) {
        return NGX_CONF_ERROR;
    }

    price->model = value[1];
    price->above = 0;
    price->price.in = -1;
    price->price.out = -1;
    price->price.cached = -1;
    price->price.write = -1;
    price->price.write_1h = -1;

    return ngx_http_ccproxy_price_words(cf, price);
}


ngx_int_t
ngx_http_ccproxy_price_list(ngx_conf_t *cf, ngx_http_ccproxy_provider_t *p)
{
    if (p->list_line == 0) {
        return NGX_OK;
    }

    p->list_prices = ccp_list_price_first(p->row.name);

    if (p->list_prices == NULL && p->row.like) {
        p->list_prices = ccp_list_price_first(p->row.like);
    }

    if (p->list_prices) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "no list prices are known for provider \"%V\": write "
                  "\"price MODEL in=PRICE out=PRICE;\" in %s:%ui", &p->name,
                  p->file, p->list_line);

    return NGX_ERROR;
}


ngx_uint_t
ngx_http_ccproxy_price_find(ngx_http_ccproxy_provider_t *p, ccp_str_t model,
    int64_t prompt, ccp_price_t *price)
{
    ngx_uint_t                 i;
    const ccp_list_price_t    *list;
    ngx_http_ccproxy_price_t  *own;

    own = p->prices ? p->prices->elts : NULL;

    for (i = 0; own && i < p->prices->nelts; i++) {

        if ((own[i].above == 0 || prompt > own[i].above)
            && ccp_str_glob(ngx_http_ccproxy_slice(&own[i].model), model))
        {
            *price = own[i].price;
            return 1;
        }
    }

    list = p->list_prices ? ccp_list_price(p->list_prices, model, prompt)
                          : NULL;

    if (list == NULL) {
        return 0;
    }

    price->in = list->in;
    price->out = list->out;
    price->cached = list->cached;
    price->write = list->write;
    price->write_1h = list->write_1h;

    return 1;
}
