# How everything here is compiled and linked: language, output folders, ccache, linker, sanitizers, warnings.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()

# Programs find their scenarios and resources at ../share/millrace, in the build folder as where they are installed.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/millrace)
foreach(folder scenarios resources)
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${folder} ${PROJECT_BINARY_DIR}/share/millrace/${folder} SYMBOLIC)
endforeach()

find_program(MILLRACE_CCACHE ccache)
mark_as_advanced(MILLRACE_CCACHE)
if(MILLRACE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${MILLRACE_CCACHE})
endif()

find_program(MILLRACE_LINKER NAMES mold ld.lld)
mark_as_advanced(MILLRACE_LINKER)
if(MILLRACE_LINKER MATCHES "mold$")
    add_link_options(-fuse-ld=mold)
elseif(MILLRACE_LINKER MATCHES "lld$")
    add_link_options(-fuse-ld=lld)
endif()

if(BUILD_SHARED_LIBS AND NOT MILLRACE_SANITIZE)
    message(FATAL_ERROR "Programs are installed without libraries: BUILD_SHARED_LIBS is for builds with sanitizers")
endif()
if(MILLRACE_SANITIZE)
    list(JOIN MILLRACE_SANITIZE "," sanitizers)
    add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${sanitizers})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
        # g++ says so by itself.
        string(TOUPPER "${MILLRACE_SANITIZE}" in_capitals)
        string(REGEX MATCH "ADDRESS|THREAD" sanitizer "${in_capitals}")
        add_compile_definitions($<$<BOOL:${sanitizer}>:__SANITIZE_${sanitizer}__>)
        add_compile_options(-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/undefined_in_libraries.txt)
    endif()
endif()

# The same scenario gives the same fingerprint on every machine, so no compiler may fuse a multiplication with an addition.
add_library(millrace_warnings INTERFACE)
add_library(millrace::warnings ALIAS millrace_warnings)
target_compile_options(
    millrace_warnings
    INTERFACE
        -ffp-contract=off
        -Wall
        -Wextra
        -Wpedantic
        -Wshadow
        -Wconversion
        -Wnon-virtual-dtor
        -Wold-style-cast
        -Woverloaded-virtual
        -Wcast-align
        -Wimplicit-fallthrough
        -Wno-missing-field-initializers
        # What g++ takes for no part of -Wconversion, and what in a unity build is another file's.
        "$<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion;-Wno-shadow>"
)
# Bounds are checked where speed is not measured.
target_compile_definitions(millrace_warnings INTERFACE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(MILLRACE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code makes the flow analysis of g++ 12 see null pointers and overflows that are not there.
    target_compile_options(millrace_warnings INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized)
endif()
