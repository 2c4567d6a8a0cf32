// Answers with what `host_reflect` makes of its input; the input travels through the guest's own memory.
#include "extism.h"

__attribute__((import_module("extism:host/user"), import_name("host_reflect"))) uint64_t host_reflect(uint64_t block);

static char bytes[1 << 17];

EXPORT(reflect) int reflect(void) {
  uint64_t block = host_reflect(new_block(bytes, take_input(bytes, sizeof bytes)));
  extism_output_set(block, extism_length(block));
  return 0;
}
