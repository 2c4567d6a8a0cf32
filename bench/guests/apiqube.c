// An ApiQube guest that does what a protocol plugin does with bytes: a test becomes a request, the host's response becomes the output.
#define APIQUBE(name) __attribute__((import_module("apiqube"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

typedef unsigned char byte;
typedef unsigned int u32;
typedef unsigned long long u64;

APIQUBE(host_http_request) u64 host_http_request(const byte *request, u32 length);

extern byte __heap_base;

#define PAGE 65536

// What a call reserves is free again when the next one begins: the ABI's own way, plugin_destroy, nobody calls.
static byte *top;
static int running;

static byte *reserve(u32 length) {
  byte *at = top;
  top += (length + 15) & ~15u;
  u32 pages = ((u32)top + PAGE - 1) / PAGE;
  if (pages > __builtin_wasm_memory_size(0)) __builtin_wasm_memory_grow(0, pages - __builtin_wasm_memory_size(0));
  return at;
}

static u64 pack(const byte *at, u32 length) { return (u64)(u32)at << 32 | length; }

static u64 wrapped(const char *before, u32 before_length, u64 content, const char *after, u32 after_length) {
  u32 length = (u32)content;
  byte *at = reserve(before_length + length + after_length);
  __builtin_memcpy(at, before, before_length);
  __builtin_memcpy(at + before_length, (const byte *)(u32)(content >> 32), length);
  __builtin_memcpy(at + before_length + length, after, after_length);
  return pack(at, before_length + length + after_length);
}

#define WRAPPED(before, content, after) wrapped(before, sizeof before - 1, content, after, sizeof after - 1)

EXPORT(allocate) u64 allocate(u32 size) {
  if (!running) top = &__heap_base;
  return pack(reserve(size), size);
}

EXPORT(plugin_info) u64 plugin_info(void) { return 0; }

EXPORT(execute) u64 execute(u64 input) {
  running = 1;
  u64 request = WRAPPED("{\"method\":\"POST\",\"url\":\"http://127.0.0.1/users\",\"test\":", input, "}");
  u64 response = host_http_request((const byte *)(u32)(request >> 32), (u32)request);
  running = 0;
  return WRAPPED("{\"response\":", response, "}");
}

void *memcpy(void *to, const void *from, unsigned long length) {
  byte *target = to;
  const byte *source = from;
  for (; length >= 8; length -= 8, target += 8, source += 8) {
    u64 word;
    __builtin_memcpy(&word, source, 8);
    __builtin_memcpy(target, &word, 8);
  }
  while (length-- > 0) *target++ = *source++;
  return to;
}
