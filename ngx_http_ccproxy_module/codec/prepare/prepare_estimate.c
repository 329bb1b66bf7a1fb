
/*
 * An estimate of input tokens from the bytes of texts as they stand in the
 * request, escapes included.
 *
 * Tokenizers cut a text at words, numbers, runs of punctuation and of white
 * space before they look into any vocabulary: what is counted here are such
 * pieces, each at a price.  The prices were fitted to real tokenizers (below).
 * Of long requests pieces are read here and there, and all bytes are counted
 * by what they are, so that none is hidden where nobody reads: prices are
 * means of what was read of each kind.  What providers add to messages and tools was
 * fitted to the usage that they reported for recorded requests; see
 * t/unit/prepare/test_estimate.c.
 */

#include "codec/prepare/prepare.h"


/* Bytes of one request that are read, in pieces of so many. */
#define CCP_EST_READ        6144
#define CCP_EST_PIECE       256

/* Of a price. */
#define CCP_EST_UNIT        1024

/* Bytes that are thought to be read beside those that are, at the usual
 * price. */
#define CCP_EST_PRIOR       16

#define CCP_EST_PAGE        2000    /* of a PDF */
#define CCP_EST_PAGE_BYTES  20000   /* of a PDF's page */
#define CCP_EST_AUDIO_BYTES 1000    /* of sound in a token */

/* Encrypted reasoning: what surrounds it, and the bytes of a token. */
#define CCP_EST_SEALED_HEAD   900
#define CCP_EST_SEALED_BYTES  6


/* What a byte is; the first bytes of characters tell the script. */

typedef enum {
    CCP_EST_INNER = 0,         /* no first byte of a character */
    CCP_EST_LOWER,
    CCP_EST_UPPER,
    CCP_EST_DIGIT,
    CCP_EST_PUNCT,
    CCP_EST_BLANK,
    CCP_EST_LINE,
    CCP_EST_LATIN,             /* U+0080 … U+017F */
    CCP_EST_TWO,               /* up to U+07FF: Greek, Cyrillic, Arabic … */
    CCP_EST_THREE,             /* three bytes, but for the next lines */
    CCP_EST_CJK,               /* U+3000 … U+9FFF */
    CCP_EST_HANGUL,            /* U+A000 … U+DFFF */
    CCP_EST_FOUR,
    CCP_EST_NCLASS
} ccp_estimate_class_e;


/* What bytes are counted as where not all are read.  A mean price below the
 * least is one of a filler. */

typedef enum {
    CCP_EST_S_BLANK = 0,
    CCP_EST_S_LETTER,
    CCP_EST_S_ASCII,
    CCP_EST_S_TWO,             /* first bytes */
    CCP_EST_S_THREE,
    CCP_EST_NSTRATA
} ccp_estimate_stratum_e;

static const struct {
    int16_t  usual;
    int16_t  least;
} ccp_estimate_strata[CCP_EST_NSTRATA] = {
    { 0, 0 }, { 230, 100 }, { 500, 80 }, { 400, 200 }, { 1000, 500 }
};

static const uint8_t  ccp_estimate_stratum[CCP_EST_NCLASS] = {
    [CCP_EST_LOWER] = CCP_EST_S_LETTER,
    [CCP_EST_UPPER] = CCP_EST_S_LETTER,
    [CCP_EST_DIGIT] = CCP_EST_S_ASCII,
    [CCP_EST_PUNCT] = CCP_EST_S_ASCII,
    [CCP_EST_LATIN] = CCP_EST_S_TWO,
    [CCP_EST_TWO] = CCP_EST_S_TWO,
    [CCP_EST_THREE] = CCP_EST_S_THREE,
    [CCP_EST_CJK] = CCP_EST_S_THREE,
    [CCP_EST_HANGUL] = CCP_EST_S_THREE,
    [CCP_EST_FOUR] = CCP_EST_S_THREE
};


