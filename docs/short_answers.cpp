// A reward of one's own for `quill train grpo --reward-command ./short_answers`: a query is worth
// more the shorter it is. g++ -std=c++20 -O2 docs/short_answers.cpp -o short_answers
#include <algorithm>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    const auto asked = nlohmann::json::parse(line); // id, prompt, answer, databases, gold, before
    const auto answer = asked.at("answer").get<std::string>();
    const bool query = answer.find("SELECT") != std::string::npos;
    const double shortness = std::max(0.0, 1 - static_cast<double>(answer.size()) / 500);
    std::cout << nlohmann::json{{"reward", query ? shortness : -1},
                                {"why",
                                 query ? std::to_string(answer.size()) + " bytes" : "no query"}}
              << '\n';
  }
}
