// A disk that fails, or a program that is killed, at one chosen call of all that change a folder.
//
// Fault tests preload it into `pkg` (ld.so(8), LD_PRELOAD). It stands before those functions of the C
// library that change files, counts over all threads those that concern one folder, and makes one of
// them fail, or ends the program right after it. strace(1) can do that too, but counts for each thread by
// itself, and stops the program at every call.
//
//   FAULTY_DISK_ROOT         the folder, absolute; calls outside of it are left alone
//   FAULTY_DISK_CALLS        which calls count, by the names below; none: all that change something
//   FAULTY_DISK_ERROR        the errno with which a call fails instead of being made; none: calls are made
//   FAULTY_DISK_SIGNAL       the signal that the program gets after a call that succeeded
//   FAULTY_DISK_AT           which of the calls: 1 for the first
//   FAULTY_DISK_LASTS        set: every call from there on fails
//   FAULTY_DISK_NO_EXCHANGE  set: as a file system that cannot exchange two paths
//   FAULTY_DISK_LOG          a file that gets a line a call that counts: its name, its path
//
// Those that count by default: create truncate write rename exchange link symlink unlink rmdir mkdir chmod
// utimes. Those that change nothing that others see, only by name: fsync syncfs close.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif

static const char usual[] =
    ",create,truncate,write,rename,exchange,link,symlink,unlink,rmdir,mkdir,chmod,utimes,";

static const char *root;
static char calls[512];
static int error, sent, at, log_file = -1;
static bool lasts, no_exchange;
static atomic_int count;

static int number(const char *name) {
    const char *text = getenv(name);
    return text ? atoi(text) : 0;
}

__attribute__((constructor)) static void begin(void) {
    const char *chosen = getenv("FAULTY_DISK_CALLS"), *log = getenv("FAULTY_DISK_LOG");
    snprintf(calls, sizeof calls, chosen ? ",%s," : "%s", chosen ? chosen : usual);
    error = number("FAULTY_DISK_ERROR");
    sent = number("FAULTY_DISK_SIGNAL");
    at = number("FAULTY_DISK_AT");
    lasts = getenv("FAULTY_DISK_LASTS") != NULL;
    no_exchange = getenv("FAULTY_DISK_NO_EXCHANGE") != NULL;
    if (log) {
        log_file = (int)syscall(
            SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }
    // Last: from here on calls count.
    root = getenv("FAULTY_DISK_ROOT");
}

// MARK: What counts

static bool counts(const char *call, const char *path) {
    char name[32];
    size_t length = root ? strlen(root) : 0;
    if (!length || strncmp(path, root, length) || (path[length] && path[length] != '/')) return false;
    snprintf(name, sizeof name, ",%s,", call);
    return strstr(calls, name) != NULL;
}

// The number of a call that counts.
static int next(const char *call, const char *path) {
    int position = atomic_fetch_add(&count, 1) + 1;
    if (log_file >= 0) {
        char line[PATH_MAX + 64];
        int length = snprintf(line, sizeof line, "%s %s\n", call, path + strlen(root));
        syscall(SYS_write, log_file, line, (size_t)length);
    }
    return position;
}

// Whether a call is to fail; errno is set then.
static bool fails(const char *call, const char *path) {
    if (!error || !counts(call, path)) return false;
    int position = next(call, path);
    if (position != at && !(lasts && at && position > at)) return false;
    errno = error;
    return true;
}

// A call that was made; returns its result.
static long made(const char *call, const char *path, long result) {
    int saved = errno;
    if (!error && result >= 0 && counts(call, path) && next(call, path) == at && sent) {
        kill(getpid(), sent);
        // Another thread may be the one that takes a signal, even one that ends them all.
        if (sent == SIGKILL) pause();
    }
    errno = saved;
    return result;
}

static const char *path_of(int descriptor, char *buffer) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, buffer, PATH_MAX - 1);
    buffer[length > 0 ? length : 0] = 0;
    return buffer;
}

static const char *path_at(int folder, const char *path, char *buffer) {
    if (path[0] == '/' || folder == AT_FDCWD) return path;
    path_of(folder, buffer);
    size_t length = strlen(buffer);
    snprintf(buffer + length, PATH_MAX - length, "/%s", path);
    return buffer;
}

// The function of the C library, found once.
#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

// One call: it fails, or it is made and noted.
#define CALL(call, path, made_call) \
    do { \
        const char *of = path; \
        if (fails(call, of)) return -1; \
        return (__typeof__(made_call))made(call, of, made_call); \
    } while (0)

// MARK: Opening

#define OPENING (flags & O_CREAT ? "create" : flags & O_TRUNC ? "truncate" : "open")
#define MODE \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list list; \
        va_start(list, flags); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    }

int open(const char *path, int flags, ...) {
    MODE;
    REAL(open);
    CALL(OPENING, path, real(path, flags, mode));
}

int open64(const char *path, int flags, ...) {
    MODE;
    REAL(open64);
    CALL(OPENING, path, real(path, flags, mode));
}

int openat(int folder, const char *path, int flags, ...) {
    char buffer[PATH_MAX];
    MODE;
    REAL(openat);
    CALL(OPENING, path_at(folder, path, buffer), real(folder, path, flags, mode));
}

