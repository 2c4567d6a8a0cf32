// Exits with the code that is its input, one digit.
#include <stdlib.h>
#include "extism.h"

EXPORT(run_test) int run_test(void) {
  char digit = '0';
  take_input(&digit, 1);
  answer("exiting", 7);
  exit(digit - '0');
}
