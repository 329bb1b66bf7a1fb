
/*
 * ccproxy_active_group: the group that /switch/ stands for.  It is kept in
 * shared memory, so that all workers and reloads agree on it, and is changed
 * by a POST to a location of its own or to the status page.
 */

#include "nginx/request/ngx_http_ccproxy_request.h"
#include "nginx/core/ngx_http_ccproxy.h"
#include "codec/json/json_write.h"


#define NGX_HTTP_CCPROXY_ARG       "active_group"
#define NGX_HTTP_CCPROXY_JSON      "application/json"
#define NGX_HTTP_CCPROXY_FOREIGN   "pages of other sites are not served here"


typedef struct {
    size_t  len;
    u_char  data[NGX_HTTP_CCPROXY_GROUP_MAX];
} ngx_http_ccproxy_group_name_t;


typedef struct {
    ngx_http_ccproxy_group_name_t  active;
    ngx_http_ccproxy_group_name_t  configured;  /* when that was set */
} ngx_http_ccproxy_group_state_t;


static ngx_int_t ngx_http_ccproxy_group_handler(ngx_http_request_t *r);


ngx_int_t
ngx_http_ccproxy_group_name(ngx_str_t *name)
{
    size_t  i;
    u_char  c;

    if (name->len == 0
        || name->len > NGX_HTTP_CCPROXY_GROUP_MAX
        || (name->len == 6 && ngx_memcmp(name->data, "switch", 6) == 0))
    {
        return NGX_ERROR;
    }

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z')
            && !(c >= 'A' && c <= 'Z') && c != '-' && c != '_' && c != '.')
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_uint_t
ngx_http_ccproxy_group_known(ngx_http_ccproxy_main_conf_t *mcf,
    ngx_str_t *group)
{
    ngx_uint_t                  i, groups;
    ngx_http_ccproxy_route_t  **route;

    route = mcf->routes.elts;
    groups = 0;

    for (i = 0; i < mcf->routes.nelts; i++) {

        if (ngx_http_ccproxy_eq(&route[i]->group, group)) {
            return 1;
        }

        groups += (route[i]->group.len != 0);
    }

    /* without routes for groups, a map may know any name */

    return groups == 0;
}


/* ---- the zone ---- */

static void
ngx_http_ccproxy_group_copy(ngx_http_ccproxy_group_name_t *to,
    ngx_str_t *from)
{
    to->len = from->len;
    ngx_memcpy(to->data, from->data, from->len);
}


static ngx_uint_t
ngx_http_ccproxy_group_same(ngx_http_ccproxy_group_name_t *a, ngx_str_t *b)
{
    return a->len == b->len && ngx_memcmp(a->data, b->data, b->len) == 0;
}


/* Nothing that workers read changes here: nginx may refuse the configuration
 * yet. */

static ngx_int_t
ngx_http_ccproxy_group_init_zone(ngx_shm_zone_t *zone, void *data)
{
    ngx_slab_pool_t  *shpool;

    (void) data;

    shpool = (ngx_slab_pool_t *) zone->shm.addr;

    if (shpool->data == NULL) {
        shpool->data = ngx_slab_calloc(shpool,
                                       sizeof(ngx_http_ccproxy_group_state_t));
    }

    return shpool->data ? NGX_OK : NGX_ERROR;
}


/*
 * The configured group holds where there is none yet, where the configuration
 * names another one than before, and where the active one is gone.
 */

void
ngx_http_ccproxy_group_commit(ngx_cycle_t *cycle)
{
    ngx_str_t                        active;
    ngx_slab_pool_t                 *shpool;
    ngx_http_ccproxy_main_conf_t    *mcf;
    ngx_http_ccproxy_group_state_t  *state;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_ccproxy_module);

    if (mcf == NULL || mcf->group == NULL) {
        return;
    }

    shpool = (ngx_slab_pool_t *) mcf->group->shm.addr;
    state = shpool->data;

    ngx_shmtx_lock(&shpool->mutex);

    active.data = state->active.data;
    active.len = state->active.len;

    if (!ngx_http_ccproxy_group_same(&state->configured, &mcf->active)
        || !ngx_http_ccproxy_group_known(mcf, &active))
    {
        ngx_http_ccproxy_group_copy(&state->configured, &mcf->active);
        ngx_http_ccproxy_group_copy(&state->active, &mcf->active);
    }

    ngx_shmtx_unlock(&shpool->mutex);
}


