
/*
 * Lookups in the dialect table, model rules, and the columns by name.
 */

#include "ccp_dialect_table.h"

#include <ctype.h>
#include <stdlib.h>


/* Refused fields where a row says nothing: known to OpenAI alone. */
#define CCP_DIALECT_DROP                                                      \
    "store,metadata,service_tier,prediction,modalities,audio,verbosity,"      \
    "safety_identifier,web_search_options,prompt_cache_key,"                  \
    "prompt_cache_retention,logit_bias"

/* Which word an effort travels as where a row says nothing. */
#define CCP_DIALECT_EFFORT                                                    \
    "none:none,minimal:low,low:low,medium:medium,high:high,xhigh:high,"       \
    "max:high"


typedef enum {
    CCP_COL_STR,
    CCP_COL_INT,
    CCP_COL_INT64,
    CCP_COL_FLAG,
    CCP_COL_NOFLAG,            /* 0 sets the member */
    CCP_COL_ENUM,
    CCP_COL_EFFORT,            /* edits what stands there */
    CCP_COL_RENAME,
    CCP_COL_TEMP,
    CCP_COL_STOP,              /* 0: refused */
    CCP_COL_CHOICE,
    CCP_COL_FORMATS
} ccp_col_e;


typedef struct {
    const char  *name;
    ccp_col_e    kind;
    size_t       off;
    const char  *words;        /* ENUM: in the order of its values */
} ccp_col_t;


