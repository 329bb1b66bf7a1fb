
/*
 * The protocols, a line each: identifier, name, and the letter that stands
 * for it where a client carries a proof of reasoning (prepare.h).  The enum,
 * the names and the table of rows are made of this list.
 *
 * A build may have more: -D'CCP_MORE_PROTOCOLS(P)=P(ID, name, 108)', a letter
 * as its number, and the folder that defines ccp_<name>_ops.
 */

#ifndef CCP_FORM_PROTO_H
#define CCP_FORM_PROTO_H

#ifndef CCP_MORE_PROTOCOLS
#define CCP_MORE_PROTOCOLS(P)
#endif

#define CCP_PROTOCOLS(P)                                                      \
    P(ANTHROPIC, anthropic, 'a')                                              \
    P(CHAT, chat, 'x')                                                        \
    P(RESPONSES, responses, 'r')                                              \
    P(GEMINI, gemini, 'g')                                                    \
    P(OLLAMA, ollama, 'o')                                                    \
    CCP_MORE_PROTOCOLS(P)

typedef enum {
#define CCP_PROTO_ID(id, name, letter)  CCP_##id,
    CCP_PROTOCOLS(CCP_PROTO_ID)
#undef CCP_PROTO_ID
    CCP_NPROTO
} ccp_proto_e;

#endif /* CCP_FORM_PROTO_H */
