// A waPC guest on the C library: it prints, reads its environment, a clock and random numbers. As a command, its main function ends first.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAPC(name) __attribute__((import_module("wapc"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

WAPC(__guest_request) void guest_request(char *operation, char *payload);
WAPC(__guest_response) void guest_response(const char *at, size_t length);

static const char *started = "not at all";
static int constructed;

__attribute__((constructor)) static void construct(void) { constructed = 1; }

#ifdef COMMAND
int main(void) {
  started = "by main";
  exit(0);
}
#else
EXPORT(wapc_init) void init(void) { started = "by wapc_init"; }
#endif

EXPORT(__guest_call) int guest_call(size_t operation_length, size_t length) {
  char *operation = calloc(operation_length + 1, 1), *payload = calloc(length + 1, 1), answer[256];
  guest_request(operation, payload);
  printf("%s %s\n", operation, payload);
  fprintf(stderr, "to the standard error\n");
  unsigned char random[16] = {0}, none[16] = {0};
  getentropy(random, sizeof random);
  snprintf(answer, sizeof answer, "started %s, constructed %d, NAME=%s, time %ld, random %d, flushed %d", started, constructed,
           getenv("NAME"), (long)time(0), memcmp(random, none, sizeof none) != 0, fflush(stdout));
  guest_response(answer, strlen(answer));
  free(operation);
  free(payload);
  return 1;
}
