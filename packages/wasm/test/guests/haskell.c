// What a Haskell compiler makes: a WASI reactor with a runtime of its own behind `hs_init`, which wants `_initialize` to have run.
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "extism.h"

static int constructed, started;

__attribute__((constructor)) static void construct(void) { constructed++; }

EXPORT(hs_init) void hs_init(int *count, char ***arguments) {
  // Such a runtime also starts a clock: that makes the module one that needs WASI.
  if (constructed != 1 || count != 0 || arguments != 0 || time(NULL) == 0) abort();
  started++;
}

// Answers `<greeting>, <input>`; the greeting is configured.
EXPORT(testing) int testing(void) {
  if (started != 1) abort();
  char text[512];
  uint64_t key = new_block("greeting", 8);
  uint64_t greeting = extism_config_get(key);
  uint64_t bytes = greeting == 0 ? 0 : take_block(text, 128, greeting);
  if (greeting == 0) {
    memcpy(text, "Hello", 5);
    bytes = 5;
  }
  memcpy(text + bytes, ", ", 2);
  bytes += 2;
  bytes += take_input(text + bytes, sizeof text - bytes);
  answer(text, bytes);
  return 0;
}
