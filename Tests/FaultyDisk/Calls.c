// The functions of the C library that FaultyDisk.c stands before.

#define _GNU_SOURCE
#include "Faults.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif

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
    int saved = errno, result = real(descriptor);
    if (failed) errno = saved;
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