int openat64(int folder, const char *path, int flags, ...) {
    char buffer[PATH_MAX];
    MODE;
    REAL(openat64);
    CALL(OPENING, path_at(folder, path, buffer), real(folder, path, flags, mode));
}

// A descriptor is closed whatever close(2) returns.
int close(int descriptor) {
    char buffer[PATH_MAX] = "";
    REAL(close);
    bool writes = (fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDONLY;
    bool failed = writes && fails("close", path_of(descriptor, buffer));
    int result = real(descriptor);
    if (failed) errno = error;
    return failed ? -1 : result;
}

// MARK: Writing

#define ON_FILE(call, made_call) \
    char buffer[PATH_MAX]; \
    CALL(call, path_of(descriptor, buffer), made_call)

ssize_t write(int descriptor, const void *bytes, size_t length) {
    REAL(write);
    ON_FILE("write", real(descriptor, bytes, length));
}

ssize_t writev(int descriptor, const struct iovec *parts, int length) {
    REAL(writev);
    ON_FILE("write", real(descriptor, parts, length));
}

ssize_t pwrite(int descriptor, const void *bytes, size_t length, off_t offset) {
    REAL(pwrite);
    ON_FILE("write", real(descriptor, bytes, length, offset));
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t length, off64_t offset) {
    REAL(pwrite64);
    ON_FILE("write", real(descriptor, bytes, length, offset));
}

int ftruncate(int descriptor, off_t length) {
    REAL(ftruncate);
    ON_FILE("truncate", real(descriptor, length));
}

int ftruncate64(int descriptor, off64_t length) {
    REAL(ftruncate64);
    ON_FILE("truncate", real(descriptor, length));
}

int fchmod(int descriptor, mode_t mode) {
    REAL(fchmod);
    ON_FILE("chmod", real(descriptor, mode));
}

int futimens(int descriptor, const struct timespec times[2]) {
    REAL(futimens);
    ON_FILE("utimes", real(descriptor, times));
}

int fsync(int descriptor) {
    REAL(fsync);
    ON_FILE("fsync", real(descriptor));
}

int fdatasync(int descriptor) {
    REAL(fdatasync);
    ON_FILE("fsync", real(descriptor));
}

int syncfs(int descriptor) {
    REAL(syncfs);
    ON_FILE("syncfs", real(descriptor));
}

// MARK: Names

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    CALL("mkdir", path, real(path, mode));
}

int mkdirat(int folder, const char *path, mode_t mode) {
    char buffer[PATH_MAX];
    REAL(mkdirat);
    CALL("mkdir", path_at(folder, path, buffer), real(folder, path, mode));
}

int chmod(const char *path, mode_t mode) {
    REAL(chmod);
    CALL("chmod", path, real(path, mode));
}

int fchmodat(int folder, const char *path, mode_t mode, int flags) {
    char buffer[PATH_MAX];
    REAL(fchmodat);
    CALL("chmod", path_at(folder, path, buffer), real(folder, path, mode, flags));
}

int utimensat(int folder, const char *path, const struct timespec times[2], int flags) {
    char buffer[PATH_MAX];
    REAL(utimensat);
    CALL("utimes", path_at(folder, path, buffer), real(folder, path, times, flags));
}

int unlink(const char *path) {
    REAL(unlink);
    CALL("unlink", path, real(path));
}

int unlinkat(int folder, const char *path, int flags) {
    char buffer[PATH_MAX];
    REAL(unlinkat);
    CALL(flags & AT_REMOVEDIR ? "rmdir" : "unlink", path_at(folder, path, buffer),
         real(folder, path, flags));
}

int remove(const char *path) {
    REAL(remove);
    CALL("unlink", path, real(path));
}

int rmdir(const char *path) {
    REAL(rmdir);
    CALL("rmdir", path, real(path));
}

int link(const char *old, const char *path) {
    REAL(link);
    CALL("link", path, real(old, path));
}

int linkat(int old_folder, const char *old, int folder, const char *path, int flags) {
    char buffer[PATH_MAX];
    REAL(linkat);
    CALL("link", path_at(folder, path, buffer), real(old_folder, old, folder, path, flags));
}

int symlink(const char *target, const char *path) {
    REAL(symlink);
    CALL("symlink", path, real(target, path));
}

int symlinkat(const char *target, int folder, const char *path) {
    char buffer[PATH_MAX];
    REAL(symlinkat);
    CALL("symlink", path_at(folder, path, buffer), real(target, folder, path));
}

int rename(const char *old, const char *path) {
    REAL(rename);
    CALL("rename", path, real(old, path));
}

int renameat(int old_folder, const char *old, int folder, const char *path) {
    char buffer[PATH_MAX];
    REAL(renameat);
    CALL("rename", path_at(folder, path, buffer), real(old_folder, old, folder, path));
}

int renameat2(int old_folder, const char *old, int folder, const char *path, unsigned flags) {
    char buffer[PATH_MAX];
    REAL(renameat2);
    if (no_exchange && flags) {
        errno = EINVAL;
        return -1;
    }
    CALL(flags & RENAME_EXCHANGE ? "exchange" : "rename", path_at(folder, path, buffer),
         real(old_folder, old, folder, path, flags));
}
