#pragma once
// Types and constants only. The library is loaded at run time (`ArchiveLibrary`), so the module map
// links nothing.
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

// AE_IFREG and AE_IFDIR are macros with a cast, which Swift does not import.
static inline unsigned int ae_ifreg(void) { return AE_IFREG; }
static inline unsigned int ae_ifdir(void) { return AE_IFDIR; }

// archive_set_error is variadic, which Swift can neither import nor call by its address.
static inline void archive_set_error_message(
    void (*set_error)(void), struct archive *a, const char *message) {
    ((void (*)(struct archive *, int, const char *, ...))set_error)(a, EINVAL, "%s", message);
}