#define CCP_EST_X4(c)    c, c, c, c
#define CCP_EST_X8(c)    CCP_EST_X4(c), CCP_EST_X4(c)
#define CCP_EST_X16(c)   CCP_EST_X8(c), CCP_EST_X8(c)
#define CCP_EST_X26(c)   CCP_EST_X16(c), CCP_EST_X8(c), c, c

static const uint8_t  ccp_estimate_class[256] = {
    CCP_EST_X8(CCP_EST_BLANK), CCP_EST_BLANK, CCP_EST_BLANK,    /* … TAB */
    CCP_EST_LINE, CCP_EST_LINE, CCP_EST_LINE, CCP_EST_LINE,
    CCP_EST_X16(CCP_EST_BLANK), CCP_EST_BLANK, CCP_EST_BLANK,
    CCP_EST_BLANK,                                              /* space */
    CCP_EST_X8(CCP_EST_PUNCT), CCP_EST_X4(CCP_EST_PUNCT),
    CCP_EST_PUNCT, CCP_EST_PUNCT, CCP_EST_PUNCT,
    CCP_EST_X8(CCP_EST_DIGIT), CCP_EST_DIGIT, CCP_EST_DIGIT,
    CCP_EST_X4(CCP_EST_PUNCT), CCP_EST_PUNCT, CCP_EST_PUNCT,
    CCP_EST_PUNCT,
    CCP_EST_X26(CCP_EST_UPPER),
    CCP_EST_X4(CCP_EST_PUNCT), CCP_EST_PUNCT, CCP_EST_PUNCT,
    CCP_EST_X26(CCP_EST_LOWER),
    CCP_EST_X4(CCP_EST_PUNCT), CCP_EST_PUNCT,
    CCP_EST_X16(CCP_EST_INNER), CCP_EST_X16(CCP_EST_INNER),
    CCP_EST_X16(CCP_EST_INNER), CCP_EST_X16(CCP_EST_INNER),
    CCP_EST_X4(CCP_EST_LATIN), CCP_EST_LATIN, CCP_EST_LATIN,    /* … C5 */
    CCP_EST_X26(CCP_EST_TWO),
    CCP_EST_THREE, CCP_EST_THREE, CCP_EST_THREE,                /* E0 … E2 */
    CCP_EST_X4(CCP_EST_CJK), CCP_EST_CJK, CCP_EST_CJK, CCP_EST_CJK,
    CCP_EST_X4(CCP_EST_HANGUL),                                 /* EA … ED */
    CCP_EST_THREE, CCP_EST_THREE,                               /* EE, EF */
    CCP_EST_X16(CCP_EST_FOUR)
};


/* The price of a character by its place in a run of its class, from 0. */

#define CCP_EST_PLACES  8

typedef struct {
    uint16_t  price[CCP_EST_NCLASS][CCP_EST_PLACES];
} ccp_estimate_prices_t;

#define CCP_EST_EACH(n)  { CCP_EST_X8(n) }
#define CCP_EST_PRICES(word, longer, digits, run, mark, blanks, line,        \
                       latin, two, three, cjk, hangul, four)                 \
    {{                                                                       \
        [CCP_EST_LOWER] = { word, 0, 0, 0, 0, 0, 0, longer },                \
        [CCP_EST_UPPER] = { word, 0, 0, 0, 0, 0, 0, longer },                \
        [CCP_EST_DIGIT] = { digits, 0, 0, digits, 0, 0, digits,              \
                            (digits) / 3 },                                  \
        [CCP_EST_PUNCT] = { (run) + (mark), mark, mark, mark, mark, mark,    \
                            mark, mark },                                    \
        [CCP_EST_BLANK] = { 0, blanks },                                     \
        [CCP_EST_LINE] = { line },                                           \
        [CCP_EST_LATIN] = CCP_EST_EACH(latin),                               \
        [CCP_EST_TWO] = CCP_EST_EACH(two),                                   \
        [CCP_EST_THREE] = CCP_EST_EACH(three),                               \
        [CCP_EST_CJK] = CCP_EST_EACH(cjk),                                   \
        [CCP_EST_HANGUL] = CCP_EST_EACH(hangul),                             \
        [CCP_EST_FOUR] = CCP_EST_EACH(four)                                  \
    }}


