#include "random.h"

#include "error.h"

void random_init(struct random *random, const uint8_t seed[8]) {
    random->state = 0;
    for (int i = 0; i < 8; i++)
        random->state = random->state << 8 | seed[i];
}

uint32_t random_next(struct random *random) {
    uint64_t mixed = random->state += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((mixed ^ mixed >> 31) >> 32);
}

uint32_t random_name(struct random *random) {
    uint32_t number = random_next(random);
    return number ? number : 1;
}

uint64_t random_between(struct random *random, uint64_t low, uint64_t high) {
    PARLEY_CHECK(low <= high && high - low < UINT32_MAX);
    return low + random_next(random) % (high - low + 1);
}
