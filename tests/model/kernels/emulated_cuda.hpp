// A GPU on the CPU, for tests: kernels are compiled as C++, a block's threads are fibers that take
// turns, and whoever comes to a barrier or a shuffle waits for the others. It finds wrong indices,
// wrong arithmetic and threads that do not come to a barrier; it says nothing about speed, nor
// about memory that another block may not have written yet.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include <csetjmp>
#include <ucontext.h>

#define __global__
#define __device__
#define __host__
#define __launch_bounds__(threads)
#define QUILL_SHARED(type, name)                                                                   \
  type* name = reinterpret_cast<type*>(quill::emulated::Block::running->shared.data())

struct dim3 {
  unsigned x = 1, y = 1, z = 1;
  explicit dim3(unsigned columns, unsigned rows = 1, unsigned layers = 1)
      : x(columns), y(rows), z(layers) {}
};

namespace quill::emulated {

/// One block of threads while it runs.
struct Block {
  static inline Block* running = nullptr;

  struct Barrier {
    unsigned waiting = 0, passed = 0;
  };
  /// A context begins it; the switches after that are jumps, which need no system call.
  struct Fiber {
    ucontext_t context{};
    std::jmp_buf place{};
    bool begun = false, ended = false;
  };
  /// Of all blocks, one after the other.
  static inline std::vector<std::unique_ptr<std::byte[]>> stacks;

  std::vector<Fiber> fibers;
  std::jmp_buf turn{};
  std::vector<float> shared;
  Barrier all;
  std::vector<Barrier> warps;
  std::vector<float> exchanged; ///< what each thread gives to a shuffle
  std::function<void()> body;
  unsigned current = 0, moved = 0;

  void give_turn() {
    if (_setjmp(fibers[current].place) == 0)
      _longjmp(turn, 1);
  }

  void wait(Barrier& barrier, unsigned size) {
    const unsigned pass = barrier.passed;
    if (++barrier.waiting == size) {
      barrier.waiting = 0;
      ++barrier.passed;
      ++moved;
      return;
    }
    while (barrier.passed == pass)
      give_turn();
  }

  void run(unsigned threads) {
    constexpr std::size_t kStack = 64U * 1024;
    fibers = std::vector<Fiber>(threads);
    warps.assign((threads + 31) / 32, {});
    exchanged.assign(threads, 0);
    running = this;
    while (stacks.size() < threads)
      stacks.push_back(std::make_unique_for_overwrite<std::byte[]>(kStack));
    for (unsigned i = 0; i < threads; ++i) {
      ucontext_t& context = fibers[i].context;
      getcontext(&context);
      context.uc_stack.ss_sp = stacks[i].get();
      context.uc_stack.ss_size = kStack;
      context.uc_link = nullptr;
      makecontext(&context, &Block::live, 0);
    }
    while (take_turns()) {
    }
    running = nullptr;
  }

 private:
  static void live() {
    Block& block = *running;
    block.body();
    block.fibers[block.current].ended = true;
    ++block.moved;
    _longjmp(block.turn, 1);
  }

  void resume(Fiber& fiber) {
    if (_setjmp(turn) != 0)
      return;
    if (fiber.begun)
      _longjmp(fiber.place, 1);
    fiber.begun = true;
    setcontext(&fiber.context);
  }

  /// One turn for each thread. False when all have ended.
  bool take_turns() {
    moved = 0;
    bool some = false;
    for (current = 0; current < fibers.size(); ++current)
      if (!fibers[current].ended) {
        some = true;
        resume(fibers[current]);
      }
    if (some && moved == 0)
      throw std::logic_error("threads wait at a barrier that not all of them come to");
    return some;
  }
};

struct ThreadIndex {
  struct X {
    operator unsigned() const { return Block::running->current; } // NOLINT: as CUDA's is read
  } x;
};

inline dim3 block_index(0), block_size(0);

template <class... Parameters, class... Arguments>
void launch(void (*kernel)(Parameters...), dim3 grid, unsigned threads, std::size_t shared_bytes,
            void*, Arguments... arguments) {
  block_size = dim3(threads);
  for (unsigned z = 0; z < grid.z; ++z)
    for (unsigned y = 0; y < grid.y; ++y)
      for (unsigned x = 0; x < grid.x; ++x) {
        block_index = dim3(x, y, z);
        Block block;
        block.shared.assign(shared_bytes / sizeof(float), std::nanf(""));
        block.body = [&] { kernel(arguments...); };
        block.run(threads);
      }
}

} // namespace quill::emulated

namespace quill::model::kernels {
inline const emulated::ThreadIndex threadIdx;
inline const dim3& blockIdx = emulated::block_index;
inline const dim3& blockDim = emulated::block_size;

inline void __syncthreads() {
  auto& block = *emulated::Block::running;
  block.wait(block.all, static_cast<unsigned>(block.fibers.size()));
}

inline float __shfl_xor_sync(unsigned, float value, int mask) {
  auto& block = *emulated::Block::running;
  auto& warp = block.warps[block.current / 32];
  block.exchanged[block.current] = value;
  block.wait(warp, 32);
  const float other = block.exchanged[block.current ^ static_cast<unsigned>(mask)];
  block.wait(warp, 32);
  return other;
}

inline float __uint_as_float(unsigned bits) {
  return std::bit_cast<float>(bits);
}
inline unsigned __float_as_uint(float value) {
  return std::bit_cast<unsigned>(value);
}
inline float __fmul_rn(float a, float b) {
  return a * b;
}
inline float __fadd_rn(float a, float b) {
  return a + b;
}
} // namespace quill::model::kernels