/*
 * Least squares of relative errors over 800 pieces of 2000 characters: prose
 * in 14 languages, source code, JSON, Markdown, HTML, logs.  Fitted to one
 * half of them, 91 % of the other half are within 15 %, and all but 5 % on
 * each side within 18 %.
 */

/* Geometric mean of o200k_base and Llama 3's. */
static const ccp_estimate_prices_t  ccp_estimate_common =
    CCP_EST_PRICES(1003, 328, 1815, 546, 156, 751, 640, 1104, 283, 1905, 695,
                   756, 1638);

/* Claude's. */
static const ccp_estimate_prices_t  ccp_estimate_claude =
    CCP_EST_PRICES(1074, 224, 1585, 934, 58, 0, 1141, 3109, 546, 1972, 1030,
                   1392, 2560);


/*
 * What models of a family make of a request besides its texts, in tokens.
 * OpenAI's rewrite schemas into fewer words than JSON has, hence less than
 * nothing for a tool.
 */

typedef struct {
    const char                   *name;    /* part of a model's name */
    const ccp_estimate_prices_t  *prices;
    int                           base;    /* of a request */
    int                           message;
    int                           call;    /* of a call, and of a result */
    int                           tools;   /* of having some */
    int                           tool;    /* of each */
    int                           schema;  /* percent of what its text costs */
    int                           formats; /* of having an output format */
    int                           format;  /* percent of its schema's text */
    int                           image;
} ccp_estimate_rates_t;


/* The first one that is part of the name. */

static const ccp_estimate_rates_t  ccp_estimate_rates[] = {
    { "claude-3", &ccp_estimate_claude, 4, 5, 0, 350, 5, 75, 130, 145, 1600 },
    { "claude-sonnet-4-0", &ccp_estimate_claude, 4, 5, 0, 350, 5, 75, 130, 145,
      1600 },
    { "claude-sonnet-4-2", &ccp_estimate_claude, 4, 5, 0, 350, 5, 75, 130, 145,
      1600 },
    { "claude-opus-4-0", &ccp_estimate_claude, 4, 5, 0, 350, 5, 75, 130, 145,
      1600 },
    { "claude-opus-4-1", &ccp_estimate_claude, 4, 5, 0, 350, 5, 75, 130, 145,
      1600 },
    { "claude", &ccp_estimate_claude, 2, 5, 0, 500, 12, 95, 130, 145, 1600 },
    { "gpt-oss", &ccp_estimate_common, 60, 5, 6, 40, 0, 30, 60, 90, 765 },
    { "gemini", &ccp_estimate_common, 1, 0, 9, 9, 8, 35, 0, 0, 258 },
    { "grok", &ccp_estimate_common, 150, 8, 0, 30, 30, 120, 60, 75, 765 },
    { "deepseek", &ccp_estimate_common, 4, 1, 6, 230, 14, 100, 30, 70, 765 },
    { "qwen", &ccp_estimate_common, 8, 2, 10, 120, 0, 100, 64, 84, 258 },
    { "llama", &ccp_estimate_common, 3, 4, 6, 190, 12, 95, 30, 70, 765 },
    { "kimi", &ccp_estimate_common, 3, 4, 6, 80, 8, 70, 30, 70, 765 },
    { "glm", &ccp_estimate_common, 3, 4, 0, 110, 15, 105, 30, 70, 765 },
    { "istral", &ccp_estimate_common, 3, 4, 6, 28, 20, 60, 30, 70, 765 },
    { "gpt", &ccp_estimate_common, 6, 2, 8, 35, -14, 56, 0, 90, 765 },
    { "o1", &ccp_estimate_common, 6, 2, 8, 35, -14, 56, 0, 90, 765 },
    { "o3", &ccp_estimate_common, 6, 2, 8, 35, -14, 56, 0, 90, 765 },
    { "o4", &ccp_estimate_common, 6, 2, 8, 35, -14, 56, 0, 90, 765 },
    { "", &ccp_estimate_common, 3, 4, 6, 40, 8, 70, 30, 70, 765 }
};


