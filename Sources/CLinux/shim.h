#pragma once

// Two Linux calls that glibc declares only under _GNU_SOURCE, with which Swift's Glibc module is
// not compiled. Declared here as renameat2(2) and syncfs(2) give them.

extern int renameat2(
    int old_directory, const char *old_path, int new_directory, const char *new_path,
    unsigned int flags);
extern int syncfs(int descriptor);

// From <linux/fs.h>, whose macros carry a cast that Swift does not import.
enum {
    LINUX_RENAME_NOREPLACE = 1,
    LINUX_RENAME_EXCHANGE = 2,
};

// From <bits/fcntl-linux.h>, also under _GNU_SOURCE only: a descriptor that stands for a path.
enum {
#if defined(__x86_64__) || defined(__aarch64__)
    LINUX_O_PATH = 010000000,
#else
#error "O_PATH differs between architectures: look it up for this one."
#endif
};
