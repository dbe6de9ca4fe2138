-- What PostgreSQL knows and SQLite does not, one query a line. parse and print give the same parse
-- tree to PostgreSQL's own grammar.
WITH a AS MATERIALIZED (SELECT 1 AS x), b AS NOT MATERIALIZED (SELECT 2), c(y) AS (VALUES (1), (2)) SELECT * FROM a, b, c
WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n+1 FROM t WHERE n < 100) SELECT sum(n) FROM t
SELECT (a, b) = (1, 2), ROW(a, b) < ROW(1, 2), (a, b) IN ((1, 2), (3, 4)), (a, b) IN (SELECT c, d FROM u) FROM t
SELECT x::int, '5'::numeric(10,2), a::text || 'b', -5::int, (-5)::int, - x::int, x::int[], x::int[3], x::varchar(10), x::char, x::char(3), x::timestamptz, x::timestamp(3), x::double precision, x::interval, x::"MyType", x::s.t, x::bpchar, x::bit(3), x::time with time zone FROM t
SELECT EXTRACT(year FROM d), EXTRACT('dow' FROM d), date_part('year', d), SUBSTRING(s FROM 2 FOR 3), SUBSTRING(s FROM 2), SUBSTRING(s FOR 3), substring(s, 1, 2), substring(s from 'a.*'), POSITION('x' IN s), OVERLAY(s PLACING 'x' FROM 2 FOR 3), overlay(s placing 'x' from 2), TRIM(s), TRIM(BOTH 'x' FROM s), TRIM(LEADING FROM s), trim(trailing 'y' from s), trim(s, 'x'), ltrim(s), rtrim(s, 'x') FROM t
SELECT d AT TIME ZONE 'UTC', (d AT TIME ZONE 'UTC') AT TIME ZONE z, d + interval '1 day' AT TIME ZONE 'x', (d, e) OVERLAPS (f, g) FROM t
SELECT DISTINCT ON (a, b) a, b, c FROM t ORDER BY a, b, c DESC NULLS LAST
SELECT a, grouping(a), sum(b) FROM t GROUP BY ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS ((a, b), (a), (), ROLLUP (x)), e
SELECT * FROM a JOIN b USING (x, y) LEFT JOIN LATERAL (SELECT * FROM c WHERE c.i = a.i LIMIT 1) l ON true, LATERAL generate_series(1, a.n) WITH ORDINALITY AS g(v, o)
SELECT * FROM a CROSS JOIN b NATURAL JOIN c RIGHT JOIN (d FULL JOIN e ON d.x = e.x) ON true
SELECT * FROM a, b JOIN c ON b.x = c.x, d
SELECT rank() OVER (PARTITION BY a ORDER BY b DESC), sum(x) OVER w, avg(x) FILTER (WHERE x > 0) OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES), sum(y) OVER (ORDER BY d RANGE BETWEEN INTERVAL '1 day' PRECEDING AND UNBOUNDED FOLLOWING) FROM t WINDOW w AS (PARTITION BY z ORDER BY q)
SELECT ARRAY[1, 2, 3], ARRAY[[1,2],[3,4]], ARRAY(SELECT x FROM t), a[1], a[1:2], a[:2], (f(x)).y, (f(x)).*, (a).b, ($1)[2], (ARRAY[1,2])[1], '{}'::int[] FROM t
SELECT x = ANY (ARRAY[1,2]), x <> ALL (SELECT y FROM u), x = SOME (SELECT 1), x LIKE ANY (ARRAY['a%']), x NOT LIKE ALL (ARRAY['b']), x ILIKE 'a', x NOT ILIKE 'b' ESCAPE '!', x SIMILAR TO '(a|b)', x NOT SIMILAR TO 'c' ESCAPE '#', x ~ 'a', x !~ 'b', x ~* 'c', x !~* 'd' FROM t
SELECT current_date, current_timestamp, current_timestamp(3), localtime, current_user, now(), CURRENT_SCHEMA, user
SELECT string_agg(a, ',' ORDER BY b DESC), array_agg(DISTINCT a), percentile_cont(0.5) WITHIN GROUP (ORDER BY x), count(*) FILTER (WHERE a), f(VARIADIC arr), g(a => 1, b := 2), pg_catalog.lower(x) FROM t
SELECT coalesce(a, b), greatest(a, 1), least(a, b), nullif(a, 0), "left"(a, 1), left(a, 1), "Upper"(a), "order"(a) FROM t
(SELECT 1 ORDER BY 1 LIMIT 1) UNION ALL (SELECT 2 LIMIT 2) ORDER BY 1
SELECT 1 UNION SELECT 2 INTERSECT ALL SELECT 3 EXCEPT SELECT 4
(SELECT 1 UNION SELECT 2) INTERSECT SELECT 3
SELECT 1 EXCEPT ALL (SELECT 2 UNION SELECT 3)
SELECT a FROM t ORDER BY a FETCH FIRST 3 ROWS WITH TIES
SELECT a FROM t OFFSET 3
SELECT a FROM t LIMIT ALL OFFSET 2 ROWS
SELECT a FROM t LIMIT (SELECT 1) OFFSET $1
SELECT date '2020-01-01' + interval '1' day - interval '2 years' year, timestamp '2020-01-01 00:00:00', interval(3) '1 s', interval '1' day to second(2), time '10:00', x::interval day to second
SELECT "Weird Name", "select", "a""b", t."Col" FROM "T" AS "Al" (a, "B")
SELECT a || b || c, a || (b || c), a + b * c ^ d, (a + b) * c, -a ^ 2, -(a ^ 2), ~a & b, @a, a @> b, a -> 'x' ->> 'y', a #> '{}', - - a, -(-a), +a, a % b, (a = b) = c, NOT (a = b), NOT a = b AND c, (a OR b) AND c, a COLLATE "C" || b, (a || b) COLLATE "C"
SELECT * FROM ONLY t
TABLE t
SELECT s.t.c, t.* FROM s.t
SELECT a BETWEEN (b COLLATE "C") AND c AND d, a BETWEEN (x AT TIME ZONE 'u') AND y, a IN (1), a NOT IN (1, 2), NOT (a IN (SELECT 1)), a NOT IN (SELECT 1), EXISTS (SELECT 1), NOT EXISTS (SELECT 1)
SELECT CASE WHEN a THEN b END, CASE a WHEN 1 THEN 'x' ELSE 'y' END, (SELECT max(x) FROM t), 1.5, 1e10, 100000000000, 0.1, true, NULL
SELECT a FROM (VALUES (1, 'a'), (2, 'b')) AS v(a, b) WHERE (a, b) < (2, 'c')
SELECT count(*), count(DISTINCT a), sum(ALL b) FROM t GROUP BY 1 HAVING count(*) > 1
SELECT unnest(ARRAY[1,2]) FROM unnest(ARRAY[1,2], ARRAY[3]) AS u(a, b)
SELECT json_build_object('a', 1)::jsonb ? 'a'
SELECT interval '1 day' * 2, '1 day'::interval, cast('2020-01-01' as date), date('2020-01-01'), x::date, (x || 'y')::date
SELECT 1 AS "from", 2 AS value, 3 AS "User", 4 AS type FROM t AS "window"
SELECT a IS TRUE, a IS NOT FALSE, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b, a BETWEEN SYMMETRIC 1 AND 2, a NOT BETWEEN 1 AND 2, NOT a, a IS NULL FROM t
SELECT E'a\nb', 'it''s', $$dollar$$, $t$x$t$, U&'d\0061t', 'back\slash'
SELECT sum(a) OVER (), lag(x, 1, 0) OVER (ORDER BY y), sum(b) OVER w FROM t WINDOW w AS (PARTITION BY c)
