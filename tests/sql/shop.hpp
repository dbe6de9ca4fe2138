// The shop's schema as the engine would give it.
#pragma once

#include "quill/sql/schema.hpp"

namespace quill::sql::test {

inline Schema shop() {
  Table users;
  users.name = "users";
  users.columns = {{"id", "INTEGER", true},     {"name", "TEXT", true}, {"email", "TEXT", true},
                   {"age", "INTEGER"},          {"city", "TEXT"},       {"country", "TEXT", true},
                   {"created_at", "TEXT", true}};
  users.primary_key = {"id"};
  users.rowid_alias = true;
  users.unique = {{"id"}, {"email"}, {"city", "name"}};
  users.sql = "CREATE TABLE users (id INTEGER PRIMARY KEY, -- the key\n  name TEXT NOT NULL)";
  Table orders;
  orders.name = "orders";
  orders.columns = {
      {"id", "INTEGER", true},    {"user_id", "INTEGER", true},  {"product", "TEXT", true},
      {"category", "TEXT", true}, {"quantity", "INTEGER", true}, {"amount", "REAL", true},
      {"status", "TEXT", true},   {"created_at", "TEXT", true},  {"shipped_at", "TEXT"}};
  orders.primary_key = {"id"};
  orders.rowid_alias = true;
  orders.unique = {{"id"}};
  orders.foreign_keys = {{{"user_id"}, "users", {"id"}}};
  orders.indexes = {{"o_user", false, {"user_id"}, "CREATE INDEX o_user ON orders(user_id)"},
                    {"auto", true, {"id"}, ""}};
  orders.sql = "CREATE TABLE orders (id INTEGER PRIMARY KEY)";
  return {{users, orders}, {}};
}

} // namespace quill::sql::test
