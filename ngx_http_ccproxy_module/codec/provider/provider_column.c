
/*
 * Columns of the table of providers by name: what model rules and `quirk` set.
 */

#include "codec/provider/provider.h"
#include "codec/base/base_match.h"

#include <ctype.h>
#include <stdlib.h>


typedef enum {
    CCP_COLUMN_STR,
    CCP_COLUMN_NAME,           /* visible bytes, no blank */
    CCP_COLUMN_PAIRS,
    CCP_COLUMN_PATH,
    CCP_COLUMN_QUERY,
    CCP_COLUMN_STATUSES,
    CCP_COLUMN_BLAME,          /* statuses with words; last of the texts */
    CCP_COLUMN_INT,
    CCP_COLUMN_INT64,
    CCP_COLUMN_FLAG,
    CCP_COLUMN_NOFLAG,         /* 0 sets the member */
    CCP_COLUMN_ENUM,
    CCP_COLUMN_EFFORT,         /* edits what stands there */
    CCP_COLUMN_DROP,           /* with a sign too */
    CCP_COLUMN_RENAME,
    CCP_COLUMN_TEMP,
    CCP_COLUMN_STOP,           /* 0: refused */
    CCP_COLUMN_CHOICE,
    CCP_COLUMN_FORMATS
} ccp_column_e;


typedef struct {
    const char   *name;
    ccp_column_e  kind;
    size_t        off;
    const char   *words;       /* ENUM: in the order of its values; others:
                                  what a value looks like, NULL by kind */
    const char   *doc;         /* for the README; NULL: no quirk */
} ccp_column_t;


