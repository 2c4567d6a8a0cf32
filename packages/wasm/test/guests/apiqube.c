// An ApiQube plugin that does what its input says: a verb, and after a space what it is about.
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(name) __attribute__((import_module("apiqube"), import_name(name)))

IMPORT("host_log") void host_log(u32 level, const void *text, u32 length);
IMPORT("host_now") u64 host_now(void);
IMPORT("host_emit_event") void host_emit_event(const void *event, u32 length);
IMPORT("host_http_request") u64 host_http_request(const void *request, u32 length);

extern u8 __heap_base;
static u32 top = 0;
static u64 configuration = 0;
static u32 calls = 0;

// Nothing is freed: such is the ABI, until plugin_destroy.
static void *take(u32 size) {
  if (top == 0) top = (u32)&__heap_base;
  u32 at = (top + 7) & ~7u;
  u32 end = at + size;
  u32 have = __builtin_wasm_memory_size(0) << 16;
  if (end < at) __builtin_trap();
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + 65535) >> 16) == (u32)-1) __builtin_trap();
  top = end;
  return (void *)at;
}

static u64 pack(const void *at, u32 length) { return length == 0 ? 0 : (u64)(u32)at << 32 | length; }

static u64 text(const char *from) {
  u32 length = 0;
  while (from[length] != 0) length++;
  return pack(from, length);
}

static u64 decimal(u64 value) {
  char *digits = take(20);
  u32 at = 20;
  do digits[--at] = '0' + value % 10;
  while ((value /= 10) != 0);
  return pack(digits + at, 20 - at);
}

static int is(const char *verb, const u8 *word, u32 length) {
  for (u32 i = 0; i < length; i++)
    if (verb[i] != word[i]) return 0;
  return verb[length] == 0;
}

EXPORT("allocate") u64 allocate(u32 size) { return size == 0 ? 0 : pack(take(size), size); }

EXPORT("plugin_info") u64 plugin_info(void) {
  return text("{\"name\":\"sample\",\"version\":\"1.0.0\",\"description\":\"a sample\",\"protocols\":[\"sample\"]}");
}

EXPORT("plugin_init") u64 plugin_init(u64 input) {
  configuration = input;
  return 0;
}

EXPORT("plugin_destroy") void plugin_destroy(void) {
  top = 0;
  configuration = 0;
}

EXPORT("validate") u64 validate(u64 input) {
  return (u32)input == 0 ? text("[{\"field\":\"target\",\"message\":\"is required\"}]") : 0;
}

EXPORT("execute") u64 execute(u64 input) {
  const u8 *word = (const u8 *)(u32)(input >> 32);
  u32 length = (u32)input;
  u32 end = 0;
  calls++;
  while (end < length && word[end] != ' ') end++;
  const u8 *rest = word + end + 1;
  u32 left = length > end ? length - end - 1 : 0;
  if (is("echo", word, end)) return pack(rest, left);
  if (is("http", word, end)) return host_http_request(rest, left);
  if (is("now", word, end)) return decimal(host_now());
  if (is("calls", word, end)) return decimal(calls);
  if (is("config", word, end)) return configuration;
  if (is("pages", word, end)) return decimal(__builtin_wasm_memory_size(0));
  if (is("trap", word, end)) __builtin_trap();
  if (is("spin", word, end)) for (volatile u32 turns = 0;; turns++);
  if (is("log", word, end) && left > 2) host_log(rest[0] - '0', rest + 2, left - 2);
  if (is("event", word, end)) host_emit_event(rest, left);
  // Two events with a request between them, in this order.
  if (is("exchange", word, end)) {
    host_emit_event("sent", 4);
    u64 answer = host_http_request(rest, left);
    host_emit_event("received", 8);
    return answer;
  }
  return 0;
}

EXPORT("generate") u64 generate(u64 input) { return input; }
