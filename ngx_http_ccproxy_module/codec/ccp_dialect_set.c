
/*
 * Columns of the dialect table by name: what model rules and `quirk` set.
 */

#include "ccp_dialect_table.h"

#include <ctype.h>
#include <stdlib.h>


typedef enum {
    CCP_COL_STR,
    CCP_COL_INT,
    CCP_COL_INT64,
    CCP_COL_FLAG,
    CCP_COL_NOFLAG,            /* 0 sets the member */
    CCP_COL_ENUM,
    CCP_COL_EFFORT,            /* edits what stands there */
    CCP_COL_DROP,              /* with a sign too */
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
    ccp_col(drop, CCP_COL_DROP),
    ccp_col(rename, CCP_COL_RENAME),
    ccp_col(tc_any, CCP_COL_STR),
    ccp_col(par, CCP_COL_STR),
    ccp_col(think_extra, CCP_COL_STR),
    ccp_col(e_key, CCP_COL_STR),
    ccp_col(e_money, CCP_COL_STR),
    ccp_col(e_over, CCP_COL_STR),
    ccp_col(e_ctx, CCP_COL_STR),
    ccp_col(e_ctx_st, CCP_COL_STR),
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
    ccp_col(think_tags, CCP_COL_FLAG),
    ccp_col(call_text, CCP_COL_FLAG),
    ccp_col_as("stream_opts", CCP_COL_NOFLAG, no_stream_opts),
    ccp_col_as("msg_name", CCP_COL_NOFLAG, no_msg_name),
    ccp_col_as("embed", CCP_COL_NOFLAG, no_embed),
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


/* The value behind what is there: the last word on a thing wins. */
static int
ccp_col_append(const char **list, ccp_arena_t *a, const char *value)
{
    char    *copy;
    size_t   n, m;

    if (*list == NULL) {
        *list = value;
        return CCP_OK;
    }

    n = strlen(*list);
    m = strlen(value);

    copy = ccp_alloc(a, n + m + 2);
    if (copy == NULL) {
        return CCP_NOMEM;
    }

    memcpy(copy, *list, n);
    copy[n] = ',';
    memcpy(copy + n + 1, value, m + 1);
    *list = copy;

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
        return ccp_col_append(&d->effort, a, value);

    case CCP_COL_DROP:
        if (*value == '+' || *value == '-') {
            return ccp_col_append(&d->drop, a, value);
        }

        d->drop = value;
        return CCP_OK;

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

    if (c->kind == CCP_COL_FLAG || c->kind == CCP_COL_NOFLAG) {
        value = strcmp(value, "on") == 0 ? "1"
                : strcmp(value, "off") == 0 ? "0" : value;
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
