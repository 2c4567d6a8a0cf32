// Prints what it is given: arguments, environment, input, times, sleep and random bytes; then exits with 7.
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void never(void) { puts("atexit ran"); }

// Node's own WASI waits for ever in the first two, and takes the third by its word, since its output is a file.
static void not_in_the_oracle(void) {
  struct timespec then = {1, 0};
  printf("sleep until 1970 = %d\n", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &then, NULL));
  struct pollfd watch[2] = {{0, POLLIN, 0}, {1, POLLOUT, 0}};
  printf("poll = %d: out %d\n", poll(watch, 2, 1000), (watch[1].revents & POLLOUT) != 0);
  printf("lseek on stdout = %lld, %s\n", (long long)lseek(1, 0, SEEK_SET), strerror(errno));
}

int main(int argc, char **argv) {
  atexit(never);
  for (int i = 0; i < argc; i++) printf("argv[%d] = %s\n", i, argv[i]);
  printf("HOME = %s\n", getenv("HOME"));
  printf("EMPTY = '%s'\n", getenv("EMPTY"));
  printf("MISSING = %s\n", getenv("MISSING") == NULL ? "null" : "there");

  char word[32];
  int number = 0;
  int read = scanf("%31s %d", word, &number);
  printf("scanf = %d: %s %d\n", read, word, number);
  int next = getchar();
  printf("then %d, and at the end %d, eof %d\n", next, getchar(), feof(stdin) != 0);

  printf("isatty %d %d %d\n", isatty(0), isatty(1), isatty(2));
  fprintf(stderr, "to stderr\n");

  printf("time is later than 2020: %d\n", time(NULL) > 1577836800);
  struct timespec before, after, wait = {0, 20 * 1000 * 1000};
  printf("resolution: %d\n", clock_getres(CLOCK_MONOTONIC, &before));
  clock_gettime(CLOCK_MONOTONIC, &before);
  printf("nanosleep = %d\n", nanosleep(&wait, NULL));
  clock_gettime(CLOCK_MONOTONIC, &after);
  long long passed = (after.tv_sec - before.tv_sec) * 1000000000LL + after.tv_nsec - before.tv_nsec;
  // Half of it, because Node's own WASI wakes up early now and then.
  printf("slept: %d\n", passed >= 10 * 1000 * 1000);

  unsigned char random[64] = {0};
  int entropy = getentropy(random, sizeof random);
  int set = 0;
  for (size_t i = 0; i < sizeof random; i++) set |= random[i];
  printf("getentropy = %d, some %d\n", entropy, set != 0);
  printf("sched_yield = %d\n", sched_yield());

  if (getenv("ORACLE") == NULL) not_in_the_oracle();

  printf("close(99) = %d, %s\n", close(99), strerror(errno));
  printf("no newline at the end");
  exit(7);
}