/* Texts are told from schemas, which providers write in forms of their own. */

typedef enum { CCP_EST_TEXT, CCP_EST_SCHEMA, CCP_EST_FORMAT, CCP_EST_NKIND }
    ccp_estimate_kind_e;

typedef struct {
    const ccp_estimate_rates_t  *rates;
    int                          sealed;
    int64_t                      besides; /* tokens of what is not read */
    size_t                       period;  /* a piece is read of each; 0:
                                             nothing */
    size_t                       pos;     /* within the period */
    size_t                       start;   /* of the piece, likewise */
    uint64_t                     mix;     /* of all that was read */
    int64_t                      bytes[CCP_EST_NKIND];
    int64_t                      all[CCP_EST_NKIND][CCP_EST_NSTRATA];
    int64_t                      read[CCP_EST_NKIND][CCP_EST_NSTRATA];
    int64_t                      units[CCP_EST_NKIND][CCP_EST_NSTRATA];
} ccp_estimate_t;


/* The class of an escape at p; *n is its length. */
static ccp_estimate_class_e
ccp_estimate_escape(const uint8_t *p, const uint8_t *end, size_t *n)
{
    int       k;
    uint8_t   c;
    uint32_t  u;

    *n = 2;

    if (end - p < 2) {
        *n = 1;
        return CCP_EST_PUNCT;
    }

    if (p[1] != 'u' || end - p < 6) {
        return p[1] == 'n' || p[1] == 'r' ? CCP_EST_LINE
               : p[1] == 't' ? CCP_EST_BLANK : CCP_EST_PUNCT;
    }

    *n = 6;
    u = 0;

    for (k = 2; k < 6; k++) {
        c = p[k] | 0x20;
        u = u << 4 | (c <= '9' ? c - '0' : c - 'a' + 10);
    }

    if (u < 0x80) {
        return (ccp_estimate_class_e) ccp_estimate_class[u];
    }

    if (u >= 0xdc00 && u < 0xe000) {
        return CCP_EST_INNER;
    }

    return u < 0x180 ? CCP_EST_LATIN
           : u < 0x800 ? CCP_EST_TWO
           : u >= 0xd800 && u < 0xdc00 ? CCP_EST_FOUR
           : u < 0x3000 || u >= 0xe000 ? CCP_EST_THREE
           : u < 0xa000 ? CCP_EST_CJK : CCP_EST_HANGUL;
}


/* An escape costs what it stands for, in equal parts. */

static void
ccp_estimate_spread(const uint8_t *p, size_t n, int64_t price,
    int64_t *units, int64_t *read)
{
    size_t   k;
    uint8_t  st;

    for (k = 0; k < n; k++) {
        st = ccp_estimate_stratum[ccp_estimate_class[p[k]]];
        units[st] += price / (int64_t) n;
        read[st]++;
    }
}


/* What the bytes cost; inside: they go on with what stands before them. */

static void
ccp_estimate_scan(const ccp_estimate_prices_t *prices, const uint8_t *p,
    const uint8_t *end, int escapes, int inside, int64_t *units,
    int64_t *read)
{
    size_t                n, run;
    uint8_t               st;
    ccp_estimate_class_e  c, last;

    run = inside;
    last = inside ? (ccp_estimate_class_e) ccp_estimate_class[p[-1]]
                  : CCP_EST_INNER;

    for ( ; p < end; p += n) {
        n = 1;
        c = escapes && *p == '\\'
            ? ccp_estimate_escape(p, end, &n)
            : (ccp_estimate_class_e) ccp_estimate_class[*p];

        if (c == CCP_EST_INNER) {
            continue;
        }

        if (c != last && !(c == CCP_EST_LOWER && last == CCP_EST_UPPER)) {
            run = 0;
        }

        if (n == 1) {
            st = ccp_estimate_stratum[c];
            units[st] += prices->price[c][run];
            read[st]++;

        } else {
            ccp_estimate_spread(p, n, prices->price[c][run], units, read);
        }

        run += (run < CCP_EST_PLACES - 1);
        last = c;
    }
}


