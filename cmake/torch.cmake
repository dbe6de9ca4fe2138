# quill-torch: quill's main and rooms, with LibTorch behind the commands that need a model. The files that include
# its headers are src/ROOM/torch/*.cpp; they share a precompiled header of their own.
if(QUILL_TORCH STREQUAL "AUTO" AND NOT Torch_FOUND)
  message(STATUS "QUILL_TORCH: not built (there is no LibTorch: run scripts/setup.sh torch, or set Torch_DIR; "
    "-DQUILL_TORCH=OFF silences this)")
elseif(QUILL_TORCH AND NOT QUILL_TORCH STREQUAL "OFF" AND NOT Torch_FOUND)
  message(FATAL_ERROR "QUILL_TORCH=ON, but there is no LibTorch: run scripts/setup.sh torch, or set Torch_DIR")
endif()
if(Torch_FOUND AND QUILL_TORCH)
  set(QUILL_TORCH_BUILT TRUE)
  message(STATUS "QUILL_TORCH: built with LibTorch ${Torch_VERSION}")
else()
  set(QUILL_TORCH_BUILT FALSE)
endif()

# quill_torch_room(NAME [DEPENDS torch-room…]): src/NAME/torch/*.cpp on top of room NAME.
function(quill_torch_room name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/torch/*.cpp
    ${CMAKE_SOURCE_DIR}/src/${name}/torch/losses/*.cpp)
  set(target quill_${name}_torch)
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE quill_settings)
  list(TRANSFORM ARG_DEPENDS PREPEND quill_)
  list(TRANSFORM ARG_DEPENDS APPEND _torch)
  target_link_libraries(${target} PUBLIC quill_${name} ${ARG_DEPENDS} torch)
  # LibTorch brings fmt's headers of another version than Debian's library.
  target_compile_definitions(${target} PUBLIC FMT_HEADER_ONLY=1)
  quill_torch_precompiled(${target})
endfunction()

function(quill_torch_precompiled target)
  if(target STREQUAL "quill_model_torch")
    target_precompile_headers(quill_model_torch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled_torch.hpp)
  else()
    target_precompile_headers(${target} REUSE_FROM quill_model_torch)
  endif()
endfunction()

function(quill_torch_program)
  if(NOT QUILL_TORCH_BUILT)
    return()
  endif()
  quill_torch_room(model)
  quill_torch_room(train DEPENDS model)
  add_executable(quill-torch src/cli/torch/main.cpp)
  target_link_libraries(quill-torch PRIVATE quill_cli quill_model_torch quill_train_torch)
  # The BLAS that FAISS is linked with must not take the place of LibTorch's own, which is many times faster.
  target_link_options(quill-torch PRIVATE LINKER:--exclude-libs,ALL)
  quill_place_programs(quill-torch)
  add_dependencies(quill-torch quill-worker)
  set_target_properties(quill-torch PROPERTIES INSTALL_RPATH "$ORIGIN/torch")
  install(TARGETS quill-torch RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/quill)
  install(DIRECTORY ${TORCH_INSTALL_PREFIX}/lib/ DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/quill/torch
    FILES_MATCHING PATTERN "*.so*")
endfunction()
