# One language level, all warnings, warnings as errors, optional sanitizers, ccache when it is there.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(QUILL_CCACHE ccache)
if(QUILL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache asks for where headers are precompiled; the rest lets build folders share objects.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_NOHASHDIR=1 CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${QUILL_CCACHE})
endif()
set(CMAKE_PCH_INSTANTIATE_TEMPLATES ON)

add_library(quill_settings INTERFACE)
target_compile_options(quill_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wnull-dereference -Wextra-semi -Wcast-qual -Wundef -Werror)
# A fused multiply-add rounds once where two operations round twice: with it the same seed would make other
# databases on machines that have the instruction.
target_compile_options(quill_settings INTERFACE -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees dangling and uninitialised values inside std::variant and std::function that are not there, and
  # overlapping, overlong or out-of-bounds copies in every "literal" + std::string (GCC bug 105651); clang and the
  # address sanitizer look for the true ones.
  target_compile_options(quill_settings INTERFACE -Wno-maybe-uninitialized -Wno-null-dereference
    -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of libstdc++ 12 calls std::get_temporary_buffer, which clang reports at the caller.
  target_compile_options(quill_settings INTERFACE -Wno-deprecated-declarations)
  target_compile_options(quill_settings INTERFACE "SHELL:-Xclang -fno-pch-timestamp") # ccache asks for it
endif()
if(QUILL_SANITIZE)
  target_compile_options(quill_settings INTERFACE -fsanitize=${QUILL_SANITIZE}
    -fno-omit-frame-pointer -fno-sanitize-recover=all -g)
  target_link_options(quill_settings INTERFACE -fsanitize=${QUILL_SANITIZE})
  target_compile_definitions(quill_settings INTERFACE QUILL_SANITIZED=1)
endif()
if(QUILL_FUZZERS)
  # Coverage and checks in every room; libFuzzer's main only in the fuzzers (tests/fuzz).
  target_compile_options(quill_settings INTERFACE -fsanitize=fuzzer-no-link,address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(quill_settings INTERFACE -fsanitize=address,undefined)
  target_compile_definitions(quill_settings INTERFACE QUILL_SANITIZED=1)
endif()
# No folder of this machine stands on the command lines of the rooms: ccache then serves every checkout.
target_compile_definitions(quill_settings INTERFACE QUILL_VERSION="${PROJECT_VERSION}")
