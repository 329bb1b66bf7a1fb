
/*
 * The elements of elements.txt: bodies and answers in which something is
 * repeated.
 */

#ifndef TIME_ELEMENTS_H
#define TIME_ELEMENTS_H

#include "codec/exchange/exchange.h"

typedef enum { TIME_ASK, TIME_SAY, TIME_DOC, TIME_ERR } time_kind_e;

typedef struct {
    time_kind_e  kind;
    ccp_proto_e  proto;
    char         path[64];         /* of a request; empty: the usual one */
    char         name[64];
    char        *text;             /* the template */
} time_element_t;

/* All elements, the last one without a text; exits with a message on a line
 * that can't be read. */
time_element_t *time_elements(const char *file);
/* The bytes with each repeated part n times; malloc'ed. */
char *time_expand(const time_element_t *e, int n);

#endif /* TIME_ELEMENTS_H */
