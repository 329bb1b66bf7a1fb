/*
 * load.c - closed-loop HTTP/1.1 load generator for LLM gateways.
 *
 * One thread, epoll, keep-alive, loopback targets only, bounded in time and
 * in requests.  Prints one TSV line (see README.md for the columns) and, with
 * -o FILE, keeps the first response (header and raw body) for a look.
 *
 *   load -u http://127.0.0.1:PORT/PATH -b BODY.json [-c CONNS] [-d SECONDS]
 *        [-W WARMUP_S] [-N REQUESTS] [-R RAMP_MS] [-s] [-H 'Name: value']...
 *        [-P GATEWAY_PID] [-o FILE]
 *
 *   -b  several times: each connection sends them in turn
 *   -s  the response is an SSE stream: count its events, time the first
 *       content event, and take a stream that did not end in message_stop or
 *       [DONE] for an error
 *   At the end of the window no new request starts; those in flight may end
 *   (4 s at most) and are not counted.
 *   -N  stop after so many requests and let those in flight end; -d is then
 *       only the time limit
 *   -P  sample CPU time, run-queue wait and RSS of that process, all its
 *       threads and all its descendants over the measured window
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
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

typedef struct {
    uint32_t *v;
    size_t n, cap;
    int sorted;
} samples_t;

typedef struct {
    int fd, busy, want_out;
    int turn, next; /* which request of the conversation */
    size_t sent;
    uint64_t t0, t_content, t_last; /* ns */
    /* response parser */
    int in_body, status, chunked, close_after;
    int64_t left; /* of the body or chunk; -1: to EOF */
    int cstate;   /* 0 size line, 1 data, 2 CRLF, 3 trailer */
    char head[8192];
    size_t head_len;
    char line[1024]; /* unfinished SSE line */
    size_t line_len;
    int partial, ended;
    unsigned events, content;
} conn_t;

static struct sockaddr_in addr;
#define MOST_TURNS 200
static char *reqs[MOST_TURNS]; /* the turns of a conversation, or one */
static size_t req_lens[MOST_TURNS];
static const char *bodies[MOST_TURNS];
static int turns;
static int ep, stream, dump = -1, dump_conn = -1;
static conn_t *conns;
static samples_t lat, ttft, gap;
static uint64_t measure_from, n_ok, n_err, n_status, n_conn_err, n_cut, n_short;
static uint64_t n_events, n_content, n_started, n_done_all, n_reconnect,
    max_req;
static int counting, draining, in_flight;

static uint64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000000000u + t.tv_nsec;
}

static void
add(samples_t *s, uint64_t ns)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 65536;
        s->v = realloc(s->v, s->cap * sizeof *s->v);
        if (!s->v) {
            perror("realloc");
            exit(1);
        }
    }
    s->v[s->n++] = ns / 100 > UINT32_MAX ? UINT32_MAX : ns / 100; /* 0.1 us */
}

static int
cmp(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
    return x < y ? -1 : x > y;
}

static double
pct(samples_t *s, double p) /* in us */
{
    if (!s->n)
        return 0;
    if (!s->sorted) {
        qsort(s->v, s->n, sizeof *s->v, cmp);
        s->sorted = 1;
    }
    size_t i = (size_t) (p / 100 * (s->n - 1) + 0.5);
    return s->v[i] / 10.0;
}

/* ---- the process under test ------------------------------------------- */

static int pids[512], npids;

