// Writes a line to stdout and one to stderr.
#include <stdio.h>
#include "extism.h"

EXPORT(say_hello) int say_hello(void) {
  fputs("hello from stdout\n", stdout);
  fflush(stdout);
  fputs("hello from stderr\n", stderr);
  answer("said", 4);
  return 0;
}
