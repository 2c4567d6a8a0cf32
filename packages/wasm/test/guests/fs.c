// A WASI command, which exports `_start`, with functions to read and write files.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "extism.h"

int main(void) { return 0; }

static int fail(void) {
  const char *why = strerror(errno);
  answer(why, strlen(why));
  return 0;
}

// Answers with the content of the file that its input names, or of `/mnt/test.txt`; or with why it cannot.
EXPORT(run_test) int run_test(void) {
  char path[512] = "/mnt/test.txt", text[512];
  if (extism_input_length() > 0) path[take_input(path, sizeof path - 1)] = 0;
  FILE *file = fopen(path, "r");
  if (file == NULL) return fail();
  size_t bytes = fread(text, 1, sizeof text, file);
  fclose(file);
  answer(text, bytes);
  return 0;
}

// Writes its input to `/mnt/test.txt` and answers `written`, or why it cannot.
EXPORT(write_test) int write_test(void) {
  char text[512];
  uint64_t bytes = take_input(text, sizeof text);
  FILE *file = fopen("/mnt/test.txt", "w");
  if (file == NULL) return fail();
  fwrite(text, 1, bytes, file);
  if (fclose(file) != 0) return fail();
  answer("written", 7);
  return 0;
}
