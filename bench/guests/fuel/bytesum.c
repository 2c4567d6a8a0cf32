// Sums bytes n times over: the tightest loop over memory there is.
#define EXPORT(name) __attribute__((export_name(#name)))

static unsigned char bytes[1 << 15];

EXPORT(run) int run(int n) {
  for (unsigned i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 31);
  unsigned sum = 0;
  for (int round = 0; round < n; round++)
    for (unsigned i = 0; i < sizeof bytes; i++) sum += bytes[i] ^ (unsigned)round;
  return (int)sum;
}
