// Multiplies two matrices of n rows: an inner loop of few instructions.
#define EXPORT(name) __attribute__((export_name(#name)))

enum { MOST = 256 };
static double a[MOST][MOST], b[MOST][MOST], c[MOST][MOST];

EXPORT(run) int run(int n) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      a[i][j] = i + 2 * j;
      b[i][j] = i - j;
    }
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      double sum = 0;
      for (int k = 0; k < n; k++) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  double total = 0;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) total += c[i][j] * (i ^ j);
  return (int)(long long)total;
}
