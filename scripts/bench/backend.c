/*
 * backend.c - mock OpenAI Chat Completions server for gateway benchmarks.
 *
 * One thread, epoll, HTTP/1.1 keep-alive, loopback only.  Every reply is
 * rendered once at start-up (or when the mode changes), so serving costs a
 * few syscalls.  Any POST is answered: as one JSON document, or, when the
 * request body holds "stream":true, as a chunked text/event-stream.
 *
 *   backend [-p PORT] [-n CHUNKS] [-r EVENTS_PER_S] [-w burst|split] [-s BYTES]
 *
 * The stream mode can be changed while running:
 *   GET /_mode?chunks=200&rate=20&write=split
 *     chunks  content events in one stream
 *     rate    events per second in one stream, 0 = not paced
 *     write   not paced only: burst = whole stream in one write(),
 *             split = one write() for each event
 *   GET /_stats   requests, streams, bytes in, bytes of streams out so far
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct { /* a rendered stream; refcounted by users */
    char *buf;
    size_t *end; /* end[i]: offset after i-th write unit */
    int units;
    uint64_t gap_ns; /* 0: not paced */
    int split;
    int refs;
} script_t;

typedef struct conn {
    int fd, want_out, queued, close_after;
    char *in;
    size_t in_len, in_cap;
    size_t head_len; /* 0: header not complete */
    size_t need;     /* total bytes of this request, if known */
    size_t chunk_at; /* chunked body: next chunk header offset */
    int chunked;
    const char *out; /* pending plain output */
    size_t out_len, out_off;
    char small[512];
    script_t *sc; /* running stream */
    int unit;
    size_t sc_off;
    uint64_t due;
    struct conn *prev, *next; /* pacing queue, ordered by due */
} conn_t;

static int ep;
static conn_t qhead; /* sentinel */
static script_t *script;
static char *json_reply;
static size_t json_reply_len;
static int m_chunks = 200, m_split = 1;
static double m_rate = 0;
static size_t m_size = 700;
static uint64_t n_req, n_stream, n_bytes, n_stream_out;

static uint64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000000u + t.tv_nsec;
}

static void
die(const char *what)
{
    perror(what);
    exit(1);
}

static void
script_unref(script_t *s)
{
    if (--s->refs == 0) {
        free(s->buf);
        free(s->end);
        free(s);
    }
}

static const char *words[] = {
    "the gateway ",     "reads one line ",  "and then sends ",
    "it to a client, ", "byte for byte; ",  "no event waits ",
    "for a later one ", "in the queue.\\n",
};

static script_t *
script_make(void)
{
    static const char meta[]
        = "\"id\":\"chatcmpl-bench0001\",\"object\":"
          "\"chat.completion.chunk\",\"created\":1700000000,\"model\":"
          "\"mock-model\",\"system_fingerprint\":\"fp_bench\"";
    script_t *s = calloc(1, sizeof *s);
    size_t cap = (size_t) (m_chunks + 8) * 512 + 512, len = 0;
    int u = 0;
    s->buf = malloc(cap);
    s->end = calloc(m_chunks + 8, sizeof *s->end);
    if (!s->buf || !s->end)
        die("malloc");
    for (int i = -1; i <= m_chunks + 2; i++) {
        char ev[512];
        int n;
        if (i == -1)
            n = snprintf(ev, sizeof ev,
                         "data: {%s,\"choices\":[{\"index\":0,"
                         "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                         "\"logprobs\":null,\"finish_reason\":null}]}\n\n",
                         meta);
        else if (i < m_chunks)
            n = snprintf(ev, sizeof ev,
                         "data: {%s,\"choices\":[{\"index\":0,"
                         "\"delta\":{\"content\":\"%s\"},\"logprobs\":null,"
                         "\"finish_reason\":null}]}\n\n",
                         meta, words[i & 7]);
        else if (i == m_chunks)
            n = snprintf(
                ev, sizeof ev,
                "data: {%s,\"choices\":[{\"index\":0,"
                "\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}"
                "\n\n",
                meta);
        else if (i == m_chunks + 1)
            n = snprintf(ev, sizeof ev,
                         "data: {%s,\"choices\":[],\"usage\":"
                         "{\"prompt_tokens\":1200,\"completion_tokens\":%d,"
                         "\"total_tokens\":%d,\"prompt_tokens_details\":"
                         "{\"cached_tokens\":1000}}}\n\n",
                         meta, m_chunks, 1200 + m_chunks);
        else
            n = snprintf(ev, sizeof ev, "data: [DONE]\n\n");
        if (i == -1)
            len += sprintf(
                s->buf + len,
                "HTTP/1.1 200 OK\r\n"
                "Content-Type: text/event-stream; charset=utf-8\r\n"
                "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n"
                "\r\n");
        len += sprintf(s->buf + len, "%x\r\n%s\r\n", n, ev);
        if (i == m_chunks + 2)
            len += sprintf(s->buf + len, "0\r\n\r\n");
        s->end[u++] = len;
    }
    s->units = u;
    s->split = m_split;
    s->gap_ns = m_rate > 0 ? (uint64_t) (1e9 / m_rate) : 0;
    s->refs = 1;
    return s;
}

