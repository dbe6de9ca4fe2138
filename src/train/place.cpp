#include "quill/train/place.hpp"

#include <charconv>

#include <fmt/format.h>

#include "quill/core/error.hpp"

namespace quill::train {

namespace {

using Environment = std::map<std::string, std::string>;

constexpr std::int64_t kProcessesMax = 65'536;
constexpr std::int64_t kPortMax = 65'535;

std::string text_of(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

[[noreturn]] void refuse(const std::string& what, const std::string& name) {
  throw Error{Exit::usage,
              {.what = what,
               .where = "environment variable " + name,
               .fix = "start all processes with torchrun or srun, or take its variables away to "
                      "train alone"}};
}

std::int64_t number_of(const Environment& environment, const std::string& name, std::int64_t low,
                       std::int64_t high) {
  const std::string text = text_of(environment, name);
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || number < low || number > high)
    refuse(fmt::format("{} is \"{}\"; allowed: {} to {}", name, text, low, high), name);
  return number;
}

bool has(const Environment& environment, const std::string& name) {
  return !text_of(environment, name).empty();
}

Place of_torchrun(const Environment& environment) {
  Place place;
  place.size = number_of(environment, "WORLD_SIZE", 1, kProcessesMax);
  place.rank = number_of(environment, "RANK", 0, place.size - 1);
  if (place.size == 1)
    return place;
  if (has(environment, "LOCAL_RANK"))
    place.local_rank = number_of(environment, "LOCAL_RANK", 0, place.size - 1);
  place.host = text_of(environment, "MASTER_ADDR");
  if (place.host.empty())
    refuse("MASTER_ADDR is not set, and WORLD_SIZE is", "MASTER_ADDR");
  place.port = number_of(environment, "MASTER_PORT", 1, kPortMax);
  place.served = text_of(environment, "TORCHELASTIC_USE_AGENT_STORE") == "True";
  return place;
}

/// Jobs that share a node meet at different ports.
std::int64_t port_of_job(const Environment& environment) {
  constexpr std::int64_t kFirst = 29'500, kPorts = 10'000;
  constexpr std::int64_t kJobMax = std::int64_t{1} << 32U;
  return kFirst + number_of(environment, "SLURM_JOB_ID", 0, kJobMax) % kPorts;
}

Place of_slurm(const Environment& environment) {
  Place place;
  place.size = number_of(environment, "SLURM_STEP_NUM_TASKS", 1, kProcessesMax);
  place.rank = number_of(environment, "SLURM_PROCID", 0, place.size - 1);
  if (place.size == 1)
    return place;
  if (has(environment, "SLURM_LOCALID"))
    place.local_rank = number_of(environment, "SLURM_LOCALID", 0, place.size - 1);
  place.host = text_of(environment, has(environment, "MASTER_ADDR") ? "MASTER_ADDR"
                                                                    : "SLURM_LAUNCH_NODE_IPADDR");
  if (place.host.empty())
    refuse("neither MASTER_ADDR nor SLURM_LAUNCH_NODE_IPADDR is set", "MASTER_ADDR");
  place.port = has(environment, "MASTER_PORT") ? number_of(environment, "MASTER_PORT", 1, kPortMax)
                                               : port_of_job(environment);
  return place;
}

} // namespace

Place place_of(const Environment& environment) {
  Place place;
  if (has(environment, "RANK") || has(environment, "WORLD_SIZE"))
    place = of_torchrun(environment);
  else if (has(environment, "SLURM_PROCID") && has(environment, "SLURM_STEP_NUM_TASKS"))
    place = of_slurm(environment);
  place.interface = text_of(environment, "GLOO_SOCKET_IFNAME");
  return place;
}

} // namespace quill::train
