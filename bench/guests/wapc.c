// A waPC guest with two operations: "echo" answers with its payload, "hostcall" with what its host answers to it.
#define WAPC(name) __attribute__((import_module("wapc"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

typedef unsigned char byte;
typedef unsigned long size_t;

WAPC(__guest_request) void guest_request(byte *operation, byte *payload);
WAPC(__guest_response) void guest_response(const byte *at, size_t length);
WAPC(__guest_error) void guest_error(const byte *at, size_t length);
WAPC(__host_call)
int host_call(const char *link, size_t link_length, const char *namespace, size_t namespace_length,
              const char *operation, size_t operation_length, const byte *payload, size_t length);
WAPC(__host_response_len) size_t host_response_len(void);
WAPC(__host_response) void host_response(byte *at);

extern byte __heap_base;

#define PAGE 65536

// What a call reserves is free again when the next one begins.
static byte *top;

static byte *reserve(size_t length) {
  byte *at = top;
  top += (length + 15) & ~15ul;
  size_t pages = ((size_t)top + PAGE - 1) / PAGE;
  if (pages > __builtin_wasm_memory_size(0)) __builtin_wasm_memory_grow(0, pages - __builtin_wasm_memory_size(0));
  return at;
}

EXPORT(__guest_call) int guest_call(size_t operation_length, size_t length) {
  top = &__heap_base;
  byte *operation = reserve(operation_length);
  byte *payload = reserve(length);
  guest_request(operation, payload);
  if (operation[0] == 'e') {
    guest_response(payload, length);
    return 1;
  }
  if (!host_call("link", 4, "sample", 6, "hello", 5, payload, length)) {
    guest_error((const byte *)"the host call failed", 20);
    return 0;
  }
  size_t answered = host_response_len();
  byte *answer = reserve(answered);
  host_response(answer);
  guest_response(answer, answered);
  return 1;
}
