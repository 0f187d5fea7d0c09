// engine/assert.h
//
// SEEDLING_ASSERT: a broken invariant is our bug. Aborts with file and line in every build; never used on
// user input.
#pragma once

#include <cstdio>
#include <cstdlib>

#define SEEDLING_ASSERT(condition)                                                           \
  do {                                                                                       \
    if (!(condition)) {                                                                      \
      std::fprintf(stderr, "%s:%d: invariant broken: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