#define ccp_column(n, k, w, d)                                                \
    { #n, k, offsetof(ccp_provider_t, n), w, d }
#define ccp_column_as(n, k, m, w, d)                                          \
    { n, k, offsetof(ccp_provider_t, m), w, d }


static const ccp_column_t  ccp_columns[] = {
    ccp_column(max_field, CCP_COLUMN_NAME, "a member's name",
               "what the limit of output tokens is called"),
    ccp_column(max_lo, CCP_COLUMN_INT64, NULL, "the least limit, 0: none"),
    ccp_column(max_hi, CCP_COLUMN_INT64, NULL, "the largest limit, 0: none"),
    ccp_column(max_req, CCP_COLUMN_INT64, NULL,
               "the limit where the client gave none, 0: none is sent"),
    ccp_column(drop, CCP_COLUMN_DROP,
               "names by comma, a sign in front edits the "
               "list that is there: +user,-seed",
               "members of the body that are refused, and so left out"),
    ccp_column(rename, CCP_COLUMN_RENAME, "pairs by comma: seed:random_seed",
               "members with another name"),
    ccp_column(samplers, CCP_COLUMN_STR,
               "some of top_k,min_p,repetition_penalty",
               "samplers beyond OpenAI's that are taken"),
    ccp_column_as("temp", CCP_COLUMN_TEMP, temp_hi,
                  "0..2, or (0..1 where zero is "
                  "refused", "range of the temperature; it is cut to that"),
    ccp_column(sampling, CCP_COLUMN_ENUM, "keep,drop,drop_if_thinking",
               "temperature, top_p and their like"),
    ccp_column(stop_max, CCP_COLUMN_STOP, NULL,
               "stop sequences, 0: the member is refused"),
    ccp_column_as("stream_opts", CCP_COLUMN_NOFLAG, no_stream_opts, NULL,
                  "`stream_options` is taken"),
    ccp_column_as("tools", CCP_COLUMN_ENUM, tools_compat, "native,compat,auto",
                  "`compat`: models without tools, which get them as text"),
    ccp_column(tools_proto, CCP_COLUMN_ENUM,
               "anthropic,chat,responses,gemini,ollama",
               "the protocol of requests with tools"),
    ccp_column(search_proto, CCP_COLUMN_ENUM,
               "any,anthropic,chat,responses,gemini,ollama",
               "the protocol of requests with a web search"),
    ccp_column(tc, CCP_COLUMN_CHOICE, "some of auto,none,required,function",
               "words of `tool_choice` that are taken; none of them: it isn't "
               "sent"),
    ccp_column(tc_think, CCP_COLUMN_CHOICE,
               "some of auto,none,required,function",
               "the same while the model reasons"),
    ccp_column(tc_any, CCP_COLUMN_NAME, "a word", "what `required` is called"),
    ccp_column(par, CCP_COLUMN_NAME, "a member's name, or -: there is none",
               "what `parallel_tool_calls` is called"),
    ccp_column(id, CCP_COLUMN_ENUM, "any,alnum9,safe64,max40",
               "form of the ids of tool calls"),
    ccp_column(name_max, CCP_COLUMN_INT, NULL, "length of a tool's name"),
    ccp_column(strict, CCP_COLUMN_ENUM, "keep,drop,uniform",
               "`strict` of tools; `uniform`: of all or none"),
    ccp_column_as("tool_fmt", CCP_COLUMN_ENUM, drop_format, "ok,drop_format",
                  "`drop_format`: no `response_format` beside tools"),
    ccp_column(res_name, CCP_COLUMN_FLAG, NULL,
               "results carry the tool's name"),
    ccp_column(sys, CCP_COLUMN_ENUM, "system,developer,user",
               "role of the system prompt"),
    ccp_column_as("sys_pos", CCP_COLUMN_ENUM, sys_first, "any,first",
                  "`first`: one system message, at the start"),
    ccp_column(bridge, CCP_COLUMN_FLAG, NULL,
               "an assistant message between a result and the user"),
    ccp_column(alternate, CCP_COLUMN_FLAG, NULL, "roles must alternate"),
    ccp_column(prefill, CCP_COLUMN_ENUM, "keep,none,prefix,partial",
               "words of the assistant's at the end: taken; refused, a user "
               "message follows; taken with a member of that name"),
    ccp_column_as("msg_name", CCP_COLUMN_NOFLAG, no_msg_name, NULL,
                  "`name` of messages is taken"),
    ccp_column(asst_str, CCP_COLUMN_FLAG, NULL,
               "the assistant's content must be a string"),
    ccp_column(schema, CCP_COLUMN_ENUM, "plain,full,tidy,gemini,mfjs,inline",
               "what of JSON Schema is understood"),
    ccp_column_as("fmt", CCP_COLUMN_FORMATS, fmt_no_object,
                  "some of object,schema",
                  "kinds of JSON that can be demanded"),
    ccp_column(img, CCP_COLUMN_ENUM, "url_data,none,data,plain,file_url",
        "images: addresses and data, none, data alone, as a plain string, "
        "as a file's address"),
    ccp_column(doc, CCP_COLUMN_ENUM,
               "none,file,document_url,file_url,anthropic,inline",
               "how documents are sent"),
    ccp_column(think, CCP_COLUMN_ENUM,
               "none,effort,effort_resp,reasoning_obj,type,"
               "type_effort,adaptive,budget,budget_gemini,level_gemini,"
               "enable_thinking,template,ollama,template_effort",
               "how reasoning is asked for"),
    ccp_column(effort, CCP_COLUMN_EFFORT,
               "pairs by comma: xhigh:high, or *:high",
               "words for efforts; edits the map that is there"),
    ccp_column(think_off, CCP_COLUMN_ENUM,
               "omit,effort,disabled,false,zero,never",
               "how reasoning is switched off"),
    ccp_column(think_default, CCP_COLUMN_FLAG, NULL,
               "the model reasons unless told otherwise"),
    ccp_column(think_stream, CCP_COLUMN_FLAG, NULL,
               "the model reasons in streamed answers only"),
    ccp_column(think_extra, CCP_COLUMN_PAIRS,
               "pairs by comma: reasoning_split:true",
               "members sent with the wish to reason"),
    ccp_column(think_tags, CCP_COLUMN_FLAG, NULL,
               "reasoning may come as `<think>` in the text"),
    ccp_column(call_text, CCP_COLUMN_FLAG, NULL,
               "tool calls may come as text"),
    ccp_column(replay, CCP_COLUMN_ENUM,
               "none,reasoning_content,reasoning,details,"
               "tags,array,thinking,signature,extra_content,items",
               "how earlier reasoning is sent back"),
    ccp_column(replay_when, CCP_COLUMN_ENUM, "never,tool_turns,always",
               "when"),
    ccp_column(replay_empty, CCP_COLUMN_FLAG, NULL,
               "an empty one where none is known"),
    ccp_column(r_out, CCP_COLUMN_FLAG, NULL,
               "reasoning is not counted in `completion_tokens`"),
    ccp_column(cache, CCP_COLUMN_ENUM, "strip,keep,keep_text,auto_key",
               "marks of the prompt cache"),
    ccp_column(cache_key, CCP_COLUMN_NAME, "a member's name, or header:NAME",
               "where the conversation's cache key goes"),
    ccp_column_as("embed", CCP_COLUMN_NOFLAG, no_embed, NULL,
                  "makes embeddings"),
    ccp_column_as("count", CCP_COLUMN_NOFLAG, no_count, NULL,
                  "counts a prompt's tokens when asked"),
    ccp_column_as("threads", CCP_COLUMN_NOFLAG, no_threads, NULL,
                  "holds Anthropic's `thread`"),
    ccp_column(path, CCP_COLUMN_PATH, "a path in quotes: '/d/{model}{path}'",
               "what follows the address; {path} is the protocol's own path"),
    ccp_column(query, CCP_COLUMN_QUERY, "a query: api-version=2024-10-21",
               "the query of every request"),
    ccp_column(auth, CCP_COLUMN_ENUM,
               "bearer,x-api-key,api-key,x-goog-api-key,none",
               "how the key is sent; `none`: Bearer, if there is a key"),
    ccp_column(head, CCP_COLUMN_PAIRS, "pairs by comma: name:value",
               "headers of every request"),
    ccp_column(e_key, CCP_COLUMN_BLAME,
               "statuses by comma, each with words if it "
               "needs them: 401,400/invalid key", "errors that blame the key"),
    ccp_column(e_money, CCP_COLUMN_BLAME, "statuses by comma: 402,429/PerDay",
               "an account without credit"),
    ccp_column(e_over, CCP_COLUMN_BLAME,
               "statuses by comma: 503,429/overloaded", "an overload"),
    ccp_column(e_ctx, CCP_COLUMN_STR, "words, several by |",
               "errors that mean a prompt too long, besides those known"),
    ccp_column(e_ctx_st, CCP_COLUMN_STATUSES, "statuses by comma",
               "statuses where such words are looked for"),

    /* of model rules and rows alone */

    ccp_column(base, CCP_COLUMN_STR, NULL, NULL),
    ccp_column(env, CCP_COLUMN_STR, NULL, NULL),
    ccp_column(proto, CCP_COLUMN_ENUM,
               "anthropic,chat,responses,gemini,ollama", NULL),
    { NULL, CCP_COLUMN_STR, 0, NULL, NULL }
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
ccp_column_int(const char *value, int64_t *v)
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
ccp_column_temp(ccp_provider_t *pr, const char *value)
{
    char    *end;
    double   hi;

    pr->temp_open = *value == '(';
    value += pr->temp_open;

    if (strncmp(value, "0..", 3) != 0
        || !isdigit((unsigned char) value[3]))
    {
        return CCP_INVALID;
    }

    hi = strtod(value + 3, &end);

    if (*end != '\0' || !(hi > 0 && hi <= 100)) {
        return CCP_INVALID;
    }

    pr->temp_hi = hi;

    return CCP_OK;
}


/* The words of value as bits in the order of words. */
static int
ccp_column_bits(const char *value, const char *words, unsigned *bits)
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


/* Whether each item is a pair "from:to". */
static int
ccp_column_pairs(const char *value)
{
    size_t       n;
    const char  *item, *colon;

    while (*value != '\0') {
        item = value;
        n = ccp_list_item(&value);
        colon = memchr(item, ':', n);

        if (colon == NULL || colon == item || colon == item + n - 1) {
            return 0;
        }
    }

    return 1;
}


/* Whether it is some bytes that can be seen, without those of not. */
static int
ccp_column_visible(const char *value, size_t n, const char *not)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if ((unsigned char) value[i] <= ' ' || value[i] == 0x7f
            || strchr(not, value[i]) != NULL)
        {
            return 0;
        }
    }

    return n > 0;
}


