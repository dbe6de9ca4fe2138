# quill_room(NAME [DEPENDS room…] [LINKS target…]): src/NAME/*.cpp behind include/quill/NAME as one library.
# A room's main.cpp belongs to its program.
function(quill_room name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cpp
       ${CMAKE_SOURCE_DIR}/src/${name}/rules/*.cpp ${CMAKE_SOURCE_DIR}/src/${name}/commands/*.cpp
       ${CMAKE_SOURCE_DIR}/src/${name}/proof/*.cpp ${CMAKE_SOURCE_DIR}/src/${name}/pessimiser/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  quill_library(quill_${name} "${sources}" "${ARG_DEPENDS}" "${ARG_LINKS}")
endfunction()

# The half of a room that runs inside quill-worker: src/NAME/worker/*.cpp.
function(quill_worker_room name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/worker/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  quill_library(quill_${name}_worker "${sources}" "${ARG_DEPENDS};${name}" "${ARG_LINKS}")
endfunction()

function(quill_library target sources depends links)
  if(NOT sources)
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  else()
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} PRIVATE quill_settings)
    quill_precompiled(${target})
  endif()
  target_include_directories(${target} ${scope} ${CMAKE_SOURCE_DIR}/include)
  list(TRANSFORM depends PREPEND quill_)
  target_link_libraries(${target} ${scope} ${depends} ${links})
endfunction()

# build/quill and build/quill-worker, whatever folder their sources are in.
function(quill_place_programs)
  foreach(program IN LISTS ARGN)
    target_link_libraries(${program} PRIVATE quill_settings)
    target_include_directories(${program} PRIVATE ${CMAKE_SOURCE_DIR}/src)
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  endforeach()
endfunction()

# One precompiled header for every room: core makes it, the others take it.
function(quill_precompiled target)
  if(target STREQUAL "quill_core")
    target_precompile_headers(quill_core PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.hpp)
  else()
    target_precompile_headers(${target} REUSE_FROM quill_core)
  endif()
endfunction()

# Kernels of room model that are compiled for an instruction set of their own and chosen when the program runs. They
# include nothing of the standard library: see src/model/skinny_kernel.hpp.
function(quill_model_kernels)
  if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    return()
  endif()
  set_source_files_properties(src/model/skinny_avx512.cpp PROPERTIES COMPILE_OPTIONS "-mavx512f;-O3")
  set_source_files_properties(src/model/skinny_avx2.cpp PROPERTIES COMPILE_OPTIONS "-mavx2;-mfma;-O3")
  set_source_files_properties(src/model/skinny_avx512.cpp src/model/skinny_avx2.cpp
    PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
endfunction()
