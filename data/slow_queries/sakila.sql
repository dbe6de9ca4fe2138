-- id: sakila-customer-payments
SELECT c.customer_id, c.first_name, c.last_name,
       (SELECT SUM(p.amount) FROM payment p WHERE p.customer_id = c.customer_id) AS total,
       (SELECT COUNT(*) FROM rental r WHERE r.customer_id = c.customer_id) AS rentals
FROM customer c
ORDER BY total DESC
LIMIT 20;

-- id: sakila-last-rental
-- Each customer's last rental.
SELECT r.customer_id, r.rental_id, r.rental_date
FROM rental r
WHERE r.rental_date = (SELECT MAX(r2.rental_date) FROM rental r2 WHERE r2.customer_id = r.customer_id)
ORDER BY r.customer_id;

-- id: sakila-unpaid-rentals
SELECT r.rental_id, r.rental_date, r.customer_id
FROM rental r
LEFT JOIN payment p ON p.rental_id = r.rental_id
WHERE p.payment_id IS NULL;

-- id: sakila-rentals-without-payment-exists
SELECT COUNT(*) FROM rental r
WHERE NOT EXISTS (SELECT * FROM payment p WHERE p.rental_id = r.rental_id AND p.amount > 0);

-- id: sakila-films-never-rented
SELECT f.film_id, f.title
FROM film f
WHERE f.film_id NOT IN (SELECT i.film_id FROM inventory i JOIN rental r ON r.inventory_id = i.inventory_id)
ORDER BY f.title;

-- id: sakila-rentals-on-a-day
SELECT r.rental_id, r.rental_date, c.last_name
FROM rental r JOIN customer c ON c.customer_id = r.customer_id
WHERE date(r.rental_date) = '2005-07-30'
ORDER BY r.rental_date;

-- id: sakila-payments-july
SELECT p.staff_id, COUNT(*) AS payments, SUM(p.amount) AS total
FROM payment p
WHERE strftime('%Y-%m', p.payment_date) = '2005-07'
GROUP BY p.staff_id;

-- id: sakila-sales-by-store
SELECT * FROM sales_by_store;

-- id: sakila-category-revenue
SELECT cat.name, SUM(p.amount) AS revenue
FROM category cat
JOIN film_category fc ON fc.category_id = cat.category_id
JOIN film f ON f.film_id = fc.film_id
JOIN inventory i ON i.film_id = f.film_id
JOIN rental r ON r.inventory_id = i.inventory_id
JOIN payment p ON p.rental_id = r.rental_id
GROUP BY cat.name
ORDER BY revenue DESC
LIMIT 5;

-- id: sakila-film-list-search
SELECT FID, title, category, actors FROM film_list WHERE title LIKE 'AC%' ORDER BY title, actors;

-- id: sakila-overdue
SELECT c.first_name || ' ' || c.last_name AS customer, a.phone, f.title
FROM rental r
JOIN customer c ON r.customer_id = c.customer_id
JOIN address a ON c.address_id = a.address_id
JOIN inventory i ON r.inventory_id = i.inventory_id
JOIN film f ON i.film_id = f.film_id
WHERE r.return_date IS NULL
  AND julianday('2006-02-20') - julianday(r.rental_date) > f.rental_duration
ORDER BY f.title;

-- id: sakila-actors-in-horror
SELECT DISTINCT a.actor_id, a.first_name, a.last_name
FROM actor a
JOIN film_actor fa ON fa.actor_id = a.actor_id
JOIN film_category fc ON fc.film_id = fa.film_id
JOIN category c ON c.category_id = fc.category_id
WHERE c.name = 'Horror'
ORDER BY a.last_name, a.first_name;

-- id: sakila-costars
SELECT a2.first_name, a2.last_name, COUNT(*) AS films
FROM film_actor f1
JOIN film_actor f2 ON f2.film_id = f1.film_id AND f2.actor_id <> f1.actor_id
JOIN actor a2 ON a2.actor_id = f2.actor_id
WHERE f1.actor_id = 107
GROUP BY a2.actor_id
ORDER BY films DESC, a2.last_name;

-- id: sakila-running-payments
-- Balance of a customer after each payment.
SELECT p.customer_id, p.payment_id, p.amount, SUM(q.amount) AS balance
FROM payment p
JOIN payment q ON q.customer_id = p.customer_id AND q.payment_id <= p.payment_id
GROUP BY p.payment_id, p.customer_id, p.amount
ORDER BY p.customer_id, p.payment_id;

-- id: sakila-expensive-payments
SELECT p.payment_id, p.customer_id, p.amount
FROM payment p
WHERE p.amount > 3 * (SELECT AVG(x.amount) FROM payment x WHERE x.staff_id = p.staff_id)
ORDER BY p.amount DESC, p.payment_id;

-- id: sakila-customers-of-action-or-2006
SELECT DISTINCT c.customer_id, c.email
FROM customer c
JOIN rental r ON r.customer_id = c.customer_id
JOIN inventory i ON i.inventory_id = r.inventory_id
WHERE r.rental_date >= '2006-01-01' OR i.film_id = 80
ORDER BY c.customer_id;

-- id: sakila-title-length
SELECT title, length, rental_rate FROM film WHERE substr(title, 1, 3) = 'CAT' OR length / 60 >= 3 ORDER BY title;

-- id: sakila-busiest-rank
WITH counts AS (
  SELECT customer_id, COUNT(*) AS n FROM rental GROUP BY customer_id
)
SELECT a.customer_id, a.n, (SELECT COUNT(*) FROM counts b WHERE b.n > a.n) + 1 AS position
FROM counts a
ORDER BY position, a.customer_id
LIMIT 50;

-- id: sakila-top-payments-page
SELECT p.payment_id, p.amount, p.payment_date, c.first_name, c.last_name, s.username
FROM payment p
JOIN customer c ON c.customer_id = p.customer_id
JOIN staff s ON s.staff_id = p.staff_id
ORDER BY p.amount DESC, p.payment_id
LIMIT 25;

-- id: sakila-first-rental-of-film
SELECT * FROM (
  SELECT r.rental_id, r.rental_date, r.customer_id, i.film_id,
         ROW_NUMBER() OVER (PARTITION BY i.film_id ORDER BY r.rental_date, r.rental_id) AS rn
  FROM rental r JOIN inventory i ON i.inventory_id = r.inventory_id
) x
WHERE x.rn = 1 AND x.film_id BETWEEN 100 AND 120
ORDER BY x.film_id;
