/* A disk that fails for one process: while the folder FAILING_DISK holds a file `flush`, flushes of the database's files end with EIO, after
   what was written; while it holds `read`, so do reads of them. Preloaded before the C library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(const char *how, int fd) {
  const char *folder = getenv("FAILING_DISK");
  char rule[PATH_MAX], link[64], path[PATH_MAX];
  if (!folder) return 0;
  snprintf(rule, sizeof rule, "%s/%s", folder, how);
  if (access(rule, F_OK)) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  if (!strstr(path, "/registry.db")) return 0;
  errno = EIO;
  return 1;
}

int fsync(int fd) {
  int (*next)(int) = dlsym(RTLD_NEXT, "fsync");
  return fails("flush", fd) ? -1 : next(fd);
}

int fdatasync(int fd) {
  int (*next)(int) = dlsym(RTLD_NEXT, "fdatasync");
  return fails("flush", fd) ? -1 : next(fd);
}

ssize_t read(int fd, void *to, size_t count) {
  ssize_t (*next)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
  return fails("read", fd) ? -1 : next(fd, to, count);
}

ssize_t pread(int fd, void *to, size_t count, off_t from) {
  ssize_t (*next)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread");
  return fails("read", fd) ? -1 : next(fd, to, count, from);
}

ssize_t pread64(int fd, void *to, size_t count, off64_t from) {
  ssize_t (*next)(int, void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pread64");
  return fails("read", fd) ? -1 : next(fd, to, count, from);
}
