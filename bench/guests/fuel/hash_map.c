// Inserts n keys into an open hash map and looks them up again: short calls that wait for memory.
#define EXPORT(name) __attribute__((export_name(#name)))

typedef unsigned u32;

enum { SLOTS = 1 << 16 };
static u32 keys[SLOTS], values[SLOTS];

__attribute__((noinline)) static u32 slot_of(u32 key) {
  u32 at = key * 2654435769u >> 16;
  while (keys[at] != 0 && keys[at] != key) at = (at + 1) & (SLOTS - 1);
  return at;
}

EXPORT(run) int run(int n) {
  for (int i = 0; i < SLOTS; i++) keys[i] = values[i] = 0;
  u32 key = 1, sum = 0;
  for (int i = 0; i < n; i++) {
    key = key * 1664525u + 1013904223u | 1;
    u32 at = slot_of(key);
    keys[at] = key;
    values[at] += (u32)i;
  }
  key = 1;
  for (int i = 0; i < n; i++) {
    key = key * 1664525u + 1013904223u | 1;
    sum = sum * 31 + values[slot_of(key)];
  }
  return (int)sum;
}
