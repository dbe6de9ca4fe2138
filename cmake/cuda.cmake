# quill-torch for NVIDIA GPUs: LibTorch with CUDA (Torch_DIR) and nvcc (CUDA_HOME, or the one that is installed), or what
# scripts/setup.sh cuda puts into .cache/torch-cuda. Nothing here needs a GPU; scripts/cuda_check.sh tries it.
set(QUILL_TORCH_PLACE ${CMAKE_SOURCE_DIR}/.cache/torch)
if(QUILL_CUDA)
  if(NOT CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES OFF) # LibTorch's CMake files add the flags of TORCH_CUDA_ARCH_LIST
  endif()
  set(TORCH_CUDA_ARCH_LIST "8.0;8.6;8.9;9.0+PTX" CACHE STRING "Compute capabilities; PTX serves later ones")
  set(QUILL_TORCH_PLACE ${CMAKE_SOURCE_DIR}/.cache/torch-cuda/torch)
  set(fetched_toolkit ${CMAKE_SOURCE_DIR}/.cache/torch-cuda/nvidia/cu13)
  if(DEFINED ENV{CUDA_HOME})
    set(CUDA_TOOLKIT_ROOT_DIR $ENV{CUDA_HOME} CACHE PATH "Folder of the CUDA toolkit")
  elseif(EXISTS ${fetched_toolkit}/bin/nvcc)
    set(CUDA_TOOLKIT_ROOT_DIR ${fetched_toolkit} CACHE PATH "Folder of the CUDA toolkit")
  endif()
  if(CUDA_TOOLKIT_ROOT_DIR)
    set(CUDAToolkit_ROOT ${CUDA_TOOLKIT_ROOT_DIR})
    set(CMAKE_CUDA_COMPILER ${CUDA_TOOLKIT_ROOT_DIR}/bin/nvcc CACHE FILEPATH "nvcc")
  endif()
  set(CMAKE_CUDA_STANDARD 17) # nvcc 13.0 knows 20, CMake 3.25 does not know that it does
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  enable_language(CUDA)
endif()

# Of LibTorch, once it was found.
function(quill_require_cuda)
  if(NOT TARGET torch_cuda)
    message(FATAL_ERROR "QUILL_CUDA=ON, but this LibTorch knows no CUDA: run scripts/setup.sh cuda, or set Torch_DIR")
  endif()
  find_path(NCCL_INCLUDE nccl.h HINTS ${CMAKE_SOURCE_DIR}/.cache/torch-cuda/nvidia/nccl/include
    $ENV{NCCL_HOME}/include ${CUDA_TOOLKIT_ROOT_DIR}/include)
  message(STATUS "QUILL_CUDA: nvcc ${CMAKE_CUDA_COMPILER_VERSION}, for ${TORCH_CUDA_ARCH_LIST}")
endfunction()

# src/model/kernels/*.cu, behind src/model/kernels/launch.hpp. They include neither LibTorch nor C++20, and the files of
# the room that call them are told that they are there.
function(quill_cuda_kernels)
  if(NOT QUILL_CUDA)
    return()
  endif()
  file(GLOB kernels CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/model/kernels/*.cu)
  add_library(quill_kernels STATIC ${kernels})
  target_include_directories(quill_kernels PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_sources(quill_model_torch PRIVATE src/model/kernels/kernel_ops.cpp)
  target_link_libraries(quill_model_torch PUBLIC quill_kernels)
  target_compile_definitions(quill_model_torch PUBLIC QUILL_CUDA=1)
endfunction()
