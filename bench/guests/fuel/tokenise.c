// Splits a text of n lines into words, numbers and signs: a loop over characters with a switch, and calls.
#define EXPORT(name) __attribute__((export_name(#name)))

typedef unsigned char u8;

static const char LINE[] = "let total_7 = (count + 42) * rate_of[\"north\"] - 3.14; // as agreed\n";
static u8 text[1 << 19];

static int is_letter(u8 c) { return (c | 32) - 'a' < 26u || c == '_'; }
static int is_digit(u8 c) { return c - '0' < 10u; }

__attribute__((noinline)) static const u8 *token(const u8 *at, const u8 *end, int *kind) {
  u8 c = *at++;
  if (is_letter(c)) {
    while (at < end && (is_letter(*at) || is_digit(*at))) at++;
    *kind = 1;
    return at;
  }
  if (is_digit(c)) {
    while (at < end && (is_digit(*at) || *at == '.')) at++;
    *kind = 2;
    return at;
  }
  switch (c) {
    case ' ':
    case '\n':
      *kind = 0;
      return at;
    case '"':
      while (at < end && *at != '"') at++;
      *kind = 3;
      return at < end ? at + 1 : end;
    case '/':
      if (at < end && *at == '/')
        while (at < end && *at != '\n') at++;
      *kind = 4;
      return at;
    default:
      *kind = 5 + c;
      return at;
  }
}

EXPORT(run) int run(int n) {
  u8 *end = text;
  for (int line = 0; line < n; line++)
    for (const char *from = LINE; *from; from++) *end++ = (u8)*from;
  unsigned sum = 0;
  for (const u8 *at = text; at < end;) {
    int kind;
    const u8 *next = token(at, end, &kind);
    sum = sum * 31 + (unsigned)kind * (unsigned)(next - at);
    at = next;
  }
  return (int)sum;
}