/*
 * Bytes by what they are.  Compilers make a few instructions of this for 16
 * bytes: all of a request are counted in less time than the pieces are read.
 */

typedef uint8_t  ccp_estimate_lanes_t __attribute__((vector_size(16)));

#define CCP_EST_LANES  16
#define CCP_EST_ROUND  255             /* what a lane counts to */

static void
ccp_estimate_count(const uint8_t *p, size_t n, int64_t *all)
{
    size_t                 i, k, left;
    ccp_estimate_lanes_t   x, blank, letter, ascii, two, three;

    while (n >= CCP_EST_LANES) {

        left = n / CCP_EST_LANES;
        left = left > CCP_EST_ROUND ? CCP_EST_ROUND : left;

        blank = (ccp_estimate_lanes_t) { 0 };
        letter = blank;
        ascii = blank;
        two = blank;
        three = blank;

        for (i = 0; i < left; i++, p += CCP_EST_LANES) {
            memcpy(&x, p, CCP_EST_LANES);

            blank -= (ccp_estimate_lanes_t) (x <= 0x20);
            letter -= (ccp_estimate_lanes_t) ((x | 0x20) - 'a' < 26);
            ascii -= (ccp_estimate_lanes_t) (x - 0x21 < 0x5f);
            two -= (ccp_estimate_lanes_t) (x - 0xc0 < 0x20);
            three -= (ccp_estimate_lanes_t) (x >= 0xe0);
        }

        for (k = 0; k < CCP_EST_LANES; k++) {
            all[CCP_EST_S_BLANK] += blank[k];
            all[CCP_EST_S_LETTER] += letter[k];
            all[CCP_EST_S_ASCII] += ascii[k] - letter[k];
            all[CCP_EST_S_TWO] += two[k];
            all[CCP_EST_S_THREE] += three[k];
        }

        n -= left * CCP_EST_LANES;
    }

    for ( ; n; n--, p++) {
        if (ccp_estimate_class[*p] != CCP_EST_INNER) {
            all[ccp_estimate_stratum[ccp_estimate_class[*p]]]++;
        }
    }
}


/*
 * Where the next piece is read: the text itself decides, so that nobody can
 * put it where it isn't.
 */

static void
ccp_estimate_next(ccp_estimate_t *e)
{
    e->pos = 0;

    if (e->period > CCP_EST_PIECE) {
        e->mix = (e->mix ^ e->mix >> 29) * UINT64_C(0xbf58476d1ce4e5b9) + 1;
        e->start = (e->mix >> 32) % (e->period - CCP_EST_PIECE + 1);
    }
}


static void
ccp_estimate_add(ccp_estimate_t *e, ccp_str_t s, int escapes,
    ccp_estimate_kind_e kind)
{
    size_t          n, stop;
    const uint8_t  *p, *end;

    if (s.p == NULL) {
        return;
    }

    e->bytes[kind] += (int64_t) s.n;

    if (e->period == 0) {
        return;
    }

    if (e->period > CCP_EST_PIECE) {
        ccp_estimate_count(s.p, s.n, e->all[kind]);
    }

    for (p = s.p, end = s.p + s.n; p < end; p += n) {

        stop = e->start + CCP_EST_PIECE;

        n = (e->pos < e->start ? e->start : e->pos < stop ? stop : e->period)
            - e->pos;

        if (n > (size_t) (end - p)) {
            n = end - p;
        }

        if (e->pos >= e->start && e->pos < stop) {
            ccp_estimate_scan(e->rates->prices, p, p + n, escapes, p > s.p,
                              e->units[kind], e->read[kind]);
            e->mix += (uint64_t) p[0] << 8 ^ p[n / 2] ^ (uint64_t) p[n - 1]
                      << 16;
        }

        e->pos += n;

        if (e->pos == e->period) {
            ccp_estimate_next(e);
        }
    }
}


