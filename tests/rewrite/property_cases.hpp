// Statements for the property test: each rule finds several of them, and many are there to trip
// one.
#pragma once

#include <vector>

#include "quill/sql/pair.hpp"

namespace quill::rewrite::tests {

/// {columns, top} where needs matter.
struct Case {
  const char* statement;
  sql::Needs needs = {};
};

inline const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"SELECT id FROM orders WHERE status = 'a' OR status = 'b' OR note = 'c'"},
      {"SELECT id, note IN ('a') OR note = 'b' OR note = NULL FROM orders"},
      {"SELECT id FROM orders WHERE NOT (lower(note) = 'a' OR lower(note) = 'b')"},
      {"SELECT id FROM orders WHERE strftime('%Y-%m', created_at) = '2024-02'"},
      {"SELECT id FROM orders WHERE NOT date(created_at) <= '2024-02-02'"},
      {"SELECT id FROM orders WHERE date(created_at) IN ('2024-01-01', '2024-01-02') OR "
       "substr(created_at, 1, 7) > '2024-02'"},
      {"SELECT id FROM orders WHERE created_at LIKE '2024-02%' OR substr(product, 1, 1) = 'a'"},
      {"SELECT id FROM orders WHERE quantity + 1 > 2 OR quantity * -2 >= 3 OR 1 - quantity = 0"},
      {"SELECT id FROM orders WHERE amount * 1.5 > 1.125 AND amount + 0 < 9"},
      {"SELECT id FROM orders WHERE amount / 0.3 = 2.5 OR quantity * 3 < 7"},
      {"SELECT id FROM users WHERE coalesce(age, 2) = 2 OR coalesce(city, 'a') > 'a'"},
      {"SELECT id FROM users WHERE ifnull(age, 0) <> 3"},
      {"SELECT name FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.gift_for = u.id) > "
       "0"},
      {"SELECT name FROM users u WHERE (SELECT count(note) FROM orders o WHERE o.user_id = u.id) = "
       "0"},
      {"SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.gift_for = u.id AND "
       "o.status = 'a')"},
      {"SELECT name FROM users u WHERE EXISTS (SELECT count(*) FROM orders o WHERE o.gift_for = "
       "u.id) OR NOT EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND note = 'a')"},
      {"SELECT name FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.gift_for = "
       "u.id)"},
      {"SELECT id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = o.gift_for)"},
      {"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM users u WHERE u.id = o.user_id AND "
       "u.city = o.note)"},
      {"SELECT id FROM orders WHERE gift_for IN (SELECT id FROM users WHERE age > 1) OR note = "
       "'a'"},
      {"SELECT * FROM orders WHERE gift_for IN (SELECT id FROM users WHERE city = 'a')"},
      {"SELECT u.id, (SELECT count(*) FROM orders o WHERE o.gift_for = u.id), (SELECT "
       "sum(o.amount) "
       "FROM orders o WHERE o.gift_for = u.id) AS s, (SELECT total(o.quantity) FROM orders o WHERE "
       "o.gift_for = u.id AND o.status = 'a') FROM users u ORDER BY s, u.id"},
      {"SELECT id FROM orders o WHERE amount >= (SELECT avg(amount) FROM orders p WHERE p.gift_for "
       "= o.gift_for)"},
      {"SELECT id FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) < 2 OR "
       "age < (SELECT max(quantity) FROM orders o WHERE o.user_id = u.id)"},
      {"SELECT id FROM orders o WHERE created_at = (SELECT max(p.created_at) FROM orders p WHERE "
       "p.gift_for = o.gift_for AND p.status <> 'a')"},
      {"SELECT (SELECT count(*) FROM orders WHERE status = 'a' AND quantity > 0), (SELECT "
       "sum(amount) FROM orders WHERE quantity > 0 AND status = 'b') AS s, 1 + (SELECT max(note) "
       "FROM orders WHERE quantity > 0)"},
      {"SELECT min(amount), max(amount) FROM orders WHERE note IS NOT NULL"},
      {"SELECT u.name FROM users u LEFT JOIN orders o ON o.gift_for = u.id AND o.status = 'a' "
       "WHERE "
       "o.id IS NULL"},
      {"SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.gift_for WHERE u.id IS NULL"},
      {"SELECT DISTINCT u.name FROM users u JOIN orders o ON o.gift_for = u.id WHERE o.note = 'a'"},
      {"SELECT count(DISTINCT u.city), max(u.age) FROM users u, orders o WHERE o.user_id = u.id"},
      {"SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.gift_for"},
      {"SELECT o.id, o.note FROM orders o JOIN users u ON u.id = o.gift_for WHERE o.status = 'a'"},
      {"SELECT o.id FROM orders o JOIN users u ON o.user_id = u.id"},
      {"SELECT u.id, u.name, count(o.id) AS n, sum(o.amount) FROM users u LEFT JOIN orders o ON "
       "o.gift_for = u.id AND o.status <> 'b' WHERE u.age > 1 GROUP BY u.id HAVING count(o.id) < "
       "3"},
      {"SELECT u.name, count(*), avg(o.quantity) FROM orders o JOIN users u ON u.id = o.user_id "
       "WHERE o.note IS NULL GROUP BY u.id ORDER BY count(*), u.id"},
      {"SELECT u.id, t.n FROM users u LEFT JOIN (SELECT gift_for, count(*) AS n FROM orders GROUP "
       "BY "
       "gift_for) t ON t.gift_for = u.id WHERE u.age = 2"},
      {"SELECT o.id, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE o.status = "
       "'a' "
       "ORDER BY o.amount DESC, o.id LIMIT 3"},
      {"SELECT o.id, u.name FROM orders o JOIN users u ON u.id = o.user_id ORDER BY o.note, o.id "
       "LIMIT 2"},
      {"SELECT DISTINCT o.id, u.name FROM orders o LEFT JOIN users u ON u.id = o.gift_for"},
      {"SELECT DISTINCT u.id FROM orders o LEFT JOIN users u ON u.id = o.gift_for"},
      {"SELECT DISTINCT code FROM users"},
      {"SELECT t.id FROM (SELECT id, age FROM users ORDER BY name) t WHERE t.age > 1 ORDER BY "
       "t.id"},
      {"SELECT id FROM orders WHERE status = 'a' UNION SELECT id FROM orders WHERE status = 'b'"},
      {"SELECT note FROM orders WHERE status = 'a' UNION SELECT note FROM orders WHERE quantity > "
       "1"},
      {"SELECT note FROM orders WHERE status = 'a' UNION ALL SELECT note FROM orders WHERE status "
       "= "
       "'b' ORDER BY 1"},
      {"SELECT id FROM orders WHERE note > 'a' INTERSECT SELECT id FROM orders WHERE quantity > 1"},
      {"SELECT id FROM orders WHERE status = 'a' EXCEPT SELECT id FROM orders WHERE note = 'a'"},
      {"SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.city = 'a' OR o.note = "
       "'a'"},
      {"SELECT o.id, u.id FROM orders o JOIN users u ON u.id = o.user_id OR u.id = o.gift_for"},
      {"SELECT t.n FROM (SELECT gift_for, count(*) AS n, max(note) AS m FROM orders GROUP BY "
       "gift_for) t"},
      {"SELECT x.note FROM (SELECT * FROM orders WHERE status = 'a' UNION SELECT * FROM orders "
       "WHERE "
       "note = 'b') x"},
      {"SELECT id, note, quantity * 2 AS twice FROM orders ORDER BY id DESC", {{"note"}, 3}},

      // ---- windows over the table itself
      {"SELECT id FROM orders o WHERE quantity > (SELECT avg(quantity) FROM orders p WHERE p.note "
       "= o.note AND p.status <> 'b')"},
      {"SELECT o.id, (SELECT sum(p.amount) + 1 FROM orders p WHERE p.gift_for = o.gift_for) AS s "
       "FROM orders o JOIN users u ON u.id = o.user_id ORDER BY s, o.id"},
      {"SELECT o.id, (SELECT count(*) FROM orders p WHERE p.tag = o.tag), (SELECT count(p.note) "
       "FROM orders p WHERE p.tag = o.tag) FROM orders o"},
      {"SELECT id, (SELECT max(quantity) FROM orders p WHERE p.nick = orders.nick) FROM orders"},
      {"SELECT id, (SELECT count(*) FROM orders p WHERE p.user_id = o.user_id AND p.amount > "
       "o.amount) + 1 FROM orders o"},
      {"SELECT id, (SELECT count(*) FROM orders p WHERE p.id <= o.id AND p.note = 'a') FROM orders "
       "o"},
      {"SELECT id, (SELECT sum(p.quantity) FROM orders p WHERE p.gift_for = o.gift_for AND "
       "p.created_at <= o.created_at) FROM orders o ORDER BY id DESC"},
      {"SELECT id, (SELECT total(p.amount) FROM orders p WHERE p.tag < o.tag) FROM orders o"},
      {"SELECT id, (SELECT min(p.note) FROM orders p WHERE p.nick > o.nick) FROM orders o"},
      {"SELECT id, (SELECT count(DISTINCT p.quantity) FROM orders p WHERE p.quantity > o.quantity) "
       "AS r FROM orders o"},
      {"SELECT id, (SELECT count(DISTINCT p.amount) FROM orders p WHERE p.user_id = o.user_id AND "
       "p.amount <= o.amount) FROM orders o"},
      {"SELECT id FROM orders o WHERE (SELECT count(*) FROM orders p WHERE p.status = o.status AND "
       "(p.user_id > o.user_id OR (p.user_id = o.user_id AND p.id < o.id))) < 2"},
      {"WITH c AS (SELECT user_id, count(*) AS n FROM orders GROUP BY user_id) SELECT a.user_id, "
       "(SELECT count(*) FROM c b WHERE b.n > a.n) + 1 AS place FROM c a ORDER BY place, "
       "a.user_id"},
      {"WITH c AS (SELECT gift_for AS g, max(note) AS m FROM orders GROUP BY gift_for) SELECT * "
       "FROM c a WHERE m >= (SELECT max(m) FROM c b WHERE b.m = a.m)"},
      {"SELECT u.id, (SELECT count(*) FROM orders p WHERE p.quantity > o.quantity) FROM users u "
       "LEFT JOIN orders o ON o.user_id = u.id"},
      {"SELECT id, note FROM orders o WHERE NOT EXISTS (SELECT 1 FROM orders p WHERE p.user_id = "
       "o.user_id AND p.created_at > o.created_at)"},
      {"SELECT id FROM orders o WHERE NOT EXISTS (SELECT 1 FROM orders p WHERE p.gift_for = "
       "o.gift_for AND p.quantity < o.quantity AND p.note = 'a') OR note = 'b'"},
      {"SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM orders p WHERE p.nick = o.nick AND p.id "
       "< o.id)"},
      {"SELECT a.id FROM orders a LEFT JOIN orders b ON b.gift_for = a.gift_for AND b.amount > "
       "a.amount WHERE b.id IS NULL"},
      {"SELECT a.id, u.name FROM orders a JOIN users u ON u.id = a.user_id LEFT JOIN orders b ON "
       "b.user_id = a.user_id AND b.created_at > a.created_at AND b.status = 'a' WHERE "
       "b.created_at IS NULL ORDER BY a.id"},
      {"SELECT p.id, p.amount, sum(q.amount) FROM orders p JOIN orders q ON q.user_id = p.user_id "
       "AND q.id <= p.id GROUP BY p.id, p.amount"},
      {"SELECT p.id, count(*) AS n FROM orders p, orders q WHERE q.id >= p.id AND p.status = 'a' "
       "GROUP BY p.id HAVING count(*) > 1 ORDER BY n, p.id"},
      {"SELECT p.id, count(q.id), max(q.note) FROM orders p LEFT JOIN orders q ON q.gift_for = "
       "p.gift_for AND q.quantity < p.quantity AND q.note IS NOT NULL GROUP BY p.id"},
      {"SELECT p.id, avg(q.quantity) FROM orders p JOIN orders q ON q.tag = p.tag AND q.id <= p.id "
       "GROUP BY p.id"},
      {"SELECT count(*) FROM orders a JOIN orders b ON b.user_id = a.user_id AND a.id < b.id"},
      {"SELECT count(*) FROM orders a, orders b WHERE b.note = a.note AND b.id > a.id"},
      {"SELECT a.status, count(*) AS n FROM orders a JOIN orders b ON b.status = a.status AND a.id "
       "< b.id GROUP BY a.status HAVING count(*) > 1 ORDER BY n DESC, a.status"},
      {"SELECT count(*) FROM orders a JOIN orders b ON b.nick = a.nick AND a.id < b.id"},
      {"SELECT count(*) FROM orders a JOIN orders b ON b.note = a.note AND a.quantity < "
       "b.quantity"},
      // ---- anti-joins, IN, constants
      {"SELECT id FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.ref = u.id AND "
       "o.amount > 0)"},
      {"SELECT * FROM users u WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.quantity > u.age) "
       "AND age > 0"},
      {"SELECT u.id FROM users u WHERE u.id NOT IN (SELECT gift_for FROM orders WHERE gift_for IS "
       "NOT NULL)"},
      {"SELECT u.id FROM users u WHERE u.id NOT IN (SELECT gift_for FROM orders)"},
      {"SELECT o.id FROM orders o WHERE o.gift_for NOT IN (SELECT id FROM users WHERE age > 1)"},
      {"SELECT o.id FROM orders o WHERE o.user_id NOT IN (SELECT id FROM users WHERE age > 1) AND "
       "NOT EXISTS (SELECT 1 FROM tags t WHERE t.order_id = o.id)"},
      {"SELECT id FROM orders o WHERE note IN (SELECT city FROM users u WHERE u.id = o.gift_for)"},
      {"SELECT id FROM orders o WHERE quantity IN (SELECT p.quantity FROM orders p WHERE p.user_id "
       "= o.user_id AND p.status <> o.status) OR note IN (SELECT DISTINCT p.product FROM orders p "
       "WHERE p.user_id = o.user_id AND p.quantity > 0)"},
      {"SELECT id FROM orders o WHERE status IN (SELECT t.word FROM tags t WHERE t.order_id = o.id "
       "AND t.weight > 0) OR FALSE"},
      {"SELECT id FROM orders WHERE (note = 'a' OR 0) AND 1 = 1"},
      {"SELECT id FROM orders WHERE 1 = 1 AND (quantity > 1 OR 1 = 0) AND TRUE"},
      {"SELECT status, count(*) FROM orders WHERE TRUE GROUP BY status HAVING count(*) > 1 AND 1"},
      {"SELECT status, count(*) FROM orders GROUP BY status HAVING status > 'a' AND count(*) > 1"},
      {"SELECT gift_for, sum(amount) AS s FROM orders GROUP BY gift_for HAVING gift_for IN (1, 2) "
       "OR gift_for IS NULL"},
      {"SELECT nick, count(*) FROM orders GROUP BY nick HAVING nick <> 'a'"},
      {"SELECT u.city, count(o.id) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY "
       "u.city HAVING u.city = 'a' AND max(o.note) > 'a'"},
      {"SELECT count(*) FROM orders HAVING count(*) > 2"},
      // ---- CTEs and repeated work
      {"WITH t AS (SELECT user_id, status, sum(amount) AS s FROM orders GROUP BY user_id, status) "
       "SELECT a.user_id, a.s, b.s FROM t a JOIN t b ON b.user_id = a.user_id WHERE a.status = 'a' "
       "AND b.status = 'b'"},
      {"WITH t AS (SELECT * FROM orders) SELECT a.id, b.id FROM t a, t b WHERE a.note = 'a' AND "
       "b.note = 'a' AND a.id < b.id"},
      {"WITH t AS (SELECT note AS x, count(*) AS n FROM orders GROUP BY note) SELECT x, n FROM t "
       "WHERE x = 'a' UNION ALL SELECT x, n FROM t WHERE x > 'a' AND n > 1"},
      {"WITH t AS (SELECT id AS i, substr(note, 1, 1) AS x, quantity FROM orders) SELECT i FROM t "
       "WHERE x = 'a' AND i IN (SELECT quantity FROM t WHERE x = 'b' AND quantity > 0)"},
      {"WITH t AS (SELECT gift_for AS g, count(*) AS n FROM orders GROUP BY gift_for) SELECT a.g, "
       "b.n FROM t a LEFT JOIN t b ON b.g = a.g AND b.n > 1 WHERE a.g = 1"},
      {"SELECT a.user_id, a.n, b.n FROM (SELECT user_id, count(*) AS n FROM orders GROUP BY "
       "user_id) a JOIN (SELECT user_id, count(*) AS n FROM orders GROUP BY user_id) b ON b.n = "
       "a.n"},
      {"SELECT t.n FROM (SELECT status, count(*) AS n FROM orders GROUP BY status) t WHERE t.n = "
       "(SELECT max(x.n) FROM (SELECT status, count(*) AS n FROM orders GROUP BY status) x)"},
      {"WITH t AS NOT MATERIALIZED (SELECT note, count(*) AS n FROM orders GROUP BY note) SELECT "
       "a.note FROM t a JOIN t b ON b.n > a.n"},
      // ---- pages
      {"SELECT * FROM orders ORDER BY id LIMIT 3 OFFSET 2"},
      {"SELECT id, note FROM orders WHERE status = 'a' ORDER BY user_id DESC, id DESC LIMIT 2 "
       "OFFSET 1"},
      {"SELECT word, weight FROM tags ORDER BY order_id, word LIMIT 2 OFFSET 3"},
      {"SELECT note AS id, status FROM orders ORDER BY id, status LIMIT 2 OFFSET 1"},
      {"SELECT o.id, o.status AS amount, u.name FROM orders o LEFT JOIN users u ON u.id = "
       "o.user_id ORDER BY amount, o.id LIMIT 2"},
      {"SELECT o.id, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id ORDER BY o.amount, "
       "o.id LIMIT 3 OFFSET 1"},
      // ---- partial aggregates
      {"SELECT u.city, sum(o.amount), count(*), avg(o.quantity), max(o.note) FROM orders o JOIN "
       "users u ON u.id = o.user_id GROUP BY u.city"},
      {"SELECT u.id, u.name, total(o.amount) AS t, count(o.note) FROM users u JOIN orders o ON "
       "o.gift_for = u.id WHERE o.status = 'a' GROUP BY u.id, u.name HAVING count(*) > 1 ORDER BY "
       "t, u.id"},
      {"SELECT count(*), sum(o.quantity), min(o.amount) FROM orders o JOIN users u ON u.id = "
       "o.user_id WHERE u.age > 1"},
      {"SELECT o.status, t.word, count(*) FROM orders o JOIN tags t ON t.word = o.status GROUP BY "
       "o.status, t.word"},
      {"SELECT u.city, sum(o.amount) FROM orders o JOIN users u ON u.id = o.ref GROUP BY u.city"},
      {"SELECT u.name, o.note, max(o.amount) FROM orders o JOIN users u ON u.id = o.user_id GROUP "
       "BY u.id"},
      // ---- more for rules that had one statement
      {"SELECT id FROM orders WHERE note = 'a' OR note = 'b' OR note IN ('c', NULL)"},
      {"SELECT id FROM orders WHERE strftime('%Y', created_at) > '2023' AND date(created_at) "
       "BETWEEN '2024-01-01' AND '2024-02-01'"},
      {"SELECT id FROM orders WHERE substr(note, 1, 1) IN ('a', 'b') OR created_at LIKE "
       "'2024-01%'"},
      {"SELECT id FROM users WHERE coalesce(city, 'x') = 'x' OR ifnull(age, 1) >= 2"},
      {"SELECT id FROM users u WHERE (SELECT count(*) FROM tags t WHERE t.word = u.city) >= 1"},
      {"SELECT id FROM orders o WHERE gift_for IN (SELECT DISTINCT id FROM users WHERE name > "
       "'a')"},
      {"SELECT id FROM orders WHERE user_id IN (SELECT id FROM users) AND status IN (SELECT word "
       "FROM tags)"},
      {"SELECT id FROM orders o WHERE amount = (SELECT min(p.amount) FROM orders p WHERE p.status "
       "= o.status)"},
      {"SELECT id FROM orders o WHERE quantity = (SELECT max(quantity) FROM orders p WHERE "
       "p.user_id = o.user_id) OR note = 'a'"},
      {"SELECT (SELECT count(*) FROM users WHERE age > 1), (SELECT count(*) FROM users), (SELECT "
       "max(age) FROM users WHERE city = 'a')"},
      {"SELECT (SELECT min(quantity) FROM orders), (SELECT max(quantity) FROM orders), (SELECT "
       "count(*) FROM orders WHERE note = 'a')"},
      {"SELECT max(id) - min(id) FROM orders WHERE status = 'a'"},
      {"SELECT min(note) AS a, max(note) AS b FROM orders"},
      {"SELECT o.id FROM orders o LEFT JOIN tags t ON t.order_id = o.id AND t.weight > 0 WHERE "
       "t.word IS NULL AND o.note = 'a'"},
      {"SELECT DISTINCT o.status FROM orders o JOIN users u ON u.id = o.user_id WHERE u.age > 1"},
      {"SELECT DISTINCT u.id, u.name FROM users u JOIN orders o ON o.user_id = u.id JOIN tags t ON "
       "t.order_id = o.id WHERE t.weight > 0 ORDER BY u.name, u.id"},
      {"SELECT count(*) FROM orders o LEFT JOIN users u ON u.id = o.user_id"},
      {"SELECT o.id, o.note FROM orders o LEFT JOIN users u ON u.id = o.gift_for LEFT JOIN tags t "
       "ON t.order_id = o.id AND t.word = 'a' ORDER BY o.id"},
      {"SELECT count(*) FROM orders o JOIN users u ON u.id = o.user_id WHERE o.note = 'a'"},
      {"SELECT u.id, max(o.amount) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY "
       "u.id ORDER BY u.id"},
      {"SELECT u.id, t.s FROM users u JOIN (SELECT user_id, sum(amount) AS s FROM orders GROUP BY "
       "user_id) t ON t.user_id = u.id WHERE u.city = 'a' AND u.age > 1"},
      {"SELECT o.id, t.n FROM orders o LEFT JOIN (SELECT order_id, count(*) AS n FROM tags GROUP "
       "BY order_id) t ON t.order_id = o.id WHERE o.status = 'a'"},
      {"SELECT o.*, u.name FROM orders o LEFT JOIN users u ON u.id = o.user_id ORDER BY o.id DESC "
       "LIMIT 2"},
      {"SELECT DISTINCT order_id, word FROM tags"},
      {"SELECT DISTINCT user_id, count(*) FROM orders GROUP BY user_id"},
      {"SELECT count(*) FROM (SELECT note FROM orders ORDER BY note)"},
      {"SELECT id FROM users WHERE id IN (SELECT user_id FROM orders ORDER BY amount)"},
      {"SELECT 1 AS x, note FROM orders UNION SELECT 2, note FROM orders"},
      {"SELECT id, 'o' FROM orders UNION SELECT id, 'u' FROM users ORDER BY 1, 2"},
      {"SELECT user_id FROM orders EXCEPT SELECT id FROM users"},
      {"SELECT id FROM users INTERSECT SELECT gift_for FROM orders"},
      {"SELECT o.id, u.name FROM orders o JOIN users u ON u.id = o.gift_for WHERE o.quantity > 2 "
       "OR u.age = 1 ORDER BY o.id"},
      {"SELECT * FROM orders o JOIN users u ON u.id = o.user_id WHERE (u.name = 'a' OR o.amount > "
       "1) AND o.id > 2"},
      {"SELECT t.note FROM (SELECT note, quantity, amount FROM orders WHERE status = 'a') t"},
      {"SELECT x.a FROM (SELECT note AS a, created_at AS b FROM orders UNION ALL SELECT product, "
       "status FROM orders) x"},
      {"SELECT id, note FROM orders WHERE quantity > 0 ORDER BY note, id", {{"note"}, 4}},
      {"SELECT note, note AS other, count(*) FROM orders GROUP BY note ORDER BY note",
       {{"other"}, 2}},
      {"SELECT id FROM orders WHERE user_id = 1 UNION SELECT id FROM orders WHERE user_id = 2"},
      {"SELECT t.a FROM (SELECT id AS a, note AS b, max(quantity) OVER () AS c FROM orders) t"},
      {"SELECT t.s FROM (SELECT status AS s, count(*) AS n, sum(amount) AS m, max(note) AS x FROM "
       "orders GROUP BY status) t WHERE t.n > 1"},
      {"SELECT u.city AS c, count(*), strftime('%Y-%m', o.created_at) AS m FROM orders o JOIN "
       "users "
       "u ON u.id = o.user_id GROUP BY c, m"},
      {"SELECT o.status, count(*), sum(o.quantity) FROM orders o JOIN users u ON u.id = o.user_id "
       "GROUP BY 1 ORDER BY 2, 1"},
      {"SELECT status AS note, count(*) FROM orders GROUP BY note"},
      {"SELECT DISTINCT u.city FROM users u, orders o, tags t WHERE o.gift_for = u.id AND t.word = "
       "o.note AND t.weight < o.quantity"},
      {"SELECT max(u.age), count(DISTINCT u.city) FROM users u JOIN orders o ON o.ref = u.id JOIN "
       "tags t ON t.order_id = o.id AND t.word <> u.name"},
      {"WITH t AS (SELECT note, quantity, count(*) AS n, max(amount) AS m FROM orders GROUP BY "
       "note, "
       "quantity) SELECT a.note, b.n, a.m FROM t a JOIN t b ON b.note = a.note AND b.n >= a.n "
       "WHERE "
       "a.quantity = 1 AND b.quantity = 2 ORDER BY a.note"},
      {"WITH t AS (SELECT gift_for, status, sum(quantity) AS s FROM orders GROUP BY gift_for, "
       "status) SELECT a.gift_for, coalesce(a.s, 0) - coalesce(b.s, 0) FROM t a, t b WHERE "
       "a.gift_for = b.gift_for AND a.status = 'b' AND b.status = 'c'"},
      {"WITH t AS (SELECT nick, status, count(*) AS n FROM orders GROUP BY nick, status) SELECT "
       "a.nick, a.n, b.n FROM t a JOIN t b ON b.nick = a.nick WHERE a.status = 'a' AND b.status = "
       "'b'"},
      // ---- to trip them
      {"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM users u WHERE u.id = o.user_id AND "
       "EXISTS (SELECT 1 FROM tags t WHERE t.order_id = o.id AND t.word = u.city))"},
      {"SELECT u.id, (SELECT count(*) FROM orders o WHERE o.user_id = u.id AND o.amount > (SELECT "
       "avg(p.amount) FROM orders p WHERE p.user_id = u.id)) FROM users u"},
      {"SELECT id FROM orders WHERE ref IN (SELECT id FROM users) OR tag NOT IN (SELECT age FROM "
       "users)"},
      {"SELECT users.id FROM users JOIN orders USING (id) WHERE NOT EXISTS (SELECT 1 FROM tags t "
       "WHERE t.order_id = users.id)"},
      {"SELECT u.id, o.id FROM users u FULL JOIN orders o ON o.gift_for = u.id WHERE u.age > 1 OR "
       "u.age IS NULL"},
      {"SELECT u.id, o.id FROM orders o RIGHT JOIN users u ON o.user_id = u.id AND o.note = 'a' "
       "WHERE NOT EXISTS (SELECT 1 FROM tags t WHERE t.order_id = o.id)"},
      {"SELECT DISTINCT note FROM orders ORDER BY note DESC"},
      {"SELECT id FROM orders ORDER BY quantity * -1, id"},
      {"SELECT note, sum(amount) AS note FROM orders GROUP BY note ORDER BY 2"},
      {"SELECT tag, count(*) FROM orders GROUP BY tag HAVING tag > 1"},
      {"SELECT max(tag), min(tag) FROM orders"},
      {"SELECT id FROM orders WHERE tag = 1 OR tag = '1' OR tag = 1.0"},
      {"SELECT id FROM orders WHERE ref = 1 OR ref = '2'"},
      {"SELECT id FROM orders WHERE nick = 'A' OR nick = 'b'"},
      {"SELECT DISTINCT o.nick FROM orders o JOIN users u ON u.id = o.user_id"},
      {"SELECT nick FROM orders UNION SELECT city FROM users"},
      {"SELECT id FROM orders o WHERE nick IN (SELECT city FROM users u WHERE u.id = o.user_id)"},
      {"SELECT id, (SELECT name FROM users u WHERE u.id = o.user_id) FROM orders o WHERE (SELECT "
       "age FROM users u WHERE u.id = o.gift_for) > 1"},
      {"SELECT * FROM big_orders b WHERE NOT EXISTS (SELECT 1 FROM big_orders c WHERE c.user_id = "
       "b.user_id AND c.id > b.id)"},
      {"SELECT b.user_id, sum(b.amount) FROM big_orders b JOIN users u ON u.id = b.user_id GROUP "
       "BY b.user_id HAVING b.user_id < 3"},
  };
  return all;
}

} // namespace quill::rewrite::tests
