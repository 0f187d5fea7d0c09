# Every library that is not ours, in one place. scripts/setup installs them; scripts/bundle-dependencies gathers them
# into a folder for a machine without registries, given here as SEEDLING_BUNDLE.
set(SEEDLING_BUNDLE "" CACHE PATH "Folder made by scripts/bundle-dependencies; empty to use the system's packages")
if(SEEDLING_BUNDLE)
  include_directories(SYSTEM ${SEEDLING_BUNDLE}/include)
  link_directories(${SEEDLING_BUNDLE}/lib)
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
    message(STATUS "libtorch not found: building without the torch backend and the trainer")
    set(SEEDLING_TORCH OFF)
  endif()
endif()