static void
reply_make(void)
{
    char *text = malloc(m_size + 64), *body = malloc(m_size + 1024);
    size_t n = 0;
    for (int i = 0; n < m_size; i++)
        n += sprintf(text + n, "%s", words[i & 7]);
    int b = sprintf(
        body,
        "{\"id\":\"chatcmpl-bench0001\",\"object\":"
        "\"chat.completion\",\"created\":1700000000,\"model\":\"mock-model\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
        "\"content\":\"%s\",\"refusal\":null},\"logprobs\":null,"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1200,"
        "\"completion_tokens\":160,\"total_tokens\":1360,"
        "\"prompt_tokens_details\":{\"cached_tokens\":1000}},"
        "\"system_fingerprint\":\"fp_bench\"}",
        text);
    json_reply = malloc(b + 256);
    json_reply_len = sprintf(json_reply,
                             "HTTP/1.1 200 OK\r\nContent-Type: "
                             "application/json\r\nContent-Length: %d\r\n\r\n%s",
                             b, body);
    free(text);
    free(body);
}

static void
q_remove(conn_t *c)
{
    if (!c->queued)
        return;
    c->prev->next = c->next;
    c->next->prev = c->prev;
    c->queued = 0;
}

static void
q_insert(conn_t *c) /* almost always at the tail */
{
    conn_t *p = qhead.prev;
    while (p != &qhead && p->due > c->due)
        p = p->prev;
    c->prev = p;
    c->next = p->next;
    p->next->prev = c;
    p->next = c;
    c->queued = 1;
}

static void
conn_free(conn_t *c)
{
    q_remove(c);
    if (c->sc)
        script_unref(c->sc);
    close(c->fd);
    free(c->in);
    free(c);
}

static void
want_out(conn_t *c, int on)
{
    if (c->want_out == on)
        return;
    struct epoll_event e
        = {.events = EPOLLIN | (on ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
    c->want_out = on;
}

/* 1: all that may go now is out; 0: socket full; -1: connection is gone */
static int
push(conn_t *c)
{
    while (c->out) {
        ssize_t n = send(c->fd, c->out + c->out_off, c->out_len - c->out_off,
                         MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN) {
                want_out(c, 1);
                return 0;
            }
            return -1;
        }
        c->out_off += n;
        if (c->out_off == c->out_len)
            c->out = NULL;
    }
    while (c->sc) {
        script_t *s = c->sc;
        if (s->gap_ns && c->queued)
            return 1; /* not yet due */
        size_t to
            = s->gap_ns || s->split ? s->end[c->unit] : s->end[s->units - 1];
        ssize_t n
            = send(c->fd, s->buf + c->sc_off, to - c->sc_off, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN) {
                want_out(c, 1);
                return 0;
            }
            return -1;
        }
        c->sc_off += n;
        n_stream_out += n;
        if (c->sc_off < to)
            continue;
        c->unit = to == s->end[s->units - 1] ? s->units : c->unit + 1;
        if (c->unit == s->units) {
            c->sc = NULL;
            script_unref(s);
        } else if (s->gap_ns) {
            c->due += s->gap_ns;
            /* the closing events (finish, usage, [DONE]) follow at once */
            if (c->unit <= s->units - 3) {
                q_insert(c);
                return 1;
            }
        }
    }
    want_out(c, 0);
    return 1;
}

