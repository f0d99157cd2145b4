/// Nothing: this library is preloaded into a program, and nobody calls it.
