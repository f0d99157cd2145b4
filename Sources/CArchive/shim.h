#pragma once
// The library is loaded when it is first called and not linked: it brings a dozen libraries along for
// formats that we refuse, and a start with nothing to unpack, which is most of them, would wait for
// all of them. The `.13` of its name is the ABI that these headers describe.
#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>

static inline void *archive_library(void) {
    static void *library;
    void *found = __atomic_load_n(&library, __ATOMIC_RELAXED);
    if (!found) {
        // Once more in another thread does no harm: it is the same library, and never unloaded.
        found = dlopen("libarchive.so.13", RTLD_NOW | RTLD_LOCAL);
        __atomic_store_n(&library, found, __ATOMIC_RELAXED);
    }
    return found;
}

// Whether it is installed; without it nothing below may be called.
static inline bool archive_is_loaded(void) { return archive_library() != NULL; }

// A function of the library as `loaded_<its name>`, found when it is first called. Its type is the
// header's: the compiler compares it with the parameters here.
#define LOADED(result, name, parameters, arguments)                                  \
    static inline result loaded_##name parameters {                                 \
        static __typeof__(&name) function;                                          \
        __typeof__(&name) found = __atomic_load_n(&function, __ATOMIC_RELAXED);      \
        if (!found) {                                                               \
            found = (__typeof__(&name))dlsym(archive_library(), #name);             \
            __atomic_store_n(&function, found, __ATOMIC_RELAXED);                   \
        }                                                                           \
        return found arguments;                                                     \
    }

LOADED(const char *, archive_version_details, (void), ())
LOADED(int, archive_errno, (struct archive *a), (a))
LOADED(const char *, archive_error_string, (struct archive *a), (a))

LOADED(struct archive *, archive_read_new, (void), ())
LOADED(int, archive_read_free, (struct archive *a), (a))
LOADED(int, archive_read_support_format_tar, (struct archive *a), (a))
LOADED(int, archive_read_open2,
       (struct archive *a, void *data, archive_open_callback *open, archive_read_callback *read,
        archive_skip_callback *skip, archive_close_callback *close),
       (a, data, open, read, skip, close))
LOADED(int, archive_read_next_header, (struct archive *a, struct archive_entry **entry), (a, entry))
LOADED(int, archive_read_data_block,
       (struct archive *a, const void **start, size_t *count, la_int64_t *offset),
       (a, start, count, offset))

LOADED(struct archive *, archive_write_new, (void), ())
LOADED(int, archive_write_free, (struct archive *a), (a))
LOADED(int, archive_write_fail, (struct archive *a), (a))
LOADED(int, archive_write_close, (struct archive *a), (a))
LOADED(int, archive_write_set_format_pax_restricted, (struct archive *a), (a))
LOADED(int, archive_write_add_filter_gzip, (struct archive *a), (a))
LOADED(int, archive_write_set_filter_option,
       (struct archive *a, const char *module, const char *option, const char *value),
       (a, module, option, value))
LOADED(int, archive_write_set_bytes_per_block, (struct archive *a, int bytes), (a, bytes))
LOADED(int, archive_write_set_bytes_in_last_block, (struct archive *a, int bytes), (a, bytes))
LOADED(int, archive_write_open_fd, (struct archive *a, int descriptor), (a, descriptor))
LOADED(int, archive_write_header, (struct archive *a, struct archive_entry *entry), (a, entry))
LOADED(la_ssize_t, archive_write_data, (struct archive *a, const void *bytes, size_t count),
       (a, bytes, count))

LOADED(struct archive_entry *, archive_entry_new, (void), ())
LOADED(void, archive_entry_free, (struct archive_entry *e), (e))
LOADED(const char *, archive_entry_pathname, (struct archive_entry *e), (e))
LOADED(void, archive_entry_set_pathname_utf8, (struct archive_entry *e, const char *path), (e, path))
LOADED(const char *, archive_entry_hardlink, (struct archive_entry *e), (e))
LOADED(const char *, archive_entry_symlink, (struct archive_entry *e), (e))
LOADED(__LA_MODE_T, archive_entry_filetype, (struct archive_entry *e), (e))
LOADED(void, archive_entry_set_filetype, (struct archive_entry *e, unsigned int type), (e, type))
LOADED(__LA_MODE_T, archive_entry_perm, (struct archive_entry *e), (e))
LOADED(void, archive_entry_set_perm, (struct archive_entry *e, __LA_MODE_T mode), (e, mode))
LOADED(la_int64_t, archive_entry_size, (struct archive_entry *e), (e))
LOADED(void, archive_entry_set_size, (struct archive_entry *e, la_int64_t size), (e, size))
LOADED(time_t, archive_entry_mtime, (struct archive_entry *e), (e))
LOADED(void, archive_entry_set_mtime, (struct archive_entry *e, time_t seconds, long nanoseconds),
       (e, seconds, nanoseconds))
LOADED(int, archive_entry_sparse_count, (struct archive_entry *e), (e))
#undef LOADED

// AE_IFREG and AE_IFDIR are macros with a cast, which Swift does not import.
static inline unsigned int ae_ifreg(void) { return AE_IFREG; }
static inline unsigned int ae_ifdir(void) { return AE_IFDIR; }

// archive_set_error is variadic, which Swift cannot call.
static inline void loaded_archive_set_error(struct archive *a, const char *message) {
    __typeof__(&archive_set_error) function =
        (__typeof__(&archive_set_error))dlsym(archive_library(), "archive_set_error");
    function(a, EINVAL, "%s", message);
}
