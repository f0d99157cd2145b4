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
#include "Faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char usual[] =
    ",create,truncate,write,rename,exchange,link,symlink,unlink,rmdir,mkdir,chmod,utimes,";

static const char *root;
static char calls[512];
static int error, sent, at, log_file = -1;
static bool lasts;
bool no_exchange;
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

bool fails(const char *call, const char *path) {
    if (!error || !counts(call, path)) return false;
    int position = next(call, path);
    if (position != at && !(lasts && at && position > at)) return false;
    errno = error;
    return true;
}

long made(const char *call, const char *path, long result) {
    int saved = errno;
    if (!error && result >= 0 && counts(call, path) && next(call, path) == at && sent) {
        kill(getpid(), sent);
        // Another thread may be the one that takes a signal, even one that ends them all.
        if (sent == SIGKILL) pause();
    }
    errno = saved;
    return result;
}

const char *path_of(int descriptor, char *buffer) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, buffer, PATH_MAX - 1);
    buffer[length > 0 ? length : 0] = 0;
    return buffer;
}

const char *path_at(int folder, const char *path, char *buffer) {
    if (path[0] == '/' || folder == AT_FDCWD) return path;
    path_of(folder, buffer);
    size_t length = strlen(buffer);
    snprintf(buffer + length, PATH_MAX - length, "/%s", path);
    return buffer;
}
