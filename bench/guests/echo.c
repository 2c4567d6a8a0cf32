// Copies its input to its output, 8 bytes per access of the exchange memory.
#include "extism.h"

static u8 content[1 << 20];

EXPORT(echo) int echo(void) {
  u64 bytes = load_input(content, sizeof content);
  extism_output_set(store_block(content, bytes), bytes);
  return 0;
}
