CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, city VARCHAR NOT NULL, joined DATE NOT NULL);
CREATE TABLE product (id INTEGER PRIMARY KEY, category VARCHAR NOT NULL, name VARCHAR NOT NULL, price INTEGER NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id), ordered_on DATE NOT NULL, status VARCHAR NOT NULL, amount INTEGER NOT NULL, code VARCHAR NOT NULL, referrer_id INTEGER REFERENCES customer(id));
CREATE TABLE line (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders(id), product_id INTEGER NOT NULL REFERENCES product(id), quantity INTEGER NOT NULL, price INTEGER NOT NULL);
INSERT INTO customer SELECT i, 'customer ' || (i * 7919 % 5000), 'city ' || (i * 31 % 200), DATE '2015-01-01' + CAST(i * 17 % 2000 AS INTEGER) FROM range(1, 5001) t(i);
INSERT INTO product SELECT i, 'category ' || (i % 40), 'product ' || i, 1 + i * 13 % 500 FROM range(1, 1001) t(i);
INSERT INTO orders SELECT i, 1 + i * 7919 % 5000, DATE '2020-01-01' + CAST(i * 131 % 1400 AS INTEGER), 'status ' || (i // 7 % 20), i * 37 % 1000, 'k' || lpad(CAST(i * 101 % 100000 AS VARCHAR), 5, '0'), CASE WHEN i % 10 > 0 THEN 1 + i * 7 % 5000 END FROM range(1, 100001) t(i);
INSERT INTO line SELECT i, 1 + i * 7919 % 100000, 1 + i * 613 % 1000, 1 + i % 5, i * 17 % 100 FROM range(1, 300001) t(i);
