// CRC-32 of n bytes by table: a loop that waits for its own last step.
#define EXPORT(name) __attribute__((export_name(#name)))

typedef unsigned u32;

static u32 table[256];

EXPORT(run) int run(int n) {
  for (u32 i = 0; i < 256; i++) {
    u32 value = i;
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0xedb88320u : value >> 1;
    table[i] = value;
  }
  u32 crc = ~0u;
  for (int i = 0; i < n; i++) crc = crc >> 8 ^ table[(crc ^ (u32)i * 7) & 255];
  return (int)~crc;
}