static ngx_http_ccproxy_group_state_t *
ngx_http_ccproxy_group_lock(ngx_http_ccproxy_main_conf_t *mcf)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) mcf->group->shm.addr;
    ngx_shmtx_lock(&shpool->mutex);

    return shpool->data;
}


static void
ngx_http_ccproxy_group_unlock(ngx_http_ccproxy_main_conf_t *mcf)
{
    ngx_slab_pool_t  *shpool;

    shpool = (ngx_slab_pool_t *) mcf->group->shm.addr;
    ngx_shmtx_unlock(&shpool->mutex);
}


ngx_int_t
ngx_http_ccproxy_group_active(ngx_http_request_t *r, ngx_str_t *group)
{
    ngx_http_ccproxy_main_conf_t    *mcf;
    ngx_http_ccproxy_group_state_t  *state;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    ngx_str_null(group);

    if (mcf->group == NULL) {
        return NGX_OK;
    }

    group->data = ngx_pnalloc(r->pool, NGX_HTTP_CCPROXY_GROUP_MAX);
    if (group->data == NULL) {
        return NGX_ERROR;
    }

    state = ngx_http_ccproxy_group_lock(mcf);

    group->len = state->active.len;
    ngx_memcpy(group->data, state->active.data, state->active.len);

    ngx_http_ccproxy_group_unlock(mcf);

    return NGX_OK;
}


/* ---- pages ---- */

void
ngx_http_ccproxy_group_write(ngx_http_request_t *r, ccp_out_t *out)
{
    ngx_str_t                       active;
    ngx_uint_t                      i, k;
    ngx_http_ccproxy_route_t      **route;
    ngx_http_ccproxy_main_conf_t   *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    if (mcf->group == NULL
        || ngx_http_ccproxy_group_active(r, &active) != NGX_OK)
    {
        return;
    }

    ccp_w_kstr(out, NGX_HTTP_CCPROXY_ARG, ngx_http_ccproxy_slice(&active));
    ccp_w_key(out, "groups");
    ccp_w_arr(out);

    route = mcf->routes.elts;

    for (i = 0; i < mcf->routes.nelts; i++) {

        for (k = 0; k < i; k++) {
            if (ngx_http_ccproxy_eq(&route[k]->group, &route[i]->group)) {
                break;
            }
        }

        if (k == i && route[i]->group.len) {
            ccp_w_str(out, ngx_http_ccproxy_slice(&route[i]->group));
        }
    }

    ccp_w_arr_end(out);
}


/*
 * A page of another site can make a browser send a POST, but not one whose
 * body is declared as JSON: for that the browser asks this server first.
 */

static ngx_uint_t
ngx_http_ccproxy_group_json(ngx_http_request_t *r)
{
    size_t      n;
    ngx_str_t  *type;

    n = sizeof(NGX_HTTP_CCPROXY_JSON) - 1;

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    type = &r->headers_in.content_type->value;

    return type->len >= n
           && ngx_strncasecmp(type->data, (u_char *) NGX_HTTP_CCPROXY_JSON, n)
              == 0
           && (type->len == n || type->data[n] == ';' || type->data[n] == ' ');
}


ngx_uint_t
ngx_http_ccproxy_group_foreign(ngx_http_request_t *r)
{
    ngx_http_ccproxy_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_ccproxy_module);

    return lcf->access == NULL && ngx_http_ccproxy_origin_foreign(r) != NULL;
}


ngx_int_t
ngx_http_ccproxy_group_post(ngx_http_request_t *r)
{
    ngx_int_t                        rc;
    ngx_str_t                        name;
    ngx_http_ccproxy_main_conf_t    *mcf;
    ngx_http_ccproxy_group_state_t  *state;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_ccproxy_module);

    if (r->method != NGX_HTTP_POST || mcf->group == NULL) {
        return r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)
               ? NGX_DECLINED : NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_ccproxy_group_foreign(r)) {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_FORBIDDEN,
                                 NGX_HTTP_CCPROXY_FOREIGN);
    }

    if (!ngx_http_ccproxy_group_json(r)) {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                 "send the header Content-Type: "
                                 NGX_HTTP_CCPROXY_JSON);
    }

    if (ngx_http_arg(r, (u_char *) NGX_HTTP_CCPROXY_ARG,
                     sizeof(NGX_HTTP_CCPROXY_ARG) - 1, &name)
        != NGX_OK
        || ngx_http_ccproxy_group_name(&name) != NGX_OK)
    {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_BAD_REQUEST,
                                 "name a group: ?" NGX_HTTP_CCPROXY_ARG
                                 "=NAME");
    }

    if (!ngx_http_ccproxy_group_known(mcf, &name)) {
        return ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_NOT_FOUND,
                                 "no route is for a group of this name");
    }

    state = ngx_http_ccproxy_group_lock(mcf);
    ngx_http_ccproxy_group_copy(&state->active, &name);
    ngx_http_ccproxy_group_unlock(mcf);

    ngx_log_error(NGX_LOG_NOTICE, r->connection->log, 0,
                  "the active group is now \"%V\"", &name);

    return NGX_DECLINED;
}


