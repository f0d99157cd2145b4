// What the calls in Calls.c ask of FaultyDisk.c. Hidden, so that no program finds these names.

#include <limits.h>
#include <stdbool.h>

#pragma GCC visibility push(hidden)

// Whether the file system is to be one that cannot exchange two paths.
extern bool no_exchange;

// Whether a call is to fail; errno is set then.
bool fails(const char *call, const char *path);

// A call that was made; returns its result.
long made(const char *call, const char *path, long result);

// The path of what is open; the buffers have PATH_MAX bytes.
const char *path_of(int descriptor, char *buffer);
const char *path_at(int folder, const char *path, char *buffer);

#pragma GCC visibility pop