static void
answer_text(conn_t *c, const char *text)
{
    c->out_len
        = snprintf(c->small, sizeof c->small,
                   "HTTP/1.1 200 OK\r\n"
                   "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%s",
                   strlen(text), text);
    c->out = c->small;
    c->out_off = 0;
}

static void
answer(conn_t *c, size_t total)
{
    if (!strncmp(c->in, "GET /_mode", 10)) {
        char *eol = memchr(c->in, '\r', c->head_len), *v;
        char t[128];
        *eol = 0;
        if ((v = strstr(c->in, "chunks=")))
            m_chunks = atoi(v + 7);
        if ((v = strstr(c->in, "rate=")))
            m_rate = atof(v + 5);
        if ((v = strstr(c->in, "write=")))
            m_split = !strncmp(v + 6, "split", 5);
        if (m_chunks < 1)
            m_chunks = 1;
        if (m_chunks > 100000)
            m_chunks = 100000;
        script_unref(script);
        script = script_make();
        snprintf(t, sizeof t, "chunks=%d rate=%g write=%s\n", m_chunks, m_rate,
                 m_split ? "split" : "burst");
        answer_text(c, t);
        return;
    }
    if (!strncmp(c->in, "GET ", 4)) {
        char t[192];
        snprintf(t, sizeof t,
                 "requests=%lu streams=%lu bytes_in=%lu stream_bytes=%lu\n",
                 (unsigned long) n_req, (unsigned long) n_stream,
                 (unsigned long) n_bytes, (unsigned long) n_stream_out);
        answer_text(c, t);
        return;
    }
    n_req++;
    n_bytes += total;
    char *b = c->in + c->head_len;
    size_t n = total - c->head_len;
    if (memmem(b, n, "\"stream\":true", 13)
        || memmem(b, n, "\"stream\": true", 14)) {
        n_stream++;
        c->sc = script;
        script->refs++;
        c->unit = 0;
        c->sc_off = 0;
        c->due = now_ns();
    } else {
        c->out = json_reply;
        c->out_len = json_reply_len;
        c->out_off = 0;
    }
}

/* header value by lower-case name, inside the complete header block */
static const char *
header(conn_t *c, const char *name)
{
    size_t nl = strlen(name);
    char *p = c->in, *e = c->in + c->head_len;
    while ((p = memchr(p, '\n', e - p)) && ++p < e)
        if ((size_t) (e - p) > nl && !strncasecmp(p, name, nl)
            && p[nl] == ':') {
            p += nl + 1;
            while (*p == ' ')
                p++;
            return p;
        }
    return NULL;
}

/* 1: a whole request of *total bytes is there; 0: more needed; -1: bad */
static int
whole(conn_t *c, size_t *total)
{
    if (!c->head_len) {
        char *h = memmem(c->in, c->in_len, "\r\n\r\n", 4);
        if (!h)
            return c->in_len > 65536 ? -1 : 0;
        c->head_len = h + 4 - c->in;
        const char *v = header(c, "transfer-encoding");
        c->chunked = v && !strncasecmp(v, "chunked", 7);
        v = header(c, "content-length");
        c->need = c->head_len + (v ? strtoul(v, NULL, 10) : 0);
        c->chunk_at = c->head_len;
        v = header(c, "connection");
        c->close_after = v && !strncasecmp(v, "close", 5);
    }
    if (!c->chunked) {
        *total = c->need;
        return c->in_len >= c->need;
    }
    for (;;) {
        char *p = c->in + c->chunk_at;
        size_t left = c->in_len - c->chunk_at;
        char *nl = left ? memchr(p, '\n', left) : NULL;
        if (!nl)
            return 0;
        size_t sz = strtoul(p, NULL, 16), hd = nl + 1 - p;
        if (left < hd + sz + 2)
            return 0;
        c->chunk_at += hd + sz + 2;
        if (sz == 0) {
            *total = c->chunk_at;
            return 1;
        }
    }
}

