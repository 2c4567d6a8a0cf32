// Counts vowels: one config_get, one var_get, one var_set, input and output; the work of the Extism project's own first example.
#include "extism.h"

static u8 input[1 << 20];
static u8 vowels[64];

static u64 read_vowels(void) {
  u64 block = extism_config_get(store_block((const u8 *)"vowels", 6));
  if (block == 0) {
    __builtin_memcpy(vowels, "aeiouAEIOU", 10);
    return 10;
  }
  u64 bytes = extism_length(block);
  if (bytes > sizeof vowels) bytes = sizeof vowels;
  load_bytes(vowels, block, bytes);
  return bytes;
}

static u8 *append_text(u8 *to, const char *text) {
  while (*text) *to++ = (u8)*text++;
  return to;
}

static u8 *append_number(u8 *to, u64 value) {
  u8 digits[20];
  int count = 0;
  do {
    digits[count++] = (u8)('0' + value % 10);
    value /= 10;
  } while (value);
  while (count) *to++ = digits[--count];
  return to;
}

EXPORT(count_vowels) int count_vowels(void) {
  u64 bytes = load_input(input, sizeof input);
  u64 kinds = read_vowels();
  u8 is_vowel[256] = {0};
  for (u64 i = 0; i < kinds; i++) is_vowel[vowels[i]] = 1;
  u64 count = 0;
  for (u64 i = 0; i < bytes; i++) count += is_vowel[input[i]];

  u64 key = store_block((const u8 *)"total", 5);
  u64 total = 0;
  u64 kept = extism_var_get(key);
  if (kept != 0) load_bytes((u8 *)&total, kept, 8);
  total += count;
  extism_var_set(store_block((const u8 *)"total", 5), store_block((const u8 *)&total, 8));

  u8 out[160];
  u8 *end = append_text(out, "{\"count\":");
  end = append_number(end, count);
  end = append_text(end, ",\"total\":");
  end = append_number(end, total);
  end = append_text(end, "}");
  u64 size = (u64)(end - out);
  extism_output_set(store_block(out, size), size);
  return 0;
}
