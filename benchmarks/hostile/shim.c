/* A disk that forgets, or fails: preloaded into a process, it watches what is written below one folder.
 *
 * shim_trace(root, log): from now on every change below `root` is noted in `log`, bytes included, so that it can be
 * worked out afterwards what a power cut at any step would have left. shim_fail(root, n, error, forever): the n-th
 * change below `root` from now on, or every one from the n-th, fails. Nothing happens until one of them is called.
 *
 * Built by benchmarks/hostile/disks.py: cc -shared -fPIC -o shim.so shim.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char root[PATH_MAX];
static int log_fd = -1;
static long left = -1, seen = 0;
static int failure = 0, for_ever = 0;

void shim_trace(const char *folder, const char *log) {
    snprintf(root, sizeof root, "%s", folder);
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

void shim_fail(const char *folder, long number, int error, int always) {
    snprintf(root, sizeof root, "%s", folder);
    left = number, failure = error, for_ever = always;
}

long shim_seen(void) { return seen; }

/* Whether a path is below the folder; `full` becomes it, absolute. */
static int below(int folder, const char *path, char *full) {
    char base[PATH_MAX];
    if (!root[0] || !path) return 0;
    if (path[0] == '/') {
        snprintf(full, PATH_MAX, "%s", path);
    } else {
        char link[64];
        if (folder == AT_FDCWD) snprintf(link, sizeof link, "/proc/self/cwd");
        else snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return 0;
        base[length] = 0;
        if (snprintf(full, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
    }
    size_t length = strlen(root);
    return !strncmp(full, root, length) && (full[length] == '/' || !full[length]);
}

static int below_fd(int fd, char *full) {
    char link[64];
    if (!root[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, full, PATH_MAX - 1);
    if (length < 0) return 0;
    full[length] = 0;
    length = (ssize_t)strlen(root);
    return !strncmp(full, root, (size_t)length) && full[length] == '/';
}

/* Counts a change; whether it is to fail. */
static int fails(void) {
    seen++;
    if (left < 0) return 0;
    if (left > 0) { left--; return 0; }
    if (!for_ever) left = -1;
    errno = failure;
    return 1;
}

struct head { char what; uint32_t path, to, data; uint64_t file; int64_t offset, modified_ns; } __attribute__((packed));

static void note(char what, const char *path, const char *to, int fd, int64_t offset, const void *data, size_t length) {
    if (log_fd < 0) return;
    int kept = errno;
    struct stat status;
    struct head head = {what, (uint32_t)strlen(path), (uint32_t)strlen(to), (uint32_t)length, 0, offset, 0};
    if (fd >= 0 && !syscall(SYS_fstat, fd, &status)) {
        head.file = status.st_ino;
        head.modified_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
    }
    syscall(SYS_write, log_fd, &head, sizeof head);
    syscall(SYS_write, log_fd, path, head.path);
    syscall(SYS_write, log_fd, to, head.to);
    syscall(SYS_write, log_fd, data, length);
    errno = kept;
}

static int opening(int folder, const char *path, int flags, mode_t mode) {
    char full[PATH_MAX];
    int ours = (flags & (O_CREAT | O_TRUNC)) && below(folder, path, full);
    struct stat status;
    int fresh = ours && (flags & O_CREAT) && syscall(SYS_newfstatat, folder, path, &status, 0) != 0;
    if (ours && (fresh || flags & O_TRUNC) && fails()) return -1;
    int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
    if (fd >= 0 && fresh) note('C', full, "", fd, 0, "", 0);
    else if (fd >= 0 && ours && (flags & O_TRUNC)) note('T', full, "", fd, 0, "", 0);
    return fd;
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); \
    mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { MODE return opening(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return opening(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int folder, const char *path, int flags, ...) { MODE return opening(folder, path, flags, mode); }
int openat64(int folder, const char *path, int flags, ...) { MODE return opening(folder, path, flags | O_LARGEFILE, mode); }

ssize_t write(int fd, const void *data, size_t length) {
    char full[PATH_MAX];
    int ours = below_fd(fd, full);
    if (ours && fails()) return -1;
    struct stat status;
    off_t at = ours ? lseek(fd, 0, SEEK_CUR) : 0;
    if (ours && (fcntl(fd, F_GETFL) & O_APPEND) && !syscall(SYS_fstat, fd, &status)) at = status.st_size;
    ssize_t done = syscall(SYS_write, fd, data, length);
    if (ours && done > 0) note('W', full, "", fd, at, data, (size_t)done);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) {
    char full[PATH_MAX];
    int ours = below_fd(fd, full);
    if (ours && fails()) return -1;
    ssize_t done = syscall(SYS_pwrite64, fd, data, length, at);
    if (ours && done > 0) note('W', full, "", fd, at, data, (size_t)done);
    return done;
}
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return pwrite64(fd, data, length, at); }

int ftruncate64(int fd, off64_t size) {
    char full[PATH_MAX];
    int ours = below_fd(fd, full);
    if (ours && fails()) return -1;
    int done = (int)syscall(SYS_ftruncate, fd, size);
    if (ours && !done) note('T', full, "", fd, size, "", 0);
    return done;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

static int syncing(int fd, long number) {
    char full[PATH_MAX];
    int ours = below_fd(fd, full) || (root[0] && !strcmp(full, root));
    if (ours && fails()) return -1;
    struct stat status;
    int folder = ours && !syscall(SYS_fstat, fd, &status) && S_ISDIR(status.st_mode);
    int done = (int)syscall(number, fd);
    if (ours && !done) note(folder ? 'D' : 'S', full, "", fd, 0, "", 0);
    return done;
}
int fsync(int fd) { return syncing(fd, SYS_fsync); }
int fdatasync(int fd) { return syncing(fd, SYS_fdatasync); }

static int renaming(int from, const char *path, int to, const char *target, unsigned flags) {
    char full[PATH_MAX], other[PATH_MAX];
    int ours = below(from, path, full) && below(to, target, other);
    if (ours && fails()) return -1;
    int done = (int)syscall(SYS_renameat2, from, path, to, target, flags);
    if (ours && !done) note('R', full, other, -1, 0, "", 0);
    return done;
}
int rename(const char *path, const char *target) { return renaming(AT_FDCWD, path, AT_FDCWD, target, 0); }
int renameat(int from, const char *path, int to, const char *target) { return renaming(from, path, to, target, 0); }

static int removing(int folder, const char *path, int flags) {
    char full[PATH_MAX];
    int ours = below(folder, path, full);
    if (ours && fails()) return -1;
    int done = (int)syscall(SYS_unlinkat, folder, path, flags);
    if (ours && !done) note('U', full, "", -1, 0, "", 0);
    return done;
}
int unlink(const char *path) { return removing(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return removing(AT_FDCWD, path, AT_REMOVEDIR); }
int unlinkat(int folder, const char *path, int flags) { return removing(folder, path, flags); }

static int making(int folder, const char *path, mode_t mode) {
    char full[PATH_MAX];
    int ours = below(folder, path, full);
    if (ours && fails()) return -1;
    int done = (int)syscall(SYS_mkdirat, folder, path, mode);
    if (ours && !done) note('M', full, "", -1, 0, "", 0);
    return done;
}
int mkdir(const char *path, mode_t mode) { return making(AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return making(folder, path, mode); }
