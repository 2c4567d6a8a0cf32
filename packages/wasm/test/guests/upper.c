// A module for others to import from: `host_reflect` answers with a block's ASCII letters in upper case.
#include "extism.h"

static char text[4096];

EXPORT(host_reflect) uint64_t host_reflect(uint64_t block) {
  uint64_t bytes = take_block(text, sizeof text, block);
  for (uint64_t at = 0; at < bytes; at++)
    if (text[at] >= 'a' && text[at] <= 'z') text[at] -= 'a' - 'A';
  return new_block(text, bytes);
}
