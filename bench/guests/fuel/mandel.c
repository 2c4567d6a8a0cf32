// The Mandelbrot set on a grid of n by n: floating point, loops that end early.
#define EXPORT(name) __attribute__((export_name(#name)))

EXPORT(run) int run(int n) {
  int sum = 0;
  for (int row = 0; row < n; row++)
    for (int column = 0; column < n; column++) {
      double x = 0, y = 0, real = 3.0 * column / n - 2, imaginary = 2.0 * row / n - 1;
      int turns = 0;
      while (turns < 200 && x * x + y * y < 4) {
        double next = x * x - y * y + real;
        y = 2 * x * y + imaginary;
        x = next;
        turns++;
      }
      sum = sum * 31 + turns;
    }
  return sum;
}
