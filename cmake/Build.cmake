# How everything is compiled: language, warnings, sanitizers, speed of the build.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

option(HEARBACK_UNITY "Compile several sources of a room at once: a third of the time" ON)
set(CMAKE_UNITY_BUILD ${HEARBACK_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 8)

set(HEARBACK_SANITIZE "" CACHE STRING "address or thread; empty for none")
option(HEARBACK_TESTS "Build the tests" ON)
option(HEARBACK_FUZZ "Build the fuzzers (clang only)" OFF)

# A second checkout, or the same one cleaned, takes its objects from the cache.
find_program(CCACHE ccache)
if(CCACHE)
  cmake_path(GET CMAKE_SOURCE_DIR PARENT_PATH _parent)
  set(_launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${_parent} CCACHE_NOHASHDIR=1 ${CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${_launcher})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${_launcher})
endif()
find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()

# GCC 12 sees overlapping copies in std::string that are not there (GCC bug 105651).
set(HEARBACK_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor> $<$<COMPILE_LANGUAGE:CXX>:-Wold-style-cast>)
# -O2 compiles a third faster than -O3 and runs as fast here.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
add_compile_options($<$<CONFIG:Debug>:-g1>)
add_compile_definitions(BOOST_DLL_USE_STD_FS)

if(HEARBACK_SANITIZE STREQUAL "address")
  # Without vptr: SOCI's shared libraries hide the type information that it needs.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined -fno-sanitize=vptr)
  if(HEARBACK_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
elseif(HEARBACK_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
endif()