/* Pairs whose names can be seen; their values may hold blanks. */
static int
ccp_column_named_pairs(const char *value)
{
    size_t       n, name;
    const char  *item;

    if (!ccp_column_pairs(value)) {
        return 0;
    }

    while (*value != '\0') {
        item = value;
        n = ccp_list_item(&value);
        name = strcspn(item, ":");

        if (!ccp_column_visible(item, name, "")
            || memchr(item, '\n', n) || memchr(item, '\r', n))
        {
            return 0;
        }
    }

    return 1;
}


/* Statuses by comma, with "/" and words behind them where they may be. */
static int
ccp_column_statuses(const char *value, int words)
{
    size_t  i, n;

    for ( ;; ) {
        n = strcspn(value, ",");

        for (i = 0; i < 3; i++) {
            if (i >= n || !isdigit((unsigned char) value[i])) {
                return 0;
            }
        }

        if (n > 3 && (!words || value[3] != '/' || n == 4)) {
            return 0;
        }

        if (value[n] == '\0') {
            return 1;
        }

        value += n + 1;
    }
}


/* Whether the text can stand in a column of that kind. */
static int
ccp_column_text(ccp_column_e kind, const char *value)
{
    size_t  n;

    n = strlen(value);

    switch (kind) {

    case CCP_COLUMN_NAME:
        return ccp_column_visible(value, n, "") && value[n - 1] != ':';

    case CCP_COLUMN_PAIRS:
        return ccp_column_named_pairs(value);

    case CCP_COLUMN_PATH:
        return *value == '/' && ccp_column_visible(value, n, "?#");

    case CCP_COLUMN_QUERY:
        return *value != '?' && ccp_column_visible(value, n, "#");

    case CCP_COLUMN_STATUSES:
        return ccp_column_statuses(value, 0);

    case CCP_COLUMN_BLAME:
        return ccp_column_statuses(value, 1);

    default:
        return 1;
    }
}


