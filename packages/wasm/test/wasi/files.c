// Does to the directory in argv[1] what programs do to files, and prints what came of it. Prints the same wherever it runs.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *root;
static char buffers[4][256];
static int used;

static const char *in(const char *name) {
  char *path = buffers[used++ % 4];
  snprintf(path, sizeof buffers[0], "%s/%s", root, name);
  return path;
}

static const char *because(int result) { return result < 0 ? strerror(errno) : "ok"; }

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
  DIR *dir = opendir(path);
  if (dir == NULL) {
    printf("opendir: %s\n", strerror(errno));
    return;
  }
  char *names[512];
  int count = 0;
  for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
    if (entry->d_name[0] == '.') continue;
    char line[300];
    snprintf(line, sizeof line, "%s type %d inode %d", entry->d_name, entry->d_type, entry->d_ino != 0);
    if (count < 512) names[count++] = strdup(line);
  }
  qsort(names, count, sizeof names[0], by_name);
  printf("%d entries:", count);
  for (int i = 0; i < count; i++) {
    if (i < 8) printf(" [%s]", names[i]);
    free(names[i]);
  }
  printf("\n");
  closedir(dir);
}

static void show(const char *name) {
  char text[64] = "";
  FILE *file = fopen(in(name), "r");
  if (file == NULL) {
    printf("%s: %s\n", name, strerror(errno));
    return;
  }
  size_t count = fread(text, 1, sizeof text - 1, file);
  text[count] = 0;
  printf("%s says '%s'\n", name, text);
  fclose(file);
}

static void status(const char *name) {
  struct stat followed, itself;
  int a = stat(in(name), &followed);
  int error = errno;
  int b = lstat(in(name), &itself);
  printf("%s: stat %s", name, a < 0 ? strerror(error) : "ok");
  if (a == 0) printf(" mode %o size %lld", followed.st_mode & S_IFMT, (long long)(S_ISREG(followed.st_mode) ? followed.st_size : 0));
  printf(", lstat %s", because(b));
  if (b == 0) printf(" mode %o links %d", itself.st_mode & S_IFMT, S_ISDIR(itself.st_mode) ? 0 : (int)itself.st_nlink);
  printf("\n");
}

