#include "cli/set_option.hpp"

#include "catch.hpp"
#include "refusal.hpp"

using namespace quill;
using namespace quill::cli;
using quill::test::refusal;

namespace {

FieldList training_fields() {
  static std::int64_t rank = 0;
  static double learning_rate = 0;
  static std::vector<std::string> set;
  FieldList list("train_sft");
  list.add("rank", &rank, "r");
  list.add("learning_rate", &learning_rate, "l");
  list.add("set", &set, "s");
  return list;
}

Arguments given(const std::vector<std::string>& sets) {
  Arguments arguments;
  arguments.flags.emplace_back("--rank", "4");
  for (const std::string& text : sets)
    arguments.flags.emplace_back("--set", text);
  return with_set_options(std::move(arguments), training_fields());
}

} // namespace

TEST_CASE("--set key=value is the option of that key, where it stands", "[cli]") {
  const auto flags = given({"rank=8", "learning-rate=1e-4", "train_sft.learning_rate=a=b"}).flags;
  using Flags = std::vector<std::pair<std::string, std::string>>;
  CHECK(flags == Flags{{"--rank", "4"},
                       {"--rank", "8"},
                       {"--learning-rate", "1e-4"},
                       {"--learning-rate", "a=b"}});
}

TEST_CASE("a key that is none names the nearest, and a text that is no pair the form", "[cli]") {
  const auto said = [](const std::string& text) {
    return refusal(Exit::usage, [&] { (void)given({text}); });
  };
  CHECK(said("rnak=8").what == "--set has \"rnak=8\": no setting \"rnak\"");
  CHECK_THAT(said("rnak=8").fix, Catch::StartsWith("did you mean \"rank\"?"));
  CHECK(said("rank").what == "--set has \"rank\": no key and value");
  CHECK(said("=8").fix == "write --set key=value, for example --set rank=8");
  CHECK(said("set=rank=8").what == "--set has \"set=rank=8\": no setting \"set\"");
}
