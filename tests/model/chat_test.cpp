#include "catch.hpp"

#include "model/files.hpp"
#include "quill/model/chat.hpp"

using namespace quill;
using namespace quill::model;
using quill::model::test::refusal;

TEST_CASE("ChatML is written turn by turn", "[model]") {
  const ChatTemplate chat(kChatmlTemplate, "c");
  CHECK(chat.name() == "chatml");
  CHECK(chat.render({{"user", "Hi"}}, true) ==
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
  CHECK(chat.render({{"system", "S"}, {"user", "a\nb"}, {"assistant", "c"}}, false) ==
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na\nb<|im_end|>\n"
        "<|im_start|>assistant\nc<|im_end|>\n");
}

TEST_CASE("an unknown template is refused, naming the known ones", "[model]") {
  const std::string what = refusal([] { (void)ChatTemplate("{{ messages }}", "c"); });
  CHECK(what.starts_with("this chat template is not known (sha256 "));
  CHECK(what.ends_with(
      "); allowed: qwen2.5, qwen2, chatml, llama3, llama2, mistral-v0.1, mistral|c"));
}

TEST_CASE("roles a template has no place for are refused", "[model]") {
  const ChatTemplate chat(kChatmlTemplate, "c");
  CHECK(refusal([&] { (void)chat.render({{"tool", "x"}}, true); }) ==
        "role \"tool\"; allowed: system, user, assistant|messages");
  CHECK(refusal([&] { (void)chat.render({}, true); }) ==
        "a conversation without messages|messages");
}

TEST_CASE("messages are a list or lie in an object", "[model]") {
  const Json list = Json::array({{{"role", "user"}, {"content", "x"}}});
  CHECK(parse_messages(list, "m").at(0).content == "x");
  CHECK(parse_messages({{"messages", list}}, "m").at(0).role == "user");
  CHECK(refusal([] { (void)parse_messages(7, "m"); }) == "messages are no list|m");
  CHECK(refusal([] {
          (void)parse_messages(Json::array({{{"role", "user"}}}), "m");
        }).find("message 1") != std::string::npos);
}
