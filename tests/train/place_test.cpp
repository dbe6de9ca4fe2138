#include "quill/train/place.hpp"

#include "catch.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::train;
using quill::test::refusal;

TEST_CASE("without a launcher's variables a process trains alone", "[train]") {
  const Place place = place_of({{"HOME", "/"}, {"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "2"}});
  CHECK(place.rank == 0);
  CHECK(place.size == 1); // in sbatch's own script, outside of srun
}

TEST_CASE("torchrun's variables give the place", "[train]") {
  std::map<std::string, std::string> environment = {{"RANK", "1"},
                                                    {"WORLD_SIZE", "2"},
                                                    {"MASTER_ADDR", "node1"},
                                                    {"MASTER_PORT", "29400"},
                                                    {"GLOO_SOCKET_IFNAME", "ib0"}};
  Place place = place_of(environment);
  CHECK(place.rank == 1);
  CHECK(place.size == 2);
  CHECK(place.host == "node1");
  CHECK(place.port == 29'400);
  CHECK_FALSE(place.served);
  CHECK(place.interface == "ib0");
  environment["TORCHELASTIC_USE_AGENT_STORE"] = "True";
  CHECK(place_of(environment).served);
}

TEST_CASE("a step of Slurm's meets at a port of its job, on the node that began it", "[train]") {
  std::map<std::string, std::string> environment = {{"SLURM_PROCID", "3"},
                                                    {"SLURM_STEP_NUM_TASKS", "4"},
                                                    {"SLURM_JOB_ID", "1234567"},
                                                    {"SLURM_LAUNCH_NODE_IPADDR", "10.0.0.7"}};
  Place place = place_of(environment);
  CHECK(place.rank == 3);
  CHECK(place.size == 4);
  CHECK(place.host == "10.0.0.7");
  CHECK(place.port == 29'500 + 4'567); // 1,234,567 mod 10,000
  environment["MASTER_ADDR"] = "node9";
  environment["MASTER_PORT"] = "1234";
  place = place_of(environment);
  CHECK(place.host == "node9");
  CHECK(place.port == 1234);
}

TEST_CASE("a variable that is missing or out of range is named", "[train]") {
  const auto said = [](const std::map<std::string, std::string>& environment) {
    return refusal(Exit::usage, [&] { (void)place_of(environment); });
  };
  CHECK(said({{"RANK", "0"}}).what == "WORLD_SIZE is \"\"; allowed: 1 to 65536");
  CHECK(said({{"RANK", "2"}, {"WORLD_SIZE", "2"}}).what == "RANK is \"2\"; allowed: 0 to 1");
  CHECK(said({{"RANK", "x"}, {"WORLD_SIZE", "2"}}).where == "environment variable RANK");
  CHECK(said({{"RANK", "0"}, {"WORLD_SIZE", "2"}}).what ==
        "MASTER_ADDR is not set, and WORLD_SIZE is");
}
