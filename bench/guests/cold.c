// A module of the size of a small real plugin: a few hundred functions, of which one call uses one.
#include "extism.h"

// Benchmarks write here what makes a module differ from every other.
__attribute__((used)) static volatile const u8 nonce[16] = "PLUGBAY-NONCE-0";

#define STEP(n)                                                                     \
  __attribute__((noinline)) static u64 step_##n(u64 x, u8 *at) {                    \
    for (int i = 0; i < 4 + n % 5; i++) {                                           \
      x ^= x >> (7 + n % 11);                                                       \
      x *= 0x9e3779b97f4a7c15ull + n;                                               \
      at[(x ^ n) & 63] += (u8)(x >> 56);                                            \
      if (x & (1 + n)) x += at[(x >> 9) & 63] * (3ull + n);                         \
      else x -= at[(x >> 17) & 63] ^ (n * 77ull);                                   \
    }                                                                               \
    return x ^ (x << (n % 13 + 1));                                                 \
  }
#define TEN(of, n) of(n##0) of(n##1) of(n##2) of(n##3) of(n##4) of(n##5) of(n##6) of(n##7) of(n##8) of(n##9)
#define ALL(of)                                                                     \
  TEN(of, 1) TEN(of, 2) TEN(of, 3) TEN(of, 4) TEN(of, 5) TEN(of, 6) TEN(of, 7)      \
  TEN(of, 8) TEN(of, 9) TEN(of, 10) TEN(of, 11) TEN(of, 12) TEN(of, 13) TEN(of, 14) \
  TEN(of, 15) TEN(of, 16) TEN(of, 17) TEN(of, 18) TEN(of, 19) TEN(of, 20)           \
  TEN(of, 21) TEN(of, 22) TEN(of, 23) TEN(of, 24) TEN(of, 25) TEN(of, 26)           \
  TEN(of, 27) TEN(of, 28) TEN(of, 29) TEN(of, 30)
ALL(STEP)

#define ENTRY(n) step_##n,
typedef u64 step(u64, u8 *);
static step *const steps[] = {ALL(ENTRY)};

static u8 input[1 << 10], mixed[64];

EXPORT(run) int run(void) {
  u64 bytes = load_input(input, sizeof input);
  u64 answer = bytes + nonce[15];
  for (u64 i = 0; i < bytes; i++) mixed[i & 63] ^= input[i];
  answer = steps[bytes % (sizeof steps / sizeof *steps)](answer, mixed);
  extism_output_set(store_block((const u8 *)&answer, 8), 8);
  return 0;
}