static void
ccp_estimate_text(ccp_estimate_t *e, ccp_str_t s)
{
    ccp_estimate_add(e, s, s.json && s.esc, CCP_EST_TEXT);
}


static int64_t
ccp_estimate_total(const ccp_estimate_t *e, ccp_estimate_kind_e kind)
{
    int     st;
    double  units, mean;

    units = 0;

    for (st = 0; st < CCP_EST_NSTRATA; st++) {

        if (e->period <= CCP_EST_PIECE) {
            units += (double) e->units[kind][st];
            continue;
        }

        mean = (double) (e->units[kind][st]
                         + ccp_estimate_strata[st].usual * CCP_EST_PRIOR)
               / (double) (e->read[kind][st] + CCP_EST_PRIOR);

        if (mean < ccp_estimate_strata[st].least) {
            mean = ccp_estimate_strata[st].least;
        }

        units += mean * (double) e->all[kind][st];
    }

    return (int64_t) (units / CCP_EST_UNIT + 0.5);
}


/* A medium, which is not read. */
static void
ccp_estimate_media(ccp_estimate_t *e, const ccp_block_t *b)
{
    int64_t  n;

    if (b->kind == CCP_B_IMAGE) {
        e->besides += e->rates->image;
        return;
    }

    n = b->media.data.p ? (int64_t) b->media.data.n : 0;

    switch (b->media.kind) {

    case CCP_MEDIA_TEXT:
        ccp_estimate_text(e, b->media.data);
        break;

    case CCP_MEDIA_B64:
        n = n / 4 * 3;
        e->besides += b->kind == CCP_B_DOC
                      ? (n / CCP_EST_PAGE_BYTES + 1) * CCP_EST_PAGE
                      : n / CCP_EST_AUDIO_BYTES + 1;
        break;

    case CCP_MEDIA_URL:
    case CCP_MEDIA_FILE:
        e->besides += CCP_EST_PAGE;
        break;

    default:
        break;
    }
}


/* Reasoning is read again while its turn goes on, and left out later. */
static void
ccp_estimate_think(ccp_estimate_t *e, const ccp_block_t *b, int present)
{
    int64_t  n;

    if (!present) {
        return;
    }

    if (!e->sealed) {
        ccp_estimate_text(e, b->text);
        return;
    }

    /* the text is a summary; what it stands for is encrypted */

    n = b->sig.p ? (int64_t) b->sig.n - CCP_EST_SEALED_HEAD : 0;

    if (n > 0) {
        e->besides += n / CCP_EST_SEALED_BYTES;
    }
}


static void
ccp_estimate_blocks(ccp_estimate_t *e, const ccp_block_t *b, int present)
{
    for ( ; b != NULL; b = b->next) {
        switch (b->kind) {

        case CCP_B_IMAGE:
        case CCP_B_DOC:
        case CCP_B_AUDIO:
        case CCP_B_VIDEO:
            ccp_estimate_media(e, b);
            ccp_estimate_text(e, b->title);
            ccp_estimate_text(e, b->context);
            break;

        case CCP_B_HCALL:
        case CCP_B_HRESULT:
        case CCP_B_OPAQUE:
            ccp_estimate_add(e, b->raw, 1, CCP_EST_TEXT);
            break;

        case CCP_B_THINK:
            ccp_estimate_think(e, b, present);
            break;

        case CCP_B_CALL:
        case CCP_B_RESULT:
            e->besides += e->rates->call;
            /* fall through */

        default:
            ccp_estimate_text(e, b->text);
            ccp_estimate_text(e, b->name);
            break;
        }

        ccp_estimate_blocks(e, b->parts, present);
    }
}


/* The last message in which the user spoke, not only tools. */
static const ccp_message_t *
ccp_estimate_find_turn(const ccp_request_t *r)
{
    const ccp_block_t    *b;
    const ccp_message_t  *m, *last;

    last = NULL;

    for (m = r->msgs; m != NULL; m = m->next) {

        if (m->role != CCP_ROLE_USER) {
            continue;
        }

        for (b = m->blocks; b != NULL; b = b->next) {
            if (b->kind != CCP_B_RESULT) {
                last = m;
                break;
            }
        }
    }

    return last;
}


