-- One query a line over the shop's schema. Each must parse, print to the same tree, and compile to the same program.
-- columns, names, literals
SELECT 1
SELECT 1, 2.5, .5, 1., 1e5, 1.5E-3, 0x1F, 'it''s', x'00FF', NULL, TRUE, false
SELECT -1, +2, - -3, ~5, -9223372036854775808, 9223372036854775807, 99999999999999999999
SELECT * FROM users
SELECT u.* FROM users u
SELECT u.*, o.id FROM users AS u, orders AS o WHERE u.id = o.user_id
SELECT ALL name FROM users
SELECT DISTINCT city FROM users
SELECT id, NAME, Email FROM USERS
SELECT users.id, users.name FROM users
SELECT `id`, [name], "email" FROM `users`
SELECT id AS [user id], name AS `the name`, email AS "e-mail", age AS 'years' FROM users
SELECT id x, name "y z", age 'w' FROM users
SELECT rowid, _rowid_, oid FROM orders
SELECT id FROM main.users
SELECT name FROM users WHERE city = "Berlin"
SELECT name FROM users WHERE "city" = 'Berlin'
SELECT "no such column" FROM users
SELECT id FROM users WHERE name = 'O''Brien' OR name = 'a\b'
SELECT 'a;b', '--', '/* */' FROM users -- a comment ' with a quote
SELECT /* block */ id /* another */ FROM users
SELECT id FROM users;
SELECT id FROM users WHERE id = ?
SELECT id FROM users WHERE id = ?1 AND age > :age AND city = @city AND country = $country
SELECT id FROM users LIMIT ?2 OFFSET ?1
-- operators and precedence
SELECT 1 + 2 * 3 - 4 / 2 % 3
SELECT (1 + 2) * 3, 1 - (2 - 3), 1 - 2 - 3, 8 / (4 / 2)
SELECT 2 || 3 * 2, 2 * 3 || 2, 'a' || 'b' || 'c', ('a' || 'b') * 2, 'a' || (1 + 2)
SELECT 1 + 2 << 3, 1 << 2 + 3, 6 & 3 | 8, 6 | 3 & 8, ~1 + 2, -1 || 2, ~(1 + 2)
SELECT 1 << 2 >> 1, (1 & 2) = 3, 1 & 2 = 3
SELECT id FROM orders WHERE amount * quantity > 100 AND amount / quantity < 50
SELECT id FROM orders WHERE amount + 1 <> 3 OR amount - 1 != 4 AND quantity == 2
SELECT id FROM orders WHERE NOT amount > 10 AND NOT (quantity = 1 OR quantity = 2)
SELECT id FROM orders WHERE NOT NOT quantity
SELECT id FROM orders WHERE (amount > 10) = (quantity > 2)
SELECT id FROM orders WHERE (amount > 10 AND quantity > 2) OR status = 'new'
SELECT id FROM orders WHERE amount > 10 AND (quantity > 2 OR status = 'new')
SELECT id FROM orders WHERE amount > 10 AND (quantity > 2 AND status = 'new')
SELECT amount > 10, quantity = 1 OR quantity = 2, NOT quantity FROM orders
SELECT id FROM orders WHERE amount > -10 AND quantity = +3 AND -quantity < -1
SELECT id FROM orders WHERE quantity IN (1, 2, 3) AND status NOT IN ('new', 'paid')
SELECT id FROM orders WHERE (quantity IN (1, 2)) = 1
SELECT id FROM orders WHERE amount BETWEEN 10 AND 20 AND quantity NOT BETWEEN 1 + 1 AND 2 * 3
SELECT id FROM orders WHERE amount BETWEEN 10 AND 20 OR amount BETWEEN 30 AND 40 AND quantity = 1
SELECT id FROM orders WHERE created_at BETWEEN '2024-01-01' AND '2024-12-31' || ' 23:59:59'
SELECT id FROM users WHERE name LIKE 'A%' AND name NOT LIKE '%z' AND email LIKE '%!_%' ESCAPE '!'
SELECT id FROM users WHERE name GLOB 'A*' AND email NOT GLOB '*z'
SELECT id FROM users WHERE name LIKE 'A' || '%'
SELECT id FROM users WHERE lower(name) LIKE lower('%B%') OR upper(city) = 'BERLIN'
SELECT like('a%', name), glob('a*', name), replace(name, 'a', 'b') FROM users
SELECT id FROM users WHERE age IS NULL OR city IS NOT NULL
SELECT id FROM users WHERE age ISNULL AND city NOTNULL AND country NOT NULL
SELECT id FROM users WHERE age IS 30 AND city IS NOT 'Berlin'
SELECT id FROM users WHERE age IS NOT DISTINCT FROM 30 AND city IS DISTINCT FROM country
SELECT id FROM users WHERE (age IS NULL) = (city IS NULL)
SELECT id FROM users WHERE age IS age + 1
SELECT id FROM users WHERE (age > 3) IS TRUE AND (city = 'x') IS NOT FALSE
SELECT id FROM users WHERE age + 1 IS NULL
SELECT id FROM users WHERE NOT age IS NULL
SELECT id FROM users WHERE name = 'bob' COLLATE NOCASE
SELECT id FROM users WHERE name COLLATE NOCASE = 'bob' ORDER BY name COLLATE RTRIM DESC
SELECT name COLLATE NOCASE || 'x' FROM users
SELECT id FROM users WHERE (age, city) = (30, 'Berlin')
SELECT id FROM users WHERE (age, city) IN (SELECT quantity, status FROM orders)
SELECT id FROM users WHERE (age, city) IN (VALUES (1, 'a'), (2, 'b'))
SELECT id FROM users WHERE (age, id) > (30, 5)
SELECT '{"a": 1}' -> '$.a', '{"a": 1}' ->> '$.a' || 'x'
SELECT 1 = 1, 1 < 2, 1 <= 2, 1 > 2, 1 >= 2, 1 <> 2
-- calls
SELECT count(*), count(age), count(DISTINCT city), sum(age), total(age), avg(age), min(age), max(age) FROM users
SELECT group_concat(name), group_concat(name, ', '), group_concat(DISTINCT city) FROM users
SELECT coalesce(age, 0), ifnull(city, 'none'), nullif(age, 30), iif(age > 18, 'adult', 'minor') FROM users
SELECT abs(-1), round(2.567, 2), length('abc'), substr('abc', 2, 1), instr(name, 'a') FROM users
SELECT strftime('%Y-%m', created_at), date(created_at), julianday(created_at) - julianday(shipped_at) FROM orders
SELECT date(created_at, '+1 day', 'start of month') FROM orders
SELECT max(age, 3), min(1, 2, 3) FROM users
SELECT typeof(age), hex(name), quote(city), unicode(name), char(65, 66), printf('%d', age) FROM users
SELECT count() FROM users
SELECT COUNT ( * ) FROM users
SELECT upper(trim(name)), ltrim(name, 'x'), rtrim(name) FROM users
SELECT CAST(age AS TEXT), CAST(age AS varchar(10)), CAST('1.5' AS DOUBLE PRECISION), CAST(amount AS DECIMAL(10, 2)) FROM users, orders
SELECT CAST(substr(created_at, 1, 4) AS INTEGER) AS year FROM orders
SELECT CASE WHEN age > 60 THEN 'old' WHEN age > 30 THEN 'middle' ELSE 'young' END FROM users
SELECT CASE status WHEN 'new' THEN 1 WHEN 'paid' THEN 2 END FROM orders
SELECT CASE WHEN age > 60 THEN CASE WHEN city = 'x' THEN 1 ELSE 2 END ELSE 3 END + 1 FROM users
SELECT sum(CASE WHEN status = 'paid' THEN amount ELSE 0 END) / count(*) FROM orders
SELECT sum(amount) FILTER (WHERE status = 'paid'), count(*) FILTER (WHERE quantity > 1 AND amount < 5) FROM orders
SELECT likelihood(age > 3, 0.5), unlikely(age = 3) FROM users
-- joins
SELECT u.name, o.amount FROM users u JOIN orders o ON u.id = o.user_id
SELECT u.name, o.amount FROM users u INNER JOIN orders o ON u.id = o.user_id AND o.status = 'paid'
SELECT u.name, o.amount FROM users u LEFT JOIN orders o ON u.id = o.user_id
SELECT u.name, o.amount FROM users u LEFT OUTER JOIN orders o ON u.id = o.user_id WHERE o.id IS NULL
SELECT u.name, o.amount FROM users u RIGHT JOIN orders o ON u.id = o.user_id
SELECT u.name, o.amount FROM users u FULL OUTER JOIN orders o ON u.id = o.user_id
SELECT u.name FROM users u CROSS JOIN orders o
SELECT u.name FROM users u CROSS JOIN orders o ON u.id = o.user_id
SELECT u.name FROM users u CROSS JOIN orders o WHERE u.id = o.user_id
SELECT u.name FROM users u JOIN orders o WHERE u.id = o.user_id
SELECT u.name FROM users u, orders o, orders p WHERE u.id = o.user_id AND o.id = p.id
SELECT u.name FROM users u, orders o ON u.id = o.user_id
SELECT u.name FROM users u LEFT JOIN orders o
SELECT name FROM users JOIN orders USING (id)
SELECT name FROM users LEFT JOIN orders USING (id, created_at)
SELECT name FROM users NATURAL JOIN orders
SELECT name FROM users NATURAL LEFT OUTER JOIN orders
SELECT name FROM users NATURAL INNER JOIN orders
SELECT u.name FROM users u, orders o JOIN orders p ON p.user_id = u.id AND o.id = p.id
SELECT u.name FROM users u JOIN orders o ON o.user_id = u.id, orders p WHERE p.id = o.id
SELECT u.name FROM users u JOIN orders o ON o.user_id = u.id LEFT JOIN orders p ON p.user_id = u.id AND p.id > o.id
SELECT u.name FROM users u LEFT JOIN (orders o JOIN orders p ON o.id = p.id) ON o.user_id = u.id
SELECT u.name FROM users u JOIN (orders o, orders p) ON o.user_id = u.id
SELECT name FROM (users)
SELECT a.name FROM users a JOIN users b ON a.city = b.city AND a.id <> b.id
SELECT a.name FROM users AS a JOIN users AS b ON a.id = b.id OR a.age = b.age
-- sub-queries
SELECT name FROM users WHERE id IN (SELECT user_id FROM orders)
SELECT name FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE amount > 100)
SELECT name FROM users WHERE NOT id IN (SELECT user_id FROM orders)
SELECT name FROM users WHERE NOT (id IN (SELECT user_id FROM orders) AND age > 3)
SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id)
SELECT name FROM users u WHERE NOT EXISTS (SELECT * FROM orders o WHERE o.user_id = u.id AND o.status = 'paid')
SELECT name FROM users u WHERE NOT (EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id))
SELECT name, (SELECT count(*) FROM orders o WHERE o.user_id = u.id) AS n FROM users u
SELECT name FROM users u WHERE (SELECT count(*) FROM orders o WHERE o.user_id = u.id) > 3
SELECT name FROM users WHERE age = (SELECT max(age) FROM users)
SELECT name FROM users WHERE age > (SELECT avg(age) FROM users) * 2
SELECT o.id FROM orders o WHERE o.amount > (SELECT avg(p.amount) FROM orders p WHERE p.category = o.category)
SELECT t.n FROM (SELECT count(*) AS n FROM users) AS t
SELECT n FROM (SELECT count(*) AS n FROM users)
SELECT n FROM (SELECT city, count(*) n FROM users GROUP BY city) WHERE n > 3
SELECT x.city FROM (SELECT city FROM users) x JOIN (SELECT city FROM users) y ON x.city = y.city
SELECT * FROM (SELECT id FROM users), (SELECT id FROM orders)
SELECT * FROM (SELECT * FROM (SELECT * FROM users WHERE age > 3) WHERE age < 50) t
SELECT id FROM users WHERE id = ((SELECT max(id) FROM users))
SELECT id FROM users WHERE EXISTS (SELECT 1 FROM orders UNION SELECT 2)
SELECT id FROM users WHERE age IN (SELECT age FROM users ORDER BY age LIMIT 5)
-- grouping
SELECT city, count(*) FROM users GROUP BY city
SELECT city, count(*) FROM users GROUP BY 1
SELECT city, country, count(*) FROM users GROUP BY city, country HAVING count(*) > 10
SELECT city, count(*) AS n FROM users GROUP BY city HAVING n > 10 AND avg(age) < 40 ORDER BY n DESC, city
SELECT count(*) FROM users HAVING count(*) > 3
SELECT substr(created_at, 1, 7) AS month, sum(amount) FROM orders GROUP BY month ORDER BY month
SELECT strftime('%Y', created_at), sum(amount) FROM orders GROUP BY strftime('%Y', created_at)
SELECT user_id, max(created_at), product FROM orders GROUP BY user_id
SELECT DISTINCT city, country FROM users WHERE age > 30 GROUP BY city, country
-- order and limit
SELECT id FROM users ORDER BY age
SELECT id FROM users ORDER BY age ASC, name DESC, 1
SELECT id FROM users ORDER BY age NULLS FIRST, name DESC NULLS LAST
SELECT id FROM users ORDER BY lower(name), -age, CASE WHEN city IS NULL THEN 1 ELSE 0 END
SELECT id FROM users LIMIT 10
SELECT id FROM users LIMIT 10 OFFSET 5
SELECT id FROM users LIMIT 5, 10
SELECT id FROM users ORDER BY id LIMIT 2 + 3, 4 * 5
SELECT id FROM users LIMIT -1 OFFSET 3
SELECT id FROM users ORDER BY id DESC LIMIT (SELECT 3)
SELECT name AS desc FROM users ORDER BY desc
SELECT id FROM users ORDER BY age + 1 DESC LIMIT 1
-- compounds
SELECT id FROM users UNION SELECT user_id FROM orders
SELECT id FROM users UNION ALL SELECT user_id FROM orders
SELECT id FROM users INTERSECT SELECT user_id FROM orders
SELECT id FROM users EXCEPT SELECT user_id FROM orders
SELECT id FROM users UNION SELECT user_id FROM orders INTERSECT SELECT id FROM orders
SELECT id FROM users EXCEPT SELECT user_id FROM orders UNION ALL SELECT id FROM orders INTERSECT SELECT 1
SELECT id FROM users UNION SELECT user_id FROM orders ORDER BY 1 LIMIT 10
SELECT id, name FROM users UNION ALL SELECT id, product FROM orders ORDER BY name DESC LIMIT 5 OFFSET 2
SELECT * FROM (SELECT id FROM users INTERSECT SELECT user_id FROM orders) WHERE id > 5
SELECT city FROM users GROUP BY city HAVING count(*) > 2 EXCEPT SELECT country FROM users WHERE age > 3
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES (1, 2), (3, 4))
SELECT 1 UNION VALUES (2), (3)
SELECT column1 FROM (VALUES (1), (2)) AS v WHERE column1 > 1
-- WITH
WITH t AS (SELECT city, count(*) AS n FROM users GROUP BY city) SELECT * FROM t WHERE n > 3
WITH t(c, n) AS (SELECT city, count(*) FROM users GROUP BY city), s AS (SELECT max(n) AS m FROM t) SELECT t.c FROM t, s WHERE t.n = s.m
WITH t AS MATERIALIZED (SELECT id FROM users) SELECT * FROM t
WITH t AS NOT MATERIALIZED (SELECT id FROM users) SELECT * FROM t
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 10) SELECT x FROM n
WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n LIMIT 10) SELECT sum(x) FROM n
WITH a AS (WITH b AS (SELECT 1 AS x) SELECT x FROM b) SELECT x FROM a
SELECT * FROM (WITH b AS (SELECT 1 AS x) SELECT x FROM b) AS t
SELECT id FROM users WHERE id IN (WITH b AS (SELECT user_id AS x FROM orders) SELECT x FROM b)
WITH t AS (SELECT id FROM users) SELECT id FROM t UNION ALL SELECT id FROM t ORDER BY id LIMIT 3
-- windows
SELECT id, row_number() OVER () FROM users
SELECT id, row_number() OVER (ORDER BY age DESC) FROM users
SELECT id, rank() OVER (PARTITION BY city ORDER BY age DESC, id) FROM users
SELECT id, sum(amount) OVER (PARTITION BY user_id ORDER BY created_at ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM orders
SELECT id, avg(amount) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING) FROM orders
SELECT id, avg(amount) OVER (ORDER BY id ROWS 3 PRECEDING) FROM orders
SELECT id, count(*) OVER (ORDER BY id RANGE BETWEEN 3 PRECEDING AND UNBOUNDED FOLLOWING) FROM orders
SELECT id, count(*) OVER (ORDER BY id GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE TIES) FROM orders
SELECT id, sum(amount) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 2 * 2 FOLLOWING EXCLUDE CURRENT ROW) FROM orders
SELECT id, sum(amount) OVER (ORDER BY id RANGE UNBOUNDED PRECEDING EXCLUDE GROUP) FROM orders
SELECT id, lag(amount, 1, 0) OVER w, lead(amount) OVER w FROM orders WINDOW w AS (PARTITION BY user_id ORDER BY created_at)
SELECT id, sum(amount) OVER (w ROWS 2 PRECEDING), first_value(id) OVER (w) FROM orders WINDOW w AS (PARTITION BY user_id ORDER BY id), v AS (ORDER BY id)
SELECT id, sum(amount) FILTER (WHERE status = 'paid') OVER (PARTITION BY user_id) FROM orders
SELECT * FROM (SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY amount DESC NULLS LAST) AS r FROM orders) WHERE r <= 3
SELECT city, sum(count(*)) OVER (ORDER BY city) FROM users GROUP BY city
-- words that are names where they stand
SELECT name AS end, age AS rows, city AS first FROM users
SELECT t.key, t.value FROM (SELECT id AS key, name AS value FROM users) AS t
SELECT "order"."group" FROM (SELECT id AS "group" FROM users) AS "order"
SELECT filter.id FROM users AS filter
SELECT over.id FROM users over
SELECT id AS row, age AS range, city AS groups, name AS current FROM users
SELECT full.id FROM users AS full JOIN orders AS right ON full.id = right.user_id
SELECT id FROM users match WHERE match.age > 3
SELECT replace.id, x.name AS cast FROM users AS replace, users AS x
SELECT window.id FROM users window
SELECT id AS key, name AS query, age AS plan FROM users ORDER BY key, plan DESC
-- what people write that PostgreSQL's grammar lacks
SELECT name FROM users WHERE created_at < CURRENT_TIMESTAMP AND created_at <> CURRENT_DATE
SELECT CURRENT_TIME, current_date || 'x' FROM users LIMIT 1
SELECT id FROM users WHERE id IN ()
SELECT id FROM users WHERE id NOT IN () AND age > 3
SELECT id FROM users WHERE id IN kept
SELECT id FROM users WHERE (id) NOT IN main.kept AND age IN kept
SELECT name FROM users INDEXED BY by_city WHERE city = 'Oslo'
SELECT u.name FROM users AS u NOT INDEXED JOIN main.orders AS o NOT INDEXED ON o.user_id = u.id WHERE u.city = 'Oslo'
SELECT u.name FROM users u INDEXED BY by_city, orders WHERE u.city = 'Oslo' AND orders.user_id = u.id
SELECT value FROM json_each('[1, 2]')
SELECT u.name, j.value FROM users AS u, json_each(u.name) AS j WHERE j.key > 1 ORDER BY j.value
SELECT u.id FROM users u LEFT JOIN json_tree(u.name, '$') ON json_tree.key = u.id
SELECT main.users.name FROM users WHERE main.users.id = 1
SELECT u.name FROM (users) AS u JOIN (orders) o ON o.user_id = u.id
