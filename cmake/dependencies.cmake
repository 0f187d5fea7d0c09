# Every library that is not ours, in one place. scripts/setup installs them; scripts/bundle-dependencies gathers them
# into a folder for a machine without registries, given here as SEEDLING_BUNDLE.
set(SEEDLING_BUNDLE "" CACHE PATH "Folder made by scripts/bundle-dependencies; empty to use the system's packages")
if(SEEDLING_BUNDLE)
  cmake_path(ABSOLUTE_PATH SEEDLING_BUNDLE BASE_DIRECTORY ${CMAKE_SOURCE_DIR} NORMALIZE)
  if(NOT EXISTS ${SEEDLING_BUNDLE}/grammars.tar.gz)
    message(FATAL_ERROR "${SEEDLING_BUNDLE} is no bundle: make one with scripts/bundle-dependencies ${SEEDLING_BUNDLE}")
  endif()
  include_directories(SYSTEM ${SEEDLING_BUNDLE}/include)
  link_directories(${SEEDLING_BUNDLE}/lib)
  if(${SEEDLING_BUNDLE}/grammars.tar.gz IS_NEWER_THAN ${CMAKE_BINARY_DIR}/bundled/grammars)
    file(ARCHIVE_EXTRACT INPUT ${SEEDLING_BUNDLE}/grammars.tar.gz DESTINATION ${CMAKE_BINARY_DIR}/bundled TOUCH)
    file(TOUCH_NOCREATE ${CMAKE_BINARY_DIR}/bundled/grammars)
  endif()
  # Debian has no static libfmt: from its headers alone.
  add_compile_definitions(FMT_HEADER_ONLY)
  add_library(fmt INTERFACE)
endif()

find_package(Threads REQUIRED)

# seedling_require(NAME HEADER PACKAGE): fails with the one line that helps when a header is missing.
function(seedling_require name header package)
  find_path(${name}_INCLUDE_DIR ${header} HINTS ${SEEDLING_BUNDLE}/include)
  if(NOT ${name}_INCLUDE_DIR)
    message(FATAL_ERROR "${header} not found: install ${package}, or run ./scripts/setup")
  endif()
endfunction()

seedling_require(NLOHMANN nlohmann/json.hpp nlohmann-json3-dev)
seedling_require(CLI11 CLI/CLI.hpp libcli11-dev)
seedling_require(SPDLOG spdlog/spdlog.h libspdlog-dev)
seedling_require(ASIO asio.hpp libasio-dev)
seedling_require(DOCTEST doctest/doctest.h doctest-dev)
seedling_require(PCRE2 pcre2.h libpcre2-dev)
seedling_require(ZSTD zstd.h libzstd-dev)
seedling_require(XXHASH xxhash.h libxxhash-dev)
seedling_require(ZLIB zlib.h zlib1g-dev)

if(SEEDLING_TORCH)
  find_package(Torch QUIET)
  if(NOT TORCH_FOUND)
    message(WARNING "libtorch not found: building without the torch backend and the trainer (see CMAKE_PREFIX_PATH)")
    set(SEEDLING_TORCH OFF)
  endif()
  # Products of f32 for processors without bf16; on a GPU nothing asks for it, and a bundle does not hold it.
  find_package(dnnl QUIET CONFIG)
endif()
