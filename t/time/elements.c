
/*
 * Reads elements.txt and writes out its templates.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elements.h"


#define TIME_LINE  8192


static void
time_wrong(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(2);
}


/* "ask anthropic[:/path] name of several words" */

static void
time_head(time_element_t *e, char *line, const char *file, int no)
{
    char                      *word, *path;
    size_t                     i;
    static const char  *const  kinds[] = { "ask", "say", "doc", "err" };

    memset(e, 0, sizeof(*e));
    word = strsep(&line, " ");

    for (i = 0; i < 4 && strcmp(word, kinds[i]); i++) {
        /* void */
    }

    if (i == 4 || line == NULL) {
        time_wrong(file, no, "no kind");
    }

    e->kind = (time_kind_e) i;
    word = strsep(&line, " ");
    path = strchr(word, ':');

    if (path) {
        *path++ = '\0';
        snprintf(e->path, sizeof(e->path), "%s", path);
    }

    e->proto = ccp_proto_find(ccp_cstr(word));

    if (e->proto == CCP_NPROTO || line == NULL) {
        time_wrong(file, no, "no protocol or no name");
    }

    snprintf(e->name, sizeof(e->name), "%s", line);
}


static void
time_more(time_element_t *e, const char *line)
{
    size_t  n, m;
    char   *text;

    n = e->text ? strlen(e->text) : 0;
    m = strlen(line);

    text = realloc(e->text, n + m + 2);
    if (text == NULL) {
        abort();
    }

    memcpy(text + n, line, m);
    text[n + m] = e->kind == TIME_SAY ? '\n' : '\0';
    text[n + m + 1] = '\0';
    e->text = text;
}


time_element_t *
time_elements(const char *file)
{
    int              no, n;
    char             line[TIME_LINE], *p;
    FILE            *f;
    time_element_t  *e;

    f = fopen(file, "r");
    e = calloc(1024, sizeof(time_element_t));

    if (f == NULL || e == NULL) {
        perror(file);
        exit(2);
    }

    n = 0;

    for (no = 1; fgets(line, sizeof(line), f); no++) {
        line[strcspn(line, "\n")] = '\0';
        p = line + strspn(line, " ");

        if (*p == '\0' || *p == '#') {
            continue;
        }

        if (p == line) {
            if (n == 1023) {
                time_wrong(file, no, "too many elements");
            }
            time_head(&e[n++], line, file, no);

        } else if (n == 0) {
            time_wrong(file, no, "a template without a head");

        } else {
            time_more(&e[n - 1], p);
        }
    }

    fclose(f);

    return e;
}


typedef struct {
    char    *p;
    size_t   n;
    size_t   cap;
} time_buf_t;


static void
time_put(time_buf_t *b, const char *s, size_t n)
{
    if (b->n + n + 1 > b->cap) {
        b->cap = 2 * (b->n + n + 1);
        b->p = realloc(b->p, b->cap);
        if (b->p == NULL) {
            abort();
        }
    }

    memcpy(b->p + b->n, s, n);
    b->n += n;
    b->p[b->n] = '\0';
}


/* A part of the template, with quotes and the number. */

static void
time_part(time_buf_t *b, const char *s, size_t n, int number)
{
    int     m;
    char    text[16];
    size_t  i;

    m = snprintf(text, sizeof(text), "%d", number);

    for (i = 0; i < n; i++) {
        if (s[i] == '@' && i + 1 < n && s[i + 1] == '@') {
            time_put(b, s + i++, 1);
        } else if (s[i] == '@') {
            time_put(b, text, (size_t) m);
        } else {
            time_put(b, s[i] == '\'' ? "\"" : s + i, 1);
        }
    }
}


/* The lines of a stream as its frames. */

static char *
time_frames(const time_element_t *e, char *lines)
{
    char        *line, *rest, *type, *end;
    time_buf_t   b;

    memset(&b, 0, sizeof(b));

    for (rest = lines; (line = strsep(&rest, "\n")); ) {
        if (*line == '\0') {
            continue;
        }

        if (e->proto == CCP_OLLAMA) {
            time_put(&b, line, strlen(line));
            time_put(&b, "\n", 1);
            continue;
        }

        type = strstr(line, "{\"type\":\"");
        if (type == line && (end = strchr(line + 9, '"'))) {
            time_put(&b, "event: ", 7);
            time_put(&b, line + 9, (size_t) (end - line - 9));
            time_put(&b, "\n", 1);
        }

        time_put(&b, "data: ", 6);
        time_put(&b, line, strlen(line));
        time_put(&b, "\n\n", 2);
    }

    free(lines);

    return b.p;
}


char *
time_expand(const time_element_t *e, int n)
{
    int          i;
    const char  *p, *open, *close;
    time_buf_t   b;

    memset(&b, 0, sizeof(b));

    for (p = e->text; (open = strstr(p, "<<")); p = close + 2) {
        close = strstr(open, ">>");
        if (close == NULL) {
            fprintf(stderr, "%s: a part that does not end\n", e->name);
            exit(2);
        }

        time_part(&b, p, (size_t) (open - p), 0);

        for (i = 0; i < n; i++) {
            time_part(&b, open + 2, (size_t) (close - open - 2), i);
        }
    }

    time_part(&b, p, strlen(p), n);

    return e->kind == TIME_SAY ? time_frames(e, b.p) : b.p;
}
