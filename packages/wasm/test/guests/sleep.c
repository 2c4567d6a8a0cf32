// Sleeps for as many milliseconds as its input says, by WASI's poll_oneoff.
#include <stdlib.h>
#include <time.h>
#include "extism.h"

EXPORT(run_test) int run_test(void) {
  char digits[16] = {0};
  take_input(digits, sizeof digits - 1);
  long ms = atol(digits);
  struct timespec length = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
  if (nanosleep(&length, NULL) != 0) abort();
  answer("slept", 5);
  return 0;
}