static int
serve(conn_t *c) /* -1: drop the connection */
{
    size_t total;
    while (!c->out && !c->sc) {
        if (!c->in_len)
            return 0;
        int r = whole(c, &total);
        if (r <= 0)
            return r;
        answer(c, total);
        memmove(c->in, c->in + total, c->in_len - total);
        c->in_len -= total;
        c->head_len = 0;
        if (push(c) < 0)
            return -1;
        if (c->close_after && !c->out && !c->sc)
            return -1;
    }
    return 0;
}

static int
on_read(conn_t *c)
{
    for (;;) {
        if (c->in_cap - c->in_len < 16384) {
            c->in_cap = c->in_cap ? c->in_cap * 2 : 16384 * 2;
            if (c->in_cap > 64u << 20)
                return -1;
            c->in = realloc(c->in, c->in_cap);
            if (!c->in)
                die("realloc");
        }
        size_t room = c->in_cap - c->in_len;
        ssize_t n = recv(c->fd, c->in + c->in_len, room, 0);
        if (n == 0)
            return -1;
        if (n < 0) {
            if (errno == EINTR)
                continue;
            return errno == EAGAIN ? serve(c) : -1;
        }
        c->in_len += n;
        if ((size_t) n < room)
            return serve(c);
    }
}

int
main(int argc, char **argv)
{
    int o, port = 9100, one = 1;
    while ((o = getopt(argc, argv, "p:n:r:w:s:")) != -1)
        switch (o) {
        case 'p':
            port = atoi(optarg);
            break;
        case 'n':
            m_chunks = atoi(optarg);
            break;
        case 'r':
            m_rate = atof(optarg);
            break;
        case 'w':
            m_split = !strcmp(optarg, "split");
            break;
        case 's':
            m_size = atoi(optarg);
            break;
        default:
            return 2;
        }
    signal(SIGPIPE, SIG_IGN);
    qhead.prev = qhead.next = &qhead;
    script = script_make();
    reply_make();

    int ls = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(ls, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(ls, (void *) &a, sizeof a) || listen(ls, 4096))
        die("listen");
    ep = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(ep, EPOLL_CTL_ADD, ls, &e);

    for (;;) {
        struct epoll_event ev[256];
        int wait = -1;
        if (qhead.next != &qhead) {
            uint64_t t = now_ns(), d = qhead.next->due;
            wait = d <= t ? 0 : (int) ((d - t + 999999) / 1000000);
        }
        int n = epoll_wait(ep, ev, 256, wait);
        if (n < 0 && errno != EINTR)
            die("epoll_wait");
        for (int i = 0; i < n; i++) {
            conn_t *c = ev[i].data.ptr;
            if (!c) {
                int fd;
                while ((fd = accept4(ls, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    conn_t *k = calloc(1, sizeof *k);
                    k->fd = fd;
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    struct epoll_event x = {.events = EPOLLIN, .data.ptr = k};
                    epoll_ctl(ep, EPOLL_CTL_ADD, fd, &x);
                }
                continue;
            }
            int r = 0;
            if (ev[i].events & (EPOLLERR | EPOLLHUP))
                r = -1;
            if (!r && (ev[i].events & EPOLLOUT)) {
                r = push(c);
                if (r == 1)
                    r = c->close_after && !c->out && !c->sc ? -1 : serve(c);
            }
            if (r >= 0 && (ev[i].events & EPOLLIN))
                r = on_read(c);
            if (r < 0)
                conn_free(c);
        }
        if (qhead.next != &qhead) {
            uint64_t t = now_ns();
            while (qhead.next != &qhead && qhead.next->due <= t) {
                conn_t *c = qhead.next;
                q_remove(c);
                int r = push(c);
                if (r == 1 && !c->sc && !c->out)
                    r = c->close_after ? -1 : serve(c);
                if (r < 0)
                    conn_free(c);
            }
        }
    }
}
