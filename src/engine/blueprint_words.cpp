// The word lists that every blueprint may use. They are part of what a seed means: changing an
// entry changes every database.
#include <utility>

#include "engine/blueprint_template.hpp"

namespace quill::engine::seed {

namespace {
WordList list(std::vector<std::string> words) {
  return std::make_shared<const std::vector<std::string>>(std::move(words));
}
} // namespace

const Vocabulary& common_vocabulary() {
  static const Vocabulary vocabulary = {
      {"first",
       list({"Ada",   "Alan", "Amir",  "Ana",   "Ben",  "Bea",  "Carl", "Chen",  "Clara", "Dina",
             "Diego", "Elif", "Emma",  "Erik",  "Eva",  "Femi", "Finn", "Grace", "Hana",  "Hugo",
             "Ines",  "Ivan", "Jana",  "Jonas", "Kaya", "Kofi", "Lars", "Lena",  "Lucia", "Maja",
             "Marco", "Mei",  "Mila",  "Nina",  "Noah", "Olga", "Omar", "Paul",  "Priya", "Rosa",
             "Samir", "Sara", "Sofia", "Tariq", "Tom",  "Uma",  "Vera", "Wei",   "Yara",  "Zoe"})},
      {"last",
       list({"Adler",   "Almeida", "Andersen", "Baker",    "Bauer",    "Becker",  "Brown",
             "Castro",  "Chen",    "Costa",    "Cruz",     "Dubois",   "Evans",   "Ferrari",
             "Fischer", "Garcia",  "Gupta",    "Haddad",   "Hansen",   "Ito",     "Jansen",
             "Jones",   "Kaya",    "Khan",     "Kim",      "Kowalski", "Larsen",  "Lopez",
             "Martin",  "Meyer",   "Moreau",   "Nakamura", "Novak",    "Okafor",  "Oliveira",
             "Patel",   "Petrov",  "Rossi",    "Santos",   "Sato",     "Schmidt", "Silva",
             "Singh",   "Smith",   "Tanaka",   "Torres",   "Virtanen", "Wagner",  "Weber",
             "Young"})},
      {"word",
       list({"amber",   "anchor", "autumn", "basin",  "bridge",  "candle", "canyon", "cedar",
             "circle",  "cloud",  "copper", "coral",  "corner",  "delta",  "desert", "echo",
             "ember",   "field",  "forest", "garden", "glass",   "gold",   "harbor", "hill",
             "island",  "ivory",  "jungle", "lake",   "lantern", "leaf",   "light",  "maple",
             "marble",  "meadow", "mirror", "moon",   "morning", "north",  "ocean",  "olive",
             "orchard", "paper",  "pearl",  "pine",   "planet",  "quiet",  "rain",   "river",
             "road",    "salt",   "shadow", "silver", "snow",    "spring", "stone",  "storm",
             "summer",  "thread", "tower",  "valley", "velvet",  "violet", "winter", "wood"})},
  };
  return vocabulary;
}

} // namespace quill::engine::seed
