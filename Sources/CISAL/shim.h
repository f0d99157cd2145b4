#pragma once
// Types and constants only. The library is loaded at run time (`ISALLibrary`), so the module map
// links nothing: an image without libisal still runs, by zlib.
#include <isa-l/igzip_lib.h>