static void
ccp_estimate_tool(ccp_estimate_t *e, const ccp_tool_t *t)
{
    e->besides += e->rates->tool;

    ccp_estimate_text(e, t->name);
    ccp_estimate_text(e, t->desc);

    /* built-ins bring what only their origin knows */

    ccp_estimate_add(e, t->schema.p || t->grammar.p ? t->schema : t->raw, 1,
                     CCP_EST_SCHEMA);
    ccp_estimate_add(e, t->grammar, 1, CCP_EST_TEXT);
}


/* Goes through all of a request. */
static void
ccp_estimate_walk(ccp_estimate_t *e, const ccp_request_t *r)
{
    int                   present;
    const ccp_item_t     *it;
    const ccp_tool_t     *t;
    const ccp_message_t  *m, *turn;

    for (it = r->embed_inputs; it != NULL; it = it->next) {
        ccp_estimate_text(e, it->s);
    }

    if (r->op == CCP_OP_EMBED) {
        return;
    }

    e->besides += e->rates->base;

    if (r->system != NULL) {
        e->besides += e->rates->message;
        ccp_estimate_blocks(e, r->system, 1);
    }

    turn = ccp_estimate_find_turn(r);
    present = (turn == NULL);

    for (m = r->msgs; m != NULL; m = m->next) {
        e->besides += e->rates->message;
        ccp_estimate_blocks(e, m->blocks, present);
        present |= (m == turn);
    }

    if (r->tools != NULL) {
        e->besides += e->rates->tools;
    }

    for (t = r->tools; t != NULL; t = t->next) {
        ccp_estimate_tool(e, t);
    }

    if (r->out.schema.p != NULL) {
        e->besides += e->rates->formats;
        ccp_estimate_add(e, r->out.schema, 1, CCP_EST_FORMAT);
    }
}


static int
ccp_estimate_name_has(ccp_str_t name, const char *part)
{
    size_t  i, k, n;

    n = strlen(part);

    for (i = 0; i + n <= name.n; i++) {

        for (k = 0; k < n; k++) {
            if ((name.p[i + k] | 0x20) != part[k] && name.p[i + k] != part[k]) {
                break;
            }
        }

        if (k == n) {
            return 1;
        }
    }

    return 0;
}


static const ccp_estimate_rates_t *
ccp_estimate_find_rates(ccp_str_t name)
{
    const ccp_estimate_rates_t  *rates;

    for (rates = ccp_estimate_rates; *rates->name; rates++) {
        if (ccp_estimate_name_has(name, rates->name)) {
            break;
        }
    }

    return rates;
}


int64_t
ccp_estimate_request(const ccp_request_t *r, const char *family, int sealed)
{
    int64_t         tokens;
    ccp_estimate_t  e;

    memset(&e, 0, sizeof(ccp_estimate_t));

    e.sealed = sealed;
    e.rates = ccp_estimate_find_rates(r->model);

    if (*e.rates->name == '\0') {
        e.rates = ccp_estimate_find_rates(ccp_cstr(family));
    }

    ccp_estimate_walk(&e, r);

    e.period = (e.bytes[CCP_EST_TEXT] + e.bytes[CCP_EST_SCHEMA]
                + e.bytes[CCP_EST_FORMAT])
               / CCP_EST_READ + 1;
    e.period *= CCP_EST_PIECE;

    e.besides = 0;
    e.mix = (uint64_t) e.period;
    memset(e.bytes, 0, sizeof(e.bytes));
    ccp_estimate_next(&e);

    ccp_estimate_walk(&e, r);

    tokens = e.besides + ccp_estimate_total(&e, CCP_EST_TEXT)
             + ccp_estimate_total(&e, CCP_EST_SCHEMA) * e.rates->schema / 100
             + ccp_estimate_total(&e, CCP_EST_FORMAT) * e.rates->format / 100;

    return tokens > 0 ? tokens : 0;
}
