#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

// AE_IFREG and AE_IFDIR are macros with a cast, which Swift does not import.
static inline unsigned int ae_ifreg(void) { return AE_IFREG; }
static inline unsigned int ae_ifdir(void) { return AE_IFDIR; }

// archive_set_error is variadic, which Swift does not import.
static inline void archive_set_error_message(struct archive *a, const char *message) {
    archive_set_error(a, EINVAL, "%s", message);
}