static void
find_tree(int root)
{
    static int all[65536][2];
    int n = 0, grown = 1;
    DIR *d = opendir("/proc");
    struct dirent *e;
    while (d && (e = readdir(d)) && n < 65536) {
        char path[300], buf[512];
        if (!isdigit((unsigned char) e->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
        int fd = open(path, O_RDONLY);
        if (fd < 0)
            continue;
        ssize_t r = read(fd, buf, sizeof buf - 1);
        close(fd);
        if (r <= 0)
            continue;
        buf[r] = 0;
        char *p = strrchr(buf, ')');
        if (!p)
            continue;
        all[n][0] = atoi(e->d_name);
        all[n++][1] = atoi(p + 4);
    }
    if (d)
        closedir(d);
    pids[npids++] = root;
    while (grown) {
        grown = 0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < npids && npids < 512; j++)
                if (all[i][1] == pids[j]) {
                    int known = 0;
                    for (int k = 0; k < npids; k++)
                        known |= pids[k] == all[i][0];
                    if (!known) {
                        pids[npids++] = all[i][0];
                        grown = 1;
                    }
                }
    }
}

static void
sample(uint64_t *cpu, uint64_t *waited, uint64_t *rss_kb)
{
    *cpu = *waited = *rss_kb = 0;
    for (int i = 0; i < npids; i++) {
        char path[300];
        snprintf(path, sizeof path, "/proc/%d/task", pids[i]);
        DIR *d = opendir(path);
        struct dirent *e;
        FILE *f;
        while (d && (e = readdir(d))) {
            if (e->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pids[i],
                     e->d_name);
            if ((f = fopen(path, "r"))) {
                unsigned long long a = 0, b = 0;
                if (fscanf(f, "%llu %llu", &a, &b) == 2) {
                    *cpu += a;
                    *waited += b;
                }
                fclose(f);
            }
        }
        if (d)
            closedir(d);
        snprintf(path, sizeof path, "/proc/%d/statm", pids[i]);
        if ((f = fopen(path, "r"))) {
            unsigned long a = 0, b = 0;
            if (fscanf(f, "%lu %lu", &a, &b) == 2)
                *rss_kb += b * 4;
            fclose(f);
        }
    }
}

/* ---- connections ------------------------------------------------------- */

static void
conn_open(conn_t *c)
{
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) {
        perror("socket");
        exit(1);
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    c->want_out = 1;
    connect(c->fd, (void *) &addr, sizeof addr);
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
}

static void
out_interest(conn_t *c, int on)
{
    if (c->want_out == on)
        return;
    struct epoll_event e
        = {.events = EPOLLIN | (on ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
    c->want_out = on;
}

static int
push(conn_t *c)
{
    const char *req = reqs[c->turn];
    size_t req_len = req_lens[c->turn];

    while (c->busy && c->sent < req_len) {
        ssize_t n = send(c->fd, req + c->sent, req_len - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN) {
                out_interest(c, 1);
                return 0;
            }
            return -1;
        }
        c->sent += n;
    }
    out_interest(c, 0);
    return 0;
}

static void
start(conn_t *c)
{
    if (draining || (max_req && n_started >= max_req))
        return;
    n_started++;
    in_flight++;
    c->turn = c->next;
    c->next = (c->next + 1) % turns;
    c->busy = 1;
    c->sent = c->head_len = c->line_len = 0;
    c->in_body = c->partial = c->ended = c->cstate = 0;
    c->events = c->content = 0;
    c->t_content = c->t_last = 0;
    c->t0 = now_ns();
    if (c->fd < 0)
        conn_open(c);
}

static void
finish(conn_t *c, int ok)
{
    if (!c->busy)
        return;
    c->busy = 0;
    in_flight--;
    n_done_all++;
    if (dump_conn == (int) (c - conns)) {
        close(dump);
        dump = dump_conn = -1;
    }
    if (!counting)
        return; /* what ends in the window counts */
    if (ok && c->status != 200) {
        ok = 0;
        n_status++;
    }
    if (ok && stream && !c->ended) {
        ok = 0;
        n_cut++;
    }
    if (!ok) {
        n_err++;
        return;
    }
    n_ok++;
    add(&lat, now_ns() - c->t0);
    if (stream) {
        if (c->t_content)
            add(&ttft, c->t_content - c->t0);
        else
            n_short++;
    }
}

static void
drop(conn_t *c, int ok)
{
    close(c->fd);
    c->fd = -1;
    n_reconnect++;
    finish(c, ok);
}

/* ---- SSE --------------------------------------------------------------- */

static void
sse_line(conn_t *c, const char *p, size_t n, uint64_t t)
{
    if (n < 5 || memcmp(p, "data:", 5))
        return;
    c->events++;
    int counted = counting && t >= measure_from;
    if (counted)
        n_events++;
    if (memmem(p, n, "text_delta", 10)
        || memmem(p, n, "\"delta\":{\"content\":\"", 20)) {
        c->content++;
        if (counted)
            n_content++;
        if (!c->t_content)
            c->t_content = t;
        else if (counted)
            add(&gap, t - c->t_last);
        c->t_last = t;
    } else if (memmem(p, n, "message_stop", 12) || memmem(p, n, "[DONE]", 6)) {
        c->ended = 1;
    }
}

static void
sse(conn_t *c, const char *p, size_t n, uint64_t t)
{
    while (n) {
        const char *nl = memchr(p, '\n', n);
        size_t k = nl ? (size_t) (nl - p) : n;
        if (c->partial || !nl) {
            size_t room = sizeof c->line - c->line_len;
            size_t m = k < room ? k : room;
            memcpy(c->line + c->line_len, p, m);
            c->line_len += m;
            c->partial = !nl;
            if (nl) {
                sse_line(c, c->line, c->line_len, t);
                c->line_len = 0;
            }
        } else {
            sse_line(c, p, k, t);
        }
        if (!nl)
            return;
        p += k + 1;
        n -= k + 1;
    }
}

/* ---- HTTP response ----------------------------------------------------- */

/* 1: response complete, *used bytes taken; 0: more needed; -1: bad */
static int
feed(conn_t *c, const char *p, size_t n, uint64_t t)
{
    if (!c->in_body) {
        size_t room = sizeof c->head - 1 - c->head_len;
        size_t k = n < room ? n : room, before = c->head_len;
        memcpy(c->head + before, p, k);
        c->head_len += k;
        c->head[c->head_len] = 0;
        char *e = memmem(c->head, c->head_len, "\r\n\r\n", 4);
        if (!e)
            return k < n ? -1 : 0;
        size_t hl = e + 4 - c->head;
        p += hl - before;
        n -= hl - before;
        e[2] = 0;
        if (c->head_len < 12 || memcmp(c->head, "HTTP/1.", 7))
            return -1;
        c->status = atoi(c->head + 9);
        c->left = -1;
        c->chunked = 0;
        c->close_after = c->head[7] == '0';
        for (char *h = strchr(c->head, '\n'); h && *++h; h = strchr(h, '\n')) {
            if (!strncasecmp(h, "content-length:", 15))
                c->left = atoll(h + 15);
            else if (!strncasecmp(h, "transfer-encoding: chunked", 26))
                c->chunked = 1;
            else if (!strncasecmp(h, "connection: close", 17))
                c->close_after = 1;
        }
        c->in_body = 1;
        c->head_len = 0;
        if (c->chunked)
            c->left = 0;
        else if (c->left == 0)
            return 1;
    }
    if (!c->chunked) {
        if (stream)
            sse(c, p, n, t);
        if (c->left < 0)
            return 0;
        c->left -= n;
        return c->left == 0 ? 1 : c->left < 0 ? -1 : 0;
    }
    while (n) {
        if (c->cstate == 1) {
            size_t k = (int64_t) n < c->left ? n : (size_t) c->left;
            if (stream)
                sse(c, p, k, t);
            p += k;
            n -= k;
            c->left -= k;
            if (c->left == 0) {
                c->cstate = 2;
                c->head_len = 0;
            }
            continue;
        }
        char ch = *p++;
        n--;
        if (ch != '\n') {
            if (c->head_len < 64)
                c->head[c->head_len++] = ch;
            continue;
        }
        c->head[c->head_len] = 0;
        size_t hl = c->head_len;
        c->head_len = 0;
        if (c->cstate == 2) {
            c->cstate = 0;
            continue;
        }
        if (c->cstate == 3) { /* trailer line */
            if (hl <= 1)
                return 1;
            continue;
        }
        c->left = strtoll(c->head, NULL, 16);
        c->cstate = c->left ? 1 : 3;
    }
    return 0;
}

static void
on_read(conn_t *c)
{
    static char buf[262144];
    for (;;) {
        ssize_t n = recv(c->fd, buf, sizeof buf, 0);
        if (n < 0) {
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN)
                return;
            if (counting && c->busy)
                n_conn_err++;
            drop(c, 0);
            return;
        }
        if (n == 0) {
            int eof_body = c->busy && c->in_body && !c->chunked && c->left < 0;
            if (counting && c->busy && !eof_body)
                n_conn_err++;
            drop(c, eof_body);
            return;
        }
        if (!c->busy) {
            drop(c, 0);
            return;
        }
        if (dump_conn == (int) (c - conns) && write(dump, buf, n) < 0)
            dump = -1;
        int r = feed(c, buf, n, now_ns());
        if (r < 0) {
            if (counting)
                n_conn_err++;
            drop(c, 0);
            return;
        }
        if (r == 1) {
            if (c->close_after)
                drop(c, 1);
            else
                finish(c, 1);
            return;
        }
        if ((size_t) n < sizeof buf)
            return;
    }
}

/* ---- one run ----------------------------------------------------------- */

static struct {
    int conns, pid;
    double dur, warm, ramp_ms;
    const char *url, *dump_to;
    char headers[8192];
} opt = {.conns = 1, .dur = 3, .warm = 0.5};

/* What the process under test used from measure_from to t_stop. */
static uint64_t cpu0, cpu1, wait0, wait1, rss0, rss_max, t_rss;
static uint64_t t_begin, t_end, t_stop, t_drain, unfinished;
static int opened, was_counting;

static void
sample_rss(uint64_t t)
{
    uint64_t cpu, waited, rss;

    sample(&cpu, &waited, &rss);
    if (rss > rss_max)
        rss_max = rss;
    t_rss = t;
}

static int
usage(void)
{
    fprintf(stderr, "usage: load -u http://127.0.0.1:PORT/PATH -b FILE ...\n");
    return 2;
}

static int
parse_options(int argc, char **argv)
{
    int o;

    while ((o = getopt(argc, argv, "u:b:c:d:W:N:R:sH:P:o:")) != -1)
        switch (o) {
        case 'u':
            opt.url = optarg;
            break;
        case 'b':
            if (turns < MOST_TURNS)
                bodies[turns++] = optarg;
            break;
        case 'c':
            opt.conns = atoi(optarg);
            break;
        case 'd':
            opt.dur = atof(optarg);
            break;
        case 'W':
            opt.warm = atof(optarg);
            break;
        case 'N':
            max_req = strtoull(optarg, NULL, 10);
            break;
        case 'R':
            opt.ramp_ms = atof(optarg);
            break;
        case 's':
            stream = 1;
            break;
        case 'H':
            if (strlen(opt.headers) + strlen(optarg) + 3 < sizeof opt.headers) {
                strcat(opt.headers, optarg);
                strcat(opt.headers, "\r\n");
            }
            break;
        case 'P':
            opt.pid = atoi(optarg);
            break;
        case 'o':
            opt.dump_to = optarg;
            break;
        default:
            return usage();
        }
    if (!opt.url || !turns || opt.conns < 1 || opt.conns > 10000
        || opt.dur > 300)
        return usage();
    return 0;
}

static char *
read_file(const char *name, long *len)
{
    FILE *f = fopen(name, "rb");
    char *p;

    if (!f) {
        perror(name);
        exit(2);
    }
    fseek(f, 0, SEEK_END);
    *len = ftell(f);
    rewind(f);
    p = malloc(*len + 1);
    if (!p || fread(p, 1, *len, f) != (size_t) *len) {
        perror(name);
        exit(2);
    }
    fclose(f);
    return p;
}

/* Resolves the address and builds the request that every connection sends. */
static int
make_request(void)
{
    char host[64] = "", path[1024] = "/";
    int port = 80;
    long len;
    char *body;
    int i;

    if (sscanf(opt.url, "http://%63[^:/]:%d%1023s", host, &port, path) < 2)
        return usage();
    addr.sin_family = AF_INET;
    addr.sin_port = htons(port);
    if (inet_pton(AF_INET, strcmp(host, "localhost") ? host : "127.0.0.1",
                  &addr.sin_addr)
            != 1
        || (ntohl(addr.sin_addr.s_addr) >> 24) != 127) {
        fprintf(stderr, "loopback targets only\n");
        return 2;
    }
    for (i = 0; i < turns; i++) {
        body = read_file(bodies[i], &len);
        reqs[i] = malloc(len + sizeof opt.headers + 2048);
        if (!reqs[i]) {
            perror("malloc");
            return 2;
        }
        req_lens[i] = sprintf(reqs[i],
                      "POST %s HTTP/1.1\r\nHost: %s:%d\r\n"
                      "Content-Type: application/json\r\n"
                      "anthropic-version: 2023-06-01\r\n"
                      "User-Agent: bench-load\r\nAccept: */*\r\n"
                      "Content-Length: %ld\r\n%s\r\n",
                      path, host, port, len, opt.headers);
        memcpy(reqs[i] + req_lens[i], body, len);
        req_lens[i] += len;
        free(body);
    }
    return 0;
}

static void
start_counting(void)
{
    counting = 1;
    if (opt.pid) {
        sample_rss(now_ns());
        sample(&cpu0, &wait0, &(uint64_t){0});
    }
    measure_from = now_ns();
}

static void
stop_counting(uint64_t t)
{
    t_stop = t;
    if (opt.pid) {
        sample_rss(t);
        sample(&cpu1, &wait1, &(uint64_t){0});
    }
    was_counting = counting;
    unfinished = max_req && counting ? (uint64_t) in_flight : 0;
    counting = 0;
    draining = 1;
    t_drain = t + 4000000000u;
}

/* Moves the run through its phases; 0 when it is over. */
static int
tick(void)
{
    uint64_t t = now_ns();
    int due = opt.conns;

    if (draining)
        return in_flight && t < t_drain; /* the last replies, uncounted */
    if (!counting && t >= measure_from)
        start_counting();
    if ((counting && t >= t_end) || (max_req && n_done_all >= max_req)
        || (n_err > 2000 && n_ok == 0)) {
        stop_counting(t);
        return 1;
    }
    if (opt.pid && t - t_rss > 250000000u)
        sample_rss(t);
    if (opt.ramp_ms > 0) {
        double k = (t - t_begin) / 1e6 / opt.ramp_ms * opt.conns;
        due = k >= opt.conns ? opt.conns : (int) k + 1;
    }
    while (opened < due)
        start(&conns[opened++]);
    return 1;
}

static void
lost(conn_t *c)
{
    if (counting && c->busy)
        n_conn_err++;
    drop(c, 0);
}

static void
serve_events(void)
{
    struct epoll_event ev[512];
    int n = epoll_wait(ep, ev, 512, opened < opt.conns ? 1 : 20);

    for (int i = 0; i < n; i++) {
        conn_t *c = ev[i].data.ptr;
        if (c->fd < 0)
            continue;
        if (ev[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            on_read(c);
        if (c->fd >= 0 && (ev[i].events & EPOLLOUT) && push(c) < 0)
            lost(c);
        if (c->busy)
            continue;
        start(c);
        if (c->busy && c->fd >= 0 && !c->want_out && push(c) < 0)
            lost(c);
    }
}

static int
report(void)
{
    double secs = (t_stop - measure_from) / 1e9, cpu = (cpu1 - cpu0) / 1e9;

    if (!was_counting || secs <= 0)
        secs = 1e-9;
    n_err += unfinished;
    printf("%.3f\t%lu\t%lu\t%.1f", secs, (unsigned long) n_ok,
           (unsigned long) n_err, n_ok / secs);
    printf("\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f", pct(&lat, 50), pct(&lat, 90),
           pct(&lat, 99), pct(&lat, 100), pct(&ttft, 50), pct(&ttft, 99));
    printf("\t%lu\t%lu\t%.0f\t%.2f\t%.2f", (unsigned long) n_events,
           (unsigned long) n_content, n_events / secs, pct(&gap, 50) / 1000,
           pct(&gap, 99) / 1000);
    printf("\t%.3f\t%.2f\t%.3f\t%.1f\t%.1f\t%.1f\t%.1f\n", cpu,
           n_ok ? cpu * 1e6 / n_ok : 0, n_content ? cpu * 1e6 / n_content : 0,
           cpu / secs * 100, (wait1 - wait0) / 1e9 / secs * 100, rss0 / 1024.0,
           rss_max / 1024.0);
    if (n_err || n_short)
        fprintf(stderr,
                "load: errors=%lu status=%lu connection=%lu cut=%lu "
                "unfinished=%lu no_content=%lu reconnects=%lu\n",
                (unsigned long) n_err, (unsigned long) n_status,
                (unsigned long) n_conn_err, (unsigned long) n_cut,
                (unsigned long) unfinished, (unsigned long) n_short,
                (unsigned long) n_reconnect);
    return n_ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
    if (parse_options(argc, argv) || make_request())
        return 2;
    signal(SIGPIPE, SIG_IGN);
    if (opt.pid)
        find_tree(opt.pid);
    ep = epoll_create1(0);
    conns = calloc(opt.conns, sizeof *conns);
    if (ep < 0 || !conns) {
        perror("load");
        return 1;
    }
    for (int i = 0; i < opt.conns; i++)
        conns[i].fd = -1;
    if (opt.dump_to) {
        dump = open(opt.dump_to, O_CREAT | O_TRUNC | O_WRONLY, 0644);
        if (dump >= 0)
            dump_conn = 0;
    }
    t_begin = now_ns();
    measure_from = t_begin + (uint64_t) (opt.warm * 1e9);
    t_end = measure_from + (uint64_t) (opt.dur * 1e9);
    if (opt.pid) {
        sample(&cpu0, &wait0, &rss0);
        rss_max = rss0;
    }
    while (tick())
        serve_events();
    return report();
}