/* A copy with the pairs separated by NUL, an empty one at the end. */
static int
ccp_column_rename(ccp_provider_t *pr, ccp_arena_t *a, const char *value)
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

    pr->rename = copy;

    return CCP_OK;
}


/* The value behind what is there: the last word on a thing wins. */
static int
ccp_column_append(const char **list, ccp_arena_t *a, const char *value)
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
ccp_column_set_enum(ccp_provider_t *pr, const ccp_column_t *c,
    const char *value)
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

    memcpy((char *) pr + c->off, &i, sizeof(int));

    return CCP_OK;
}


/* A number, or a flag, at m. */

static int
ccp_column_number(void *m, const ccp_column_t *c, const char *value)
{
    int      n, rc;
    int64_t  v;

    v = 0;

    if (c->kind == CCP_COLUMN_FLAG || c->kind == CCP_COLUMN_NOFLAG) {
        value = strcmp(value, "on") == 0 ? "1"
                : strcmp(value, "off") == 0 ? "0" : value;
    }

    rc = ccp_column_int(value, &v);
    if (rc != CCP_OK) {
        return rc;
    }

    if (c->kind == CCP_COLUMN_INT64) {
        memcpy(m, &v, sizeof(v));
        return CCP_OK;
    }

    if ((c->kind == CCP_COLUMN_FLAG || c->kind == CCP_COLUMN_NOFLAG)
        && v > 1)
    {
        return CCP_INVALID;
    }

    n = (int) v;

    if (c->kind == CCP_COLUMN_NOFLAG) {
        n = !n;

    } else if (c->kind == CCP_COLUMN_STOP && n == 0) {
        n = -1;
    }

    memcpy(m, &n, sizeof(n));

    return CCP_OK;
}


static int
ccp_column_set(ccp_provider_t *pr, ccp_arena_t *a, const ccp_column_t *c,
    const char *value)
{
    int       rc;
    void     *m;
    unsigned  bits;

    m = (char *) pr + c->off;

    if (c->kind <= CCP_COLUMN_BLAME) {
        if (!ccp_column_text(c->kind, value)) {
            return CCP_INVALID;
        }

        memcpy(m, &value, sizeof(value));
        return CCP_OK;
    }

    switch (c->kind) {

    case CCP_COLUMN_ENUM:
        return ccp_column_set_enum(pr, c, value);

    case CCP_COLUMN_EFFORT:
        return !ccp_column_pairs(value) ? CCP_INVALID :
               ccp_column_append(&pr->effort, a, value);

    case CCP_COLUMN_DROP:
        if (*value == '+' || *value == '-') {
            return ccp_column_append(&pr->drop, a, value);
        }

        pr->drop = value;
        return CCP_OK;

    case CCP_COLUMN_RENAME:
        return !ccp_column_pairs(value) ? CCP_INVALID :
               ccp_column_rename(pr, a, value);

    case CCP_COLUMN_TEMP:
        return ccp_column_temp(pr, value);

    case CCP_COLUMN_CHOICE:
        rc = ccp_column_bits(value, "auto,none,required,function", &bits);
        if (rc == CCP_OK) {
            bits = bits != 0 ? bits : CCP_TC_BIT_NEVER;
            memcpy(m, &bits, sizeof(bits));
        }
        return rc;

    case CCP_COLUMN_FORMATS:
        rc = ccp_column_bits(value, "object,schema", &bits);
        if (rc == CCP_OK) {
            pr->fmt_no_object = (bits & 1) == 0;
            pr->fmt_no_schema = (bits & 2) == 0;
        }
        return rc;

    default:
        return ccp_column_number(m, c, value);
    }
}


int
ccp_provider_set_column(ccp_provider_t *pr, ccp_arena_t *a, const char *column,
    const char *value)
{
    const ccp_column_t  *c;

    for (c = ccp_columns; c->name != NULL; c++) {
        if (strcmp(c->name, column) == 0) {
            return ccp_column_set(pr, a, c, value);
        }
    }

    return CCP_DECLINED;
}


const char *
ccp_provider_column(size_t k)
{
    return k < ccp_countof(ccp_columns) && ccp_columns[k].doc
           ? ccp_columns[k].name : NULL;
}


const char *
ccp_provider_column_values(const char *column)
{
    const ccp_column_t  *c;

    for (c = ccp_columns; c->doc != NULL; c++) {

        if (strcmp(c->name, column) != 0) {
            continue;
        }

        if (c->words != NULL) {
            return c->words;
        }

        return c->kind == CCP_COLUMN_FLAG || c->kind == CCP_COLUMN_NOFLAG
               ? "on or off" : "a number";
    }

    return NULL;
}
