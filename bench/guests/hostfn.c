// Hands its input to one host function as a block, and answers with the block that it gets back.
#include "extism.h"

__attribute__((import_module("extism:host/user"), import_name("pass"))) u64 pass(u64 block);

static u8 text[1 << 10];

EXPORT(run) int run(void) {
  u64 bytes = load_input(text, sizeof text);
  u64 answer = pass(store_block(text, bytes));
  extism_output_set(answer, extism_length(answer));
  return 0;
}
