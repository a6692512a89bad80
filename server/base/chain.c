#include "chain.h"

void chain_append(struct chain *chain, struct chain_link *link) {
    *link = (struct chain_link){.prev = chain->last};
    *(chain->last == NULL ? &chain->first : &chain->last->next) = link;
    chain->last = link;
}

void chain_remove(struct chain *chain, struct chain_link *link) {
    *(link->prev == NULL ? &chain->first : &link->prev->next) = link->next;
    *(link->next == NULL ? &chain->last : &link->next->prev) = link->prev;
    *link = (struct chain_link){0};
}
