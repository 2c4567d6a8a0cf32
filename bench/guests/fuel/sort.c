// Quicksort of n numbers: short loops with branches that nobody can predict.
#define EXPORT(name) __attribute__((export_name(#name)))

typedef unsigned u32;

static u32 numbers[1 << 16];

static void sort(u32 *from, u32 *to) {
  while (to - from > 16) {
    u32 pivot = from[(to - from) / 2], *low = from, *high = to - 1;
    while (low <= high) {
      while (*low < pivot) low++;
      while (*high > pivot) high--;
      if (low > high) break;
      u32 kept = *low;
      *low++ = *high;
      *high-- = kept;
    }
    sort(from, high + 1);
    from = low;
  }
  for (u32 *next = from + 1; next < to; next++) {
    u32 value = *next, *at = next;
    for (; at > from && at[-1] > value; at--) *at = at[-1];
    *at = value;
  }
}

EXPORT(run) int run(int n) {
  u32 seed = 1, sum = 0;
  for (int i = 0; i < n; i++) numbers[i] = seed = seed * 1664525u + 1013904223u;
  sort(numbers, numbers + n);
  for (int i = 0; i < n; i++) sum = sum * 31 + numbers[i];
  return (int)sum;
}
