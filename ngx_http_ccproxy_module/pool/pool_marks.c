
/*
 * Marks: a table of small groups.  A name belongs to one group, so that each
 * look-up is as short as the group.
 */

#include "pool/pool_marks.h"


#define CCP_POOL_MARKS_WAYS  8


typedef struct {
    uint64_t  name;
    uint64_t  until;               /* 0: never used */
} ccp_pool_mark_t;

struct ccp_pool_marks_s {
    uint64_t         groups;
    ccp_pool_mark_t  marks[];
};


ccp_pool_marks_t *
ccp_pool_marks_init(void *mem, size_t size)
{
    size_t             n;
    ccp_pool_marks_t  *m;

    if (size < sizeof(ccp_pool_marks_t)
        + CCP_POOL_MARKS_WAYS * sizeof(ccp_pool_mark_t))
    {
        return NULL;
    }

    n = (size - sizeof(ccp_pool_marks_t)) / sizeof(ccp_pool_mark_t);

    m = mem;
    m->groups = n / CCP_POOL_MARKS_WAYS;

    return m;
}


static size_t
ccp_pool_marks_group(const ccp_pool_marks_t *m, uint64_t name)
{
    return (size_t) (name % m->groups) * CCP_POOL_MARKS_WAYS;
}


void
ccp_pool_marks_set(ccp_pool_marks_t *m, uint64_t name, uint64_t ms,
    uint64_t now)
{
    size_t            i;
    ccp_pool_mark_t  *mark, *best;

    mark = &m->marks[ccp_pool_marks_group(m, name)];
    best = mark;

    for (i = 0; i < CCP_POOL_MARKS_WAYS; i++) {

        if (mark[i].name == name) {
            best = &mark[i];
            break;
        }

        if (mark[i].until < best->until) {
            best = &mark[i];
        }
    }

    best->name = name;
    best->until = now + ms;
}


int
ccp_pool_marks_has(const ccp_pool_marks_t *m, uint64_t name, uint64_t now)
{
    size_t                  i;
    const ccp_pool_mark_t  *mark;

    mark = &m->marks[ccp_pool_marks_group(m, name)];

    for (i = 0; i < CCP_POOL_MARKS_WAYS; i++) {
        if (mark[i].name == name) {
            return now < mark[i].until;
        }
    }

    return 0;
}
