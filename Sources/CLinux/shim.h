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