#define ccp_col(n, k)     { #n, k, offsetof(ccp_dialect_t, n), NULL }
#define ccp_col_as(n, k, m)  { n, k, offsetof(ccp_dialect_t, m), NULL }
#define ccp_col_enum(n, w)                                                    \
    { #n, CCP_COL_ENUM, offsetof(ccp_dialect_t, n), w }


static const ccp_col_t  ccp_cols[] = {
    ccp_col(base, CCP_COL_STR),
    ccp_col(env, CCP_COL_STR),
    ccp_col(head, CCP_COL_STR),
    ccp_col(max_field, CCP_COL_STR),
    ccp_col(drop, CCP_COL_STR),
    ccp_col(rename, CCP_COL_RENAME),
    ccp_col(tc_any, CCP_COL_STR),
    ccp_col(par, CCP_COL_STR),
    ccp_col(think_extra, CCP_COL_STR),
    ccp_col(e_ctx, CCP_COL_STR),
    ccp_col(cache_key, CCP_COL_STR),
    ccp_col(max_lo, CCP_COL_INT64),
    ccp_col(max_hi, CCP_COL_INT64),
    ccp_col(max_req, CCP_COL_INT64),
    ccp_col(n_max, CCP_COL_INT),
    ccp_col(name_max, CCP_COL_INT),
    ccp_col(res_name, CCP_COL_FLAG),
    ccp_col(bridge, CCP_COL_FLAG),
    ccp_col(alternate, CCP_COL_FLAG),
    ccp_col(asst_str, CCP_COL_FLAG),
    ccp_col(think_default, CCP_COL_FLAG),
    ccp_col(replay_empty, CCP_COL_FLAG),
    ccp_col(r_out, CCP_COL_FLAG),
    ccp_col(err200, CCP_COL_FLAG),
    ccp_col(think_tags, CCP_COL_FLAG),
    ccp_col(call_text, CCP_COL_FLAG),
    ccp_col_as("stream_opts", CCP_COL_NOFLAG, no_stream_opts),
    ccp_col_as("msg_name", CCP_COL_NOFLAG, no_msg_name),
    ccp_col_as("done", CCP_COL_NOFLAG, no_done),
    ccp_col_as("count", CCP_COL_NOFLAG, no_count),
    ccp_col(effort, CCP_COL_EFFORT),
    ccp_col_as("temp", CCP_COL_TEMP, temp_hi),
    ccp_col(stop_max, CCP_COL_STOP),
    ccp_col(tc, CCP_COL_CHOICE),
    ccp_col(tc_think, CCP_COL_CHOICE),
    ccp_col_as("fmt", CCP_COL_FORMATS, fmt_no_object),
    ccp_col_enum(proto, "anthropic,chat,responses,gemini,ollama"),
    ccp_col_enum(tools_proto, "anthropic,chat,responses,gemini,ollama"),
    ccp_col_enum(auth, "bearer,x-api-key,api-key,x-goog-api-key,none"),
    ccp_col_enum(sampling, "keep,drop,drop_if_thinking"),
    ccp_col_enum(id, "any,alnum9,safe64,max40"),
    ccp_col_enum(strict, "keep,drop,uniform"),
    ccp_col_enum(sys, "system,developer,user"),
    ccp_col_enum(schema, "full,tidy,gemini,mfjs,inline"),
    ccp_col_enum(img, "url_data,none,data,plain,file_url"),
    ccp_col_enum(doc, "none,file,document_url,file_url,anthropic,inline"),
    ccp_col_enum(think, "none,effort,effort_resp,reasoning_obj,type,"
        "type_effort,adaptive,budget,budget_gemini,level_gemini,"
        "enable_thinking,template,ollama"),
    ccp_col_enum(think_off, "omit,effort,disabled,false,zero,never"),
    ccp_col_enum(replay, "none,reasoning_content,reasoning,details,tags,"
        "array,thinking,signature,extra_content,items"),
    ccp_col_enum(replay_when, "never,tool_turns,always"),
    ccp_col_enum(cache, "strip,keep,keep_text,auto_key"),
    { "tools", CCP_COL_ENUM, offsetof(ccp_dialect_t, tools_compat),
      "native,compat" },
    { "tool_fmt", CCP_COL_ENUM, offsetof(ccp_dialect_t, drop_format),
      "ok,drop_format" },
    { "sys_pos", CCP_COL_ENUM, offsetof(ccp_dialect_t, sys_first),
      "any,first" },
    { NULL, CCP_COL_STR, 0, NULL }
};


static const char *const  ccp_effort_words[] = {
    "", "none", "minimal", "low", "medium", "high", "xhigh", "max"
};


const ccp_dialect_t *
ccp_dialect_row(size_t k)
{
    size_t  i;

    for (i = 0; ccp_dialect_rows[i].name != NULL; i++) {
        if (i == k) {
            return &ccp_dialect_rows[i];
        }
    }

    return NULL;
}


const ccp_dialect_t *
ccp_dialect_find(ccp_str_t name)
{
    size_t  i;

    if (name.p == NULL) {
        return NULL;
    }

    for (i = 0; ccp_dialect_rows[i].name != NULL; i++) {
        if (ccp_str_is(name, ccp_dialect_rows[i].name)) {
            return &ccp_dialect_rows[i];
        }
    }

    return NULL;
}


const ccp_dialect_t *
ccp_dialect_plain(ccp_proto_e proto)
{
    return &ccp_dialect_plains[proto];
}


/* The length of the item that *p stands at; *p goes behind its comma. */
static size_t
ccp_list_item(const char **p)
{
    size_t  n;

    n = strcspn(*p, ",");
    *p += n;

    if (**p == ',') {
        (*p)++;
    }

    return n;
}


static int
ccp_list_has(const char *list, const char *word)
{
    size_t       n, len;
    const char  *item;

    len = strlen(word);

    while (*list != '\0') {
        item = list;
        n = ccp_list_item(&list);

        if (n == len && memcmp(item, word, n) == 0) {
            return 1;
        }
    }

    return 0;
}


/*
 * "from:to" pairs: what word becomes; the last pair wins.  A "*" matches all
 * words but `except`.  NULL if there is no pair.
 */
static const char *
ccp_list_map(const char *list, const char *word, const char *except,
    size_t *len)
{
    size_t       n, k;
    const char  *item, *colon, *found;

    found = NULL;

    while (list != NULL && *list != '\0') {
        item = list;
        n = ccp_list_item(&list);
        colon = memchr(item, ':', n);

        if (colon == NULL) {
            continue;
        }

        k = (size_t) (colon - item);

        if ((k == strlen(word) && memcmp(item, word, k) == 0)
            || (except != NULL && k == 1 && *item == '*'
                && strcmp(word, except) != 0))
        {
            found = colon + 1;
            *len = n - k - 1;
        }
    }

    return found;
}


int
ccp_dialect_drops(const ccp_dialect_t *d, const char *field)
{
    int          drops;
    size_t       n, len;
    const char  *p, *item, *list;
    char         mode;

    list = d->drop;

    if (list == NULL) {
        return ccp_list_has(CCP_DIALECT_DROP, field);
    }

    mode = *list;

    if (mode == '=' || mode == '+' || mode == '-') {
        list++;

    } else {
        mode = '=';
    }

    drops = mode == '=' ? 0 : ccp_list_has(CCP_DIALECT_DROP, field);
    len = strlen(field);

    /* a sign holds for the items that follow it */

    for (p = list; *p != '\0'; ) {
        item = p;
        n = ccp_list_item(&p);

        if (n > 0 && (*item == '+' || *item == '-')) {
            mode = *item++;
            n--;
        }

        if (n == len && memcmp(item, field, n) == 0) {
            drops = mode != '-';
        }
    }

    return drops;
}


const char *
ccp_dialect_field(const ccp_dialect_t *d, const char *field)
{
    size_t       len;
    const char  *p;

    len = strlen(field);

    for (p = d->rename; p != NULL && *p != '\0'; p += strlen(p) + 1) {
        if (strncmp(p, field, len) == 0 && p[len] == ':') {
            return p + len + 1;
        }
    }

    return field;
}


const char *
ccp_dialect_effort(const ccp_dialect_t *d, ccp_effort_e effort, char *buf,
    size_t size)
{
    size_t       len;
    const char  *word, *to;

    if (effort == CCP_EFFORT_UNSET) {
        return NULL;
    }

    if (effort == CCP_EFFORT_NONE) {
        if (d->think_off == CCP_OFF_NEVER) {
            /* the least there is */
            effort = CCP_EFFORT_MINIMAL;

        } else if (d->think_off != CCP_OFF_EFFORT) {
            return NULL;
        }
    }

    word = ccp_effort_words[effort];
    to = ccp_list_map(d->effort, word, "none", &len);

    if (to == NULL) {
        to = ccp_list_map(CCP_DIALECT_EFFORT, word, NULL, &len);
    }

    if (to == NULL || len == 0 || len >= size) {
        return NULL;
    }

    memcpy(buf, to, len);
    buf[len] = '\0';

    return buf;
}


/* Index of the word in the list, -1 if it isn't there. */
static int
ccp_list_index(const char *list, const char *word)
{
    int          i;
    size_t       n, len;
    const char  *item;

    len = strlen(word);

    for (i = 0; *list != '\0'; i++) {
        item = list;
        n = ccp_list_item(&list);

        if (n == len && memcmp(item, word, n) == 0) {
            return i;
        }
    }

    return -1;
}


static int
ccp_col_int(const char *value, int64_t *v)
{
    char       *end;
    long long   n;

    if (*value < '0' || *value > '9') {
        return CCP_INVALID;
    }

    n = strtoll(value, &end, 10);

    if (*end != '\0' || n > INT32_MAX) {
        return CCP_INVALID;
    }

    *v = n;

    return CCP_OK;
}


/* "0..1.5", with "(" in front where zero itself is refused. */
static int
ccp_col_temp(ccp_dialect_t *d, const char *value)
{
    char    *end;
    double   hi;

    d->temp_open = *value == '(';
    value += d->temp_open;

    if (strncmp(value, "0..", 3) != 0
        || !isdigit((unsigned char) value[3]))
    {
        return CCP_INVALID;
    }

    hi = strtod(value + 3, &end);

    if (*end != '\0' || !(hi > 0 && hi <= 100)) {
        return CCP_INVALID;
    }

    d->temp_hi = hi;

    return CCP_OK;
}


/* The words of value as bits in the order of words. */
static int
ccp_col_bits(const char *value, const char *words, unsigned *bits)
{
    int     i;
    size_t  n;
    char    word[16];

    *bits = 0;

    while (*value != '\0') {
        n = strcspn(value, ",");

        if (n >= sizeof(word)) {
            return CCP_INVALID;
        }

        memcpy(word, value, n);
        word[n] = '\0';
        (void) ccp_list_item(&value);

        i = ccp_list_index(words, word);
        if (i < 0) {
            return CCP_INVALID;
        }

        *bits |= 1u << i;
    }

    return CCP_OK;
}


/* A copy with the pairs separated by NUL, an empty one at the end. */
static int
ccp_col_rename(ccp_dialect_t *d, ccp_arena_t *a, const char *value)
{
    char    *copy, *p;
    size_t   n;

    n = strlen(value);

    copy = ccp_alloc(a, n + 2);
    if (copy == NULL) {
        return CCP_NOMEM;
    }

    memcpy(copy, value, n);
    copy[n] = '\0';
    copy[n + 1] = '\0';

    for (p = copy; *p != '\0'; p++) {
        if (*p == ',') {
            *p = '\0';
        }
    }

    d->rename = copy;

    return CCP_OK;
}


/* The pairs behind those that are there: the last one of a word wins. */
static int
ccp_col_effort(ccp_dialect_t *d, ccp_arena_t *a, const char *value)
{
    char    *copy;
    size_t   n, m;

    if (d->effort == NULL) {
        d->effort = value;
        return CCP_OK;
    }

    n = strlen(d->effort);
    m = strlen(value);

    copy = ccp_alloc(a, n + m + 2);
    if (copy == NULL) {
        return CCP_NOMEM;
    }

    memcpy(copy, d->effort, n);
    copy[n] = ',';
    memcpy(copy + n + 1, value, m + 1);
    d->effort = copy;

    return CCP_OK;
}


/* Enumerations of a row are int in size, as flags are. */
static int
ccp_col_enum_set(ccp_dialect_t *d, const ccp_col_t *c, const char *value)
{
    int   i;

    /* "none" is served in compatibility mode too */

    if (strcmp(c->name, "tools") == 0 && strcmp(value, "none") == 0) {
        value = "compat";
    }

    i = ccp_list_index(c->words, value);
    if (i < 0) {
        return CCP_INVALID;
    }

    memcpy((char *) d + c->off, &i, sizeof(int));

    return CCP_OK;
}


static int
ccp_col_set(ccp_dialect_t *d, ccp_arena_t *a, const ccp_col_t *c,
    const char *value)
{
    int       rc, n;
    void     *m;
    int64_t   v;
    unsigned  bits;

    m = (char *) d + c->off;
    v = 0;

    switch (c->kind) {

    case CCP_COL_STR:
        memcpy(m, &value, sizeof(value));
        return CCP_OK;

    case CCP_COL_ENUM:
        return ccp_col_enum_set(d, c, value);

    case CCP_COL_EFFORT:
        return ccp_col_effort(d, a, value);

    case CCP_COL_RENAME:
        return ccp_col_rename(d, a, value);

    case CCP_COL_TEMP:
        return ccp_col_temp(d, value);

    case CCP_COL_CHOICE:
        rc = ccp_col_bits(value, "auto,none,required,function", &bits);
        if (rc == CCP_OK) {
            bits = bits != 0 ? bits : CCP_TC_BIT_AUTO;
            memcpy(m, &bits, sizeof(bits));
        }
        return rc;

    case CCP_COL_FORMATS:
        rc = ccp_col_bits(value, "object,schema", &bits);
        if (rc == CCP_OK) {
            d->fmt_no_object = (bits & 1) == 0;
            d->fmt_no_schema = (bits & 2) == 0;
        }
        return rc;

    default:
        break;
    }

    rc = ccp_col_int(value, &v);
    if (rc != CCP_OK) {
        return rc;
    }

    if (c->kind == CCP_COL_INT64) {
        memcpy(m, &v, sizeof(v));
        return CCP_OK;
    }

    if ((c->kind == CCP_COL_FLAG || c->kind == CCP_COL_NOFLAG) && v > 1) {
        return CCP_INVALID;
    }

    n = (int) v;

    if (c->kind == CCP_COL_NOFLAG) {
        n = !n;

    } else if (c->kind == CCP_COL_STOP && n == 0) {
        n = -1;
    }

    memcpy(m, &n, sizeof(n));

    return CCP_OK;
}


int
ccp_dialect_set(ccp_dialect_t *d, ccp_arena_t *a, const char *column,
    const char *value)
{
    const ccp_col_t  *c;

    for (c = ccp_cols; c->name != NULL; c++) {
        if (strcmp(c->name, column) == 0) {
            return ccp_col_set(d, a, c, value);
        }
    }

    return CCP_DECLINED;
}


static int
ccp_glob(const char *pat, size_t m, const uint8_t *s, size_t n)
{
    size_t  i, k, star, back;

    i = 0;
    k = 0;
    star = m;
    back = 0;

    while (i < n) {
        if (k < m && pat[k] == '*') {
            star = k++;
            back = i;

        } else if (k < m && (pat[k] == '?' || tolower(s[i]) == pat[k])) {
            i++;
            k++;

        } else if (star < m) {
            k = star + 1;
            i = ++back;

        } else {
            return 0;
        }
    }

    while (k < m && pat[k] == '*') {
        k++;
    }

    return k == m;
}


static int
ccp_rule_matches(const ccp_rule_t *rule, const char *provider,
    ccp_str_t model)
{
    size_t       n;
    const char  *p, *item;

    if (!ccp_list_has(rule->providers, provider)) {
        return 0;
    }

    for (p = rule->models; *p != '\0'; ) {
        item = p;
        n = ccp_list_item(&p);

        if (ccp_glob(item, n, model.p, model.n)) {
            return 1;
        }
    }

    return 0;
}


const ccp_dialect_t *
ccp_dialect_for(const ccp_dialect_t *base, ccp_str_t model, ccp_arena_t *a)
{
    size_t             i;
    ccp_dialect_t     *d;
    const ccp_rule_t  *rule;

    if (model.p == NULL) {
        return base;
    }

    model = ccp_str_plain(a, model);
    if (model.p == NULL) {
        return NULL;
    }

    for (rule = ccp_dialect_rules; rule->providers != NULL; rule++) {
        if (ccp_rule_matches(rule, base->name, model)) {
            break;
        }
    }

    if (rule->providers == NULL) {
        return base;
    }

    d = ccp_alloc(a, sizeof(ccp_dialect_t));
    if (d == NULL) {
        return NULL;
    }

    *d = *base;

    for (i = 0; i < CCP_RULE_PAIRS && rule->set[i].column != NULL; i++) {
        if (ccp_dialect_set(d, a, rule->set[i].column, rule->set[i].value)
            == CCP_NOMEM)
        {
            return NULL;
        }
    }

    return d;
}
