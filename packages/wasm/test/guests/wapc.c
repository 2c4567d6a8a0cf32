// A waPC guest that does what a test asks for, by the operation's name.
#define WAPC(name) __attribute__((import_module("wapc"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

typedef unsigned char byte;
typedef unsigned long size_t;

WAPC(__guest_request) void guest_request(byte *operation, byte *payload);
WAPC(__guest_response) void guest_response(const void *at, size_t length);
WAPC(__guest_error) void guest_error(const void *at, size_t length);
WAPC(__host_call)
int host_call(const void *link, size_t link_length, const void *namespace, size_t namespace_length,
              const void *operation, size_t operation_length, const void *payload, size_t length);
WAPC(__host_response_len) size_t host_response_len(void);
WAPC(__host_response) void host_response(byte *at);
WAPC(__host_error_len) size_t host_error_len(void);
WAPC(__host_error) void host_error(byte *at);
WAPC(__console_log) void console_log(const void *at, size_t length);

extern byte __heap_base;

#define PAGE 65536
#define CANARY 0x5a

// What a call reserves is free again when the next one begins.
static byte *top;
static unsigned calls;

static byte *reserve(size_t length) {
  byte *at = top;
  top += (length + 15) & ~15ul;
  size_t pages = ((size_t)top + PAGE - 1) / PAGE;
  size_t has = __builtin_wasm_memory_size(0);
  if (pages > has && __builtin_wasm_memory_grow(0, pages - has) == (size_t)-1) __builtin_trap();
  return at;
}

// Room with a byte behind it that nobody may touch.
static byte *guarded(size_t length) {
  byte *at = reserve(length + 1);
  at[length] = CANARY;
  return at;
}

static size_t text_length(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

static int fail(const char *text) {
  guest_error(text, text_length(text));
  return 0;
}

static int answer_text(const char *text) {
  guest_response(text, text_length(text));
  return 1;
}

static byte *operation;
static size_t operation_length;
static byte *payload;
static size_t payload_length;

static int is(const char *name) {
  size_t length = text_length(name);
  if (length != operation_length) return 0;
  for (size_t i = 0; i < length; i++)
    if (operation[i] != (byte)name[i]) return 0;
  return 1;
}

static int answer_host_response(void) {
  size_t length = host_response_len();
  byte *at = guarded(length);
  host_response(at);
  if (at[length] != CANARY) return fail("the host wrote beyond its response");
  guest_response(at, length);
  return 1;
}

static int answer_host_error(void) {
  size_t length = host_error_len();
  byte *at = guarded(length);
  host_error(at);
  if (at[length] != CANARY) return fail("the host wrote beyond its error");
  guest_error(at, length);
  return 0;
}

// The payload is binding, namespace and operation, each ended by a zero, and what the host gets.
static int ask(void) {
  const byte *part[4] = {payload};
  size_t parts = 1, length[4] = {0};
  for (size_t i = 0; i < payload_length && parts < 4; i++)
    if (payload[i] == 0) {
      length[parts - 1] = payload + i - part[parts - 1];
      part[parts++] = payload + i + 1;
    }
  length[3] = payload + payload_length - part[3];
  return host_call(part[0], length[0], part[1], length[1], part[2], length[2], part[3], length[3]);
}

EXPORT(__guest_call) int guest_call(size_t name_length, size_t length) {
  top = &__heap_base;
  calls++;
  operation_length = name_length;
  operation = guarded(name_length);
  payload_length = length;
  payload = guarded(length);
  guest_request(operation, payload);
  if (operation[name_length] != CANARY || payload[length] != CANARY) return fail("the host wrote beyond the request");

  if (is("echo")) return guest_response(payload, length), 1;
  if (is("operation") || is("") || is("Grüße, 世界 😀")) return guest_response(operation, name_length), 1;
  if (is("again")) {
    for (size_t i = 0; i < length; i++) payload[i] = 0;
    guest_request(operation, payload);
    return guest_response(payload, length), 1;
  }
  if (is("reuse")) {
    guest_response(payload, length);
    for (size_t i = 0; i < length; i++) payload[i] = 0;
    return 1;
  }
  if (is("twice")) return answer_text("first"), answer_text("second");
  if (is("empty")) return guest_response(0, 0), 1;
  if (is("fail")) return guest_error(payload, length), 0;
  if (is("fail_twice")) return fail("first"), fail("second");
  if (is("silent")) return 1;
  if (is("fail_silent")) return 0;
  if (is("return_two")) return answer_text("two"), 2;
  if (is("return_minus_one")) return answer_text("minus one"), -1;
  if (is("return_two_with_error")) return fail("its own error"), 2;
  if (is("fail_then_answer")) return fail("its own error"), answer_text("an answer");
  if (is("answer_then_fail")) return answer_text("an answer"), fail("its own error"), 1;
  if (is("answer_with_0")) return answer_text("an answer"), 0;
  if (is("trap")) __builtin_trap();
  if (is("fail_then_trap")) fail("its own error"), __builtin_trap();
  if (is("answer_then_trap")) answer_text("an answer"), __builtin_trap();
  if (is("spin")) for (volatile int forever = 1; forever;) continue;
  if (is("log")) {
    console_log(payload, length);
    return 1;
  }
  if (is("flood")) {
    for (int i = 0; i < 2000; i++) console_log("again", 5);
    return 1;
  }
  if (is("calls")) return guest_response(&calls, sizeof calls), 1;
  if (is("host")) return ask() ? answer_host_response() : answer_host_error();
  if (is("host_result")) {
    byte result = (byte)ask();
    return guest_response(&result, 1), 1;
  }
  if (is("host_ignored")) return ask(), answer_text("went on");
  if (is("host_response_of_failure")) return ask() ? fail("it did not fail") : answer_host_response();
  if (is("host_error_of_success")) {
    if (!ask()) return fail("it failed");
    byte bytes = (byte)host_error_len();
    return guest_response(&bytes, 1), 1;
  }
  if (is("host_many")) {
    for (int i = 0; i < 1000; i++)
      if (!ask()) return answer_host_error();
    return answer_host_response();
  }
  if (is("host_grow")) {
    int result = ask();
    reserve(PAGE * 20);
    return result ? answer_host_response() : answer_host_error();
  }
  if (is("host_twice")) {
    ask();
    ask();
    byte counts[2] = {(byte)host_response_len(), (byte)host_error_len()};
    return guest_response(counts, 2), 1;
  }
  if (is("host_then_again")) {
    ask();
    guest_request(operation, payload);
    return guest_response(payload, length), 1;
  }
  if (is("left_over")) {
    byte counts[2] = {(byte)host_response_len(), (byte)host_error_len()};
    return guest_response(counts, 2), 1;
  }
  return fail("no such operation");
}
