// The place of this process among those that train together.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace quill::train {

struct Place {
  std::int64_t rank = 0, size = 1;
  std::int64_t local_rank = 0; ///< among the processes of this machine
  std::string host = {};       ///< where the process of rank 0 listens
  std::int64_t port = 0;       ///< at what port
  bool served = false;         ///< somebody else (torchrun's agent) listens there for all
  std::string interface = {};  ///< network interface to meet on; "": the one of this host's name
};

/// By the variables of torchrun (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT) or of a step that
/// Slurm's srun began (SLURM_PROCID, SLURM_STEP_NUM_TASKS, SLURM_LAUNCH_NODE_IPADDR, SLURM_JOB_ID;
/// MASTER_ADDR and MASTER_PORT count before them); LOCAL_RANK or SLURM_LOCALID say which of this
/// machine's processes it is; with neither a process alone.
/// \throws Error{usage} naming the variable that is missing or out of range
[[nodiscard]] Place place_of(const std::map<std::string, std::string>& environment);

} // namespace quill::train
