// The physical limit: the least that can answer a guest's imports, wasm to wasm. One arena, no checks, one variable, no configuration.
typedef unsigned char u8;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))

// The rest of the memory, which the host makes as large as its calls need.
extern u8 __heap_base;
#define ARENA (((u64)(unsigned long)&__heap_base + 7) & ~7ull)

static u64 top, input, input_bytes, output, output_bytes;
static u8 value[8];
static int has_value;

static u64 take(u64 bytes) {
  u64 block = ARENA + top + 8;
  *(u64 *)(unsigned long)(block - 8) = bytes;
  top += 8 + ((bytes + 7) & ~7ull);
  return block;
}

// For the host: starts a call and returns where its input goes; and where its output is.
EXPORT(begin) int begin(int bytes) {
  top = 0;
  input_bytes = (u64)bytes;
  input = take(input_bytes);
  return (int)input;
}
EXPORT(output_at) int output_at(void) { return (int)output; }
EXPORT(output_size) int output_size(void) { return (int)output_bytes; }

EXPORT(alloc) u64 alloc(u64 bytes) { return take(bytes); }
EXPORT(length) u64 length(u64 block) { return *(u64 *)(unsigned long)(block - 8); }
EXPORT(load_u8) u8 load_u8(u64 at) { return *(u8 *)(unsigned long)at; }
EXPORT(load_u64) u64 load_u64(u64 at) { return *(u64 *)(unsigned long)at; }
EXPORT(store_u8) void store_u8(u64 at, u8 byte) { *(u8 *)(unsigned long)at = byte; }
EXPORT(store_u64) void store_u64(u64 at, u64 word) { *(u64 *)(unsigned long)at = word; }
EXPORT(input_length) u64 input_length(void) { return input_bytes; }
EXPORT(input_load_u8) u8 input_load_u8(u64 at) { return *(u8 *)(unsigned long)(input + at); }
EXPORT(input_load_u64) u64 input_load_u64(u64 at) { return *(u64 *)(unsigned long)(input + at); }
EXPORT(output_set) void output_set(u64 at, u64 bytes) {
  output = at;
  output_bytes = bytes;
}
EXPORT(config_get) u64 config_get(u64 key) { return 0; }
EXPORT(var_get) u64 var_get(u64 key) {
  if (!has_value) return 0;
  u64 block = take(8);
  *(u64 *)(unsigned long)block = *(u64 *)value;
  return block;
}
EXPORT(var_set) void var_set(u64 key, u64 block) {
  *(u64 *)value = *(u64 *)(unsigned long)block;
  has_value = 1;
}