static void
ngx_http_ccproxy_group_page(ngx_http_request_t *r, ccp_out_t *out)
{
    ccp_w_obj(out);
    ngx_http_ccproxy_group_write(r, out);
    ccp_w_obj_end(out);
    ccp_out_lit(out, "\n");
}


static ngx_int_t
ngx_http_ccproxy_group_handler(ngx_http_request_t *r)
{
    ngx_int_t  rc;
    ngx_str_t  type;

    if (ngx_http_ccproxy_group_foreign(r)) {
        rc = ngx_http_discard_request_body(r);

        return rc == NGX_OK
               ? ngx_http_ccproxy_reply_refuse(r, NGX_HTTP_FORBIDDEN,
                                               NGX_HTTP_CCPROXY_FOREIGN)
               : rc;
    }

    rc = ngx_http_ccproxy_group_post(r);

    if (rc == NGX_DECLINED) {
        rc = ngx_http_discard_request_body(r);
    }

    if (rc != NGX_OK || r->header_sent) {
        return rc;
    }

    ngx_str_set(&type, NGX_HTTP_CCPROXY_JSON);

    return ngx_http_ccproxy_reply_document(r, NGX_HTTP_OK, &type,
                                           ngx_http_ccproxy_group_page);
}


/* ---- configuration ---- */

char *
ngx_http_ccproxy_active_group(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_ccproxy_main_conf_t  *mcf = conf;

    ngx_str_t  *value, name;

    static ngx_str_t  zone = ngx_string("ccproxy_group");

    value = cf->args->elts;

    if (mcf->active.len) {
        return "is duplicate";
    }

    if (ngx_http_ccproxy_group_name(&value[1]) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid group \"%V\": write letters, digits, "
                           "\"-\", \"_\" and \".\", %d at most, but not "
                           "\"switch\"", &value[1],
                           NGX_HTTP_CCPROXY_GROUP_MAX);
        return NGX_CONF_ERROR;
    }

    mcf->active = value[1];
    mcf->active_file = cf->conf_file->file.name.data;
    mcf->active_line = cf->conf_file->line;

    name = zone;

    mcf->group = ngx_shared_memory_add(cf, &name, 8 * ngx_pagesize,
                                       &ngx_http_ccproxy_module);
    if (mcf->group == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf->group->init = ngx_http_ccproxy_group_init_zone;
    mcf->group->data = mcf;

    return NGX_CONF_OK;
}


char *
ngx_http_ccproxy_active_group_handler(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    (void) cmd;
    (void) conf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->active.len == 0) {
        mcf->active_file = cf->conf_file->file.name.data;
        mcf->active_line = cf->conf_file->line;
    }

    return ngx_http_ccproxy_reply_handler(cf, ngx_http_ccproxy_group_handler);
}


ngx_int_t
ngx_http_ccproxy_group_init(ngx_conf_t *cf)
{
    ngx_http_ccproxy_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_ccproxy_module);

    if (mcf->active_file && mcf->active.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "there is no active group to show: add "
                      "\"ccproxy_active_group NAME;\" to \"http\", for "
                      "\"ccproxy_active_group\" in %s:%ui",
                      mcf->active_file, mcf->active_line);
        return NGX_ERROR;
    }

    if (mcf->active.len
        && !ngx_http_ccproxy_group_known(mcf, &mcf->active))
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "no route is for the group \"%V\": add "
                      "\"ccproxy_route PATTERN POOL group=%V;\" in %s:%ui",
                      &mcf->active, &mcf->active, mcf->active_file,
                      mcf->active_line);
        return NGX_ERROR;
    }

    return NGX_OK;
}