int main(int argc, char **argv) {
  root = argv[1];

  FILE *file = fopen(in("one"), "w");
  fprintf(file, "hello %d\n", 42);
  printf("fclose = %d\n", fclose(file));
  show("one");
  file = fopen(in("one"), "a");
  fputs("more", file);
  fclose(file);
  show("one");
  file = fopen(in("one"), "r+");
  fseek(file, -4, SEEK_END);
  fputs("MORE", file);
  printf("ftell = %ld\n", ftell(file));
  rewind(file);
  printf("fgetc = %c\n", fgetc(file));
  fclose(file);
  show("one");
  show("missing");
  printf("fopen wx: %s\n", fopen(in("one"), "wx") == NULL ? strerror(errno) : "opened");

  printf("mkdir = %s\n", because(mkdir(in("dir"), 0755)));
  printf("mkdir again = %s\n", because(mkdir(in("dir"), 0755)));
  printf("mkdir below nothing = %s\n", because(mkdir(in("no/dir"), 0755)));
  printf("rename = %s\n", because(rename(in("one"), in("dir/two"))));
  printf("rename missing = %s\n", because(rename(in("one"), in("dir/three"))));
  show("dir/two");
  printf("rmdir full = %s\n", because(rmdir(in("dir"))));
  printf("unlink a directory = %s\n", because(unlink(in("dir"))));
  printf("rmdir a file = %s\n", because(rmdir(in("dir/two"))));

  printf("symlink = %s\n", because(symlink("dir/two", in("link"))));
  printf("symlink to nowhere = %s\n", because(symlink("nowhere", in("broken"))));
  printf("symlink over one = %s\n", because(symlink("dir", in("link"))));
  printf("symlink to itself = %s\n", because(symlink("loop", in("loop"))));
  char text[64] = "";
  printf("readlink = %d %s\n", (int)readlink(in("link"), text, sizeof text), text);
  printf("readlink cut = %d\n", (int)readlink(in("link"), text, 3));
  printf("readlink of a file = %s\n", because((int)readlink(in("dir/two"), text, sizeof text)));
  show("link");
  show("broken");
  show("loop");
  printf("link = %s\n", because(link(in("dir/two"), in("hard"))));
  printf("link over one = %s\n", because(link(in("dir/two"), in("hard"))));
  status("hard");
  status("link");
  status("broken");
  status("loop");
  status("dir");
  status("missing");
  status("dir/two/three");
  list(root);
  list(in("dir"));
  list(in("hard"));
  list(in("missing"));

  int fd = open(in("data"), O_RDWR | O_CREAT, 0644);
  printf("write = %d\n", (int)write(fd, "0123456789", 10));
  printf("pwrite = %d\n", (int)pwrite(fd, "AB", 2, 3));
  char bytes[16] = "";
  printf("pread = %d %s\n", (int)pread(fd, bytes, 4, 2), bytes);
  struct iovec parts[2] = {{bytes, 2}, {bytes + 2, 3}};
  lseek(fd, 0, SEEK_SET);
  printf("readv = %d %.5s\n", (int)readv(fd, parts, 2), bytes);
  printf("lseek cur = %lld\n", (long long)lseek(fd, 0, SEEK_CUR));
  printf("lseek end = %lld\n", (long long)lseek(fd, 5, SEEK_END));
  printf("lseek before = %s\n", because((int)lseek(fd, -1, SEEK_SET)));
  printf("write beyond = %d\n", (int)write(fd, "Z", 1));
  struct stat info;
  fstat(fd, &info);
  printf("size = %lld\n", (long long)info.st_size);
  printf("ftruncate = %s\n", because(ftruncate(fd, 4)));
  fstat(fd, &info);
  printf("size = %lld\n", (long long)info.st_size);
  printf("fallocate = %d\n", posix_fallocate(fd, 0, 20));
  fstat(fd, &info);
  printf("size = %lld\n", (long long)info.st_size);
  printf("fsync = %d, fdatasync = %d\n", fsync(fd), fdatasync(fd));
  struct timespec times[2] = {{1000, 500000000}, {2000, 250000000}};
  printf("futimens = %s\n", because(futimens(fd, times)));
  fstat(fd, &info);
  printf("times = %lld.%09ld %lld.%09ld\n", (long long)info.st_atim.tv_sec, info.st_atim.tv_nsec, (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = 3000;
  printf("utimensat = %s\n", because(utimensat(AT_FDCWD, in("data"), times, 0)));
  stat(in("data"), &info);
  printf("times = %lld.%09ld %lld.%09ld\n", (long long)info.st_atim.tv_sec, info.st_atim.tv_nsec, (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  printf("fcntl O_APPEND = %s\n", because(fcntl(fd, F_SETFL, O_APPEND)));
  printf("flags = %d\n", (fcntl(fd, F_GETFL) & O_APPEND) != 0);
  close(fd);
  printf("read closed = %s\n", because((int)read(fd, bytes, 1)));

  fd = open(in("data"), O_WRONLY | O_TRUNC);
  write(fd, "new", 3);
  close(fd);
  show("data");
  printf("open a directory for writing: %s\n", because(open(in("dir"), O_RDWR)));
  printf("open a file as a directory: %s\n", because(open(in("data"), O_RDONLY | O_DIRECTORY)));
  printf("open a link without following: %s\n", because(open(in("link"), O_RDONLY | O_NOFOLLOW)));
  printf("open through a file: %s\n", because(open(in("data/x"), O_RDONLY)));
  printf("open with a slash: %s\n", because(open(in("data/"), O_RDONLY)));
  printf("access: %s, %s\n", because(access(in("data"), R_OK)), because(access(in("missing"), R_OK)));
  char name[300];
  memset(name, 'n', sizeof name);
  name[299] = 0;
  char path[600];
  snprintf(path, sizeof path, "%s/%s", root, name);
  printf("a long name: %s\n", because(open(path, O_RDONLY)));

  for (int i = 0; i < 300; i++) {
    char many[32];
    snprintf(many, sizeof many, "dir/file-with-a-name-%03d", i);
    close(open(in(many), O_WRONLY | O_CREAT, 0644));
  }
  list(in("dir"));
  for (int i = 0; i < 300; i++) {
    char many[32];
    snprintf(many, sizeof many, "dir/file-with-a-name-%03d", i);
    unlink(in(many));
  }
  list(in("dir"));

  int dir = open(in("dir"), O_RDONLY | O_DIRECTORY);
  fd = openat(dir, "two", O_RDONLY);
  printf("openat = %s\n", because(fd));
  close(fd);
  printf("openat '..' twice: %s\n", openat(dir, "../../x", O_RDONLY) < 0 ? "refused" : "opened");
  close(dir);
  printf("outside: %s\n", open(in("../outside"), O_RDONLY) < 0 ? "refused" : "opened");

  const char *all[] = {"dir/two", "link", "broken", "loop", "hard", "data"};
  for (int i = 0; i < 6; i++) printf("unlink %s = %s\n", all[i], because(unlink(in(all[i]))));
  printf("rmdir = %s\n", because(rmdir(in("dir"))));
  list(root);
  return 0;
}
