// Processes that add up their gradients through c10d: Gloo on the CPU, NCCL between GPUs.
#include <ATen/ATen.h>
#include <fmt/format.h>

#include "quill/core/error.hpp"
#include "quill/train/team.hpp"

#ifdef QUILL_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef QUILL_CUDA
#include <c10/cuda/CUDAFunctions.h>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif
#endif

namespace quill::train {

#ifdef QUILL_GLOO

namespace {

[[noreturn]] void refuse(const Place& place, const std::string& what, const std::string& why) {
  throw Error{Exit::outside,
              {.what = fmt::format("process {} of {}: {}: {}", place.rank, place.size, what,
                                   why.substr(0, why.find('\n'))),
               .where = fmt::format("{}:{}", place.host, place.port),
               .fix = "see what the other processes say; then start all of them again, with "
                      "--resume"}};
}

c10::intrusive_ptr<c10d::Store> meeting_place(const Place& place) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(place.port);
  options.isServer = place.rank == 0 && !place.served;
  options.numWorkers = static_cast<std::size_t>(place.size);
  options.waitWorkers = false; // the group waits for all of its members
  return c10::make_intrusive<c10d::PrefixStore>(
      "quill", c10::make_intrusive<c10d::TCPStore>(place.host, options));
}

std::shared_ptr<::gloo::transport::Device> network_device(const Place& place) {
  using Gloo = c10d::ProcessGroupGloo;
  if (!place.interface.empty())
    return Gloo::createDeviceForInterface(place.interface);
  if (place.host == "localhost" || place.host.starts_with("127."))
    return Gloo::createDeviceForHostname("127.0.0.1");
  return Gloo::createDefaultDevice();
}

c10::intrusive_ptr<c10d::Backend> gloo_group(const Place& place) {
  auto options = c10d::ProcessGroupGloo::Options::create();
  options->devices.push_back(network_device(place));
  return c10::make_intrusive<c10d::ProcessGroupGloo>(
      meeting_place(place), static_cast<int>(place.rank), static_cast<int>(place.size),
      std::move(options));
}

/// Of processes that each have `device`, a GPU.
c10::intrusive_ptr<c10d::Backend> nccl_group(const Place& place, torch::Device device) {
#ifdef QUILL_CUDA
  c10::cuda::set_device(device.index());
  auto options = c10d::ProcessGroupNCCL::Options::create();
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(
      meeting_place(place), static_cast<int>(place.rank), static_cast<int>(place.size),
      std::move(options));
#else
  (void)device;
  return gloo_group(place); // not reached: this build has no tensor on a GPU
#endif
}

/// A group adds up what lies on one kind of device; other tensors travel through it.
class C10dTeam final : public Team {
 public:
  C10dTeam(Place place, torch::Device device) : place_(std::move(place)), device_(device) {
    try {
      group_ = device.is_cuda() ? nccl_group(place_, device) : gloo_group(place_);
    } catch (const c10::Error& error) {
      refuse(place_, "the others cannot be reached", error.what_without_backtrace());
    }
  }

  [[nodiscard]] std::int64_t rank() const override { return place_.rank; }
  [[nodiscard]] std::int64_t size() const override { return place_.size; }

  /// In one message, so that the time does not grow with the number of tensors.
  void add_up(const std::vector<torch::Tensor>& tensors) override {
    const torch::NoGradGuard no_grad;
    std::vector<torch::Tensor> flat;
    for (const torch::Tensor& tensor : tensors)
      flat.push_back(tensor.reshape({-1}));
    std::vector<torch::Tensor> message = {at::cat(flat).to(device_)};
    try {
      group_->allreduce(message)->wait();
    } catch (const std::exception& error) { // each library throws its own
      refuse(place_, "a process of the team is gone", error.what());
    }
    std::int64_t begin = 0;
    for (const torch::Tensor& tensor : tensors) {
      tensor.copy_(message[0].slice(0, begin, begin + tensor.numel()).view(tensor.sizes()));
      begin += tensor.numel();
    }
  }

 private:
  Place place_;
  torch::Device device_;
  c10::intrusive_ptr<c10d::Backend> group_;
};

} // namespace

std::unique_ptr<Team> make_team(const Place& place, torch::Device device) {
  if (place.size == 1)
    return lone_team();
  return std::make_unique<C10dTeam>(place, device);
}

#else

std::unique_ptr<Team> make_team(const Place& place, torch::Device) {
  if (place.size > 1)
    throw Error{Exit::usage,
                {.what = fmt::format("{} processes were started, and this build trains with one: "
                                     "Gloo's headers were missing",
                                     place.size),
                 .where = "quill-torch",
                 .fix = "install libgloo-dev and build again"}};
  return lone_team();
}

#endif

} // namespace quill::train
