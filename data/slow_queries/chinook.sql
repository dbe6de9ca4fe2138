-- id: chinook-customer-spend
-- Customer list with what each spent, how often and when last, as a junior developer adds columns one by one.
SELECT c.CustomerId, c.FirstName || ' ' || c.LastName AS customer,
       (SELECT SUM(i.Total) FROM Invoice i WHERE i.CustomerId = c.CustomerId) AS spent,
       (SELECT COUNT(*) FROM Invoice i WHERE i.CustomerId = c.CustomerId) AS invoices,
       (SELECT MAX(i.InvoiceDate) FROM Invoice i WHERE i.CustomerId = c.CustomerId) AS last_invoice
FROM Customer c
ORDER BY spent DESC;

-- id: chinook-tracks-longer-than-album
SELECT t.TrackId, t.Name, t.Milliseconds
FROM Track t
WHERE t.Milliseconds > (SELECT AVG(t2.Milliseconds) FROM Track t2 WHERE t2.AlbumId = t.AlbumId)
ORDER BY t.Milliseconds DESC;

-- id: chinook-tracks-longer-than-genre
SELECT t.Name, g.Name AS genre, t.Milliseconds
FROM Track t
JOIN Genre g ON g.GenreId = t.GenreId
WHERE t.Milliseconds > 2 * (SELECT AVG(x.Milliseconds) FROM Track x WHERE x.GenreId = t.GenreId);

-- id: chinook-never-sold
SELECT Name FROM Track
WHERE TrackId NOT IN (SELECT TrackId FROM InvoiceLine)
ORDER BY Name;

-- id: chinook-rock-listeners
-- Everyone who ever bought a rock track.
SELECT DISTINCT c.Email, c.FirstName, c.LastName, g.Name
FROM Customer c
JOIN Invoice i ON c.CustomerId = i.CustomerId
JOIN InvoiceLine il ON i.InvoiceId = il.InvoiceId
JOIN Track t ON il.TrackId = t.TrackId
JOIN Genre g ON t.GenreId = g.GenreId
WHERE g.Name = 'Rock'
ORDER BY c.Email;

-- id: chinook-sales-by-year
SELECT strftime('%Y', InvoiceDate) AS year, BillingCountry, SUM(Total) AS revenue
FROM Invoice
GROUP BY year, BillingCountry
ORDER BY year, revenue DESC;

-- id: chinook-invoices-2023
SELECT InvoiceId, CustomerId, InvoiceDate, Total
FROM Invoice
WHERE strftime('%Y', InvoiceDate) = '2023'
ORDER BY InvoiceDate;

-- id: chinook-best-seller-per-genre
WITH sales AS (
  SELECT t.GenreId, t.TrackId, t.Name, SUM(il.Quantity) AS sold
  FROM Track t JOIN InvoiceLine il ON il.TrackId = t.TrackId
  GROUP BY t.GenreId, t.TrackId, t.Name
)
SELECT g.Name AS genre, s.Name AS track, s.sold
FROM sales s
JOIN Genre g ON g.GenreId = s.GenreId
WHERE s.sold = (SELECT MAX(s2.sold) FROM sales s2 WHERE s2.GenreId = s.GenreId)
ORDER BY genre, track;

-- id: chinook-top-country-customer
-- The customer who spent most in each country.
WITH spend AS (
  SELECT c.CustomerId, c.FirstName, c.LastName, c.Country, SUM(i.Total) AS total
  FROM Customer c JOIN Invoice i ON i.CustomerId = c.CustomerId
  GROUP BY c.CustomerId, c.FirstName, c.LastName, c.Country
)
SELECT a.Country, a.FirstName, a.LastName, a.total
FROM spend a
LEFT JOIN spend b ON a.Country = b.Country AND a.total < b.total
WHERE b.CustomerId IS NULL
ORDER BY a.Country;

-- id: chinook-running-total
SELECT i.InvoiceId, i.InvoiceDate, i.Total,
       (SELECT SUM(p.Total) FROM Invoice p WHERE p.InvoiceId <= i.InvoiceId) AS running_total
FROM Invoice i
ORDER BY i.InvoiceId;

-- id: chinook-customer-nth-invoice
SELECT i.CustomerId, i.InvoiceId, i.InvoiceDate,
       (SELECT COUNT(*) FROM Invoice j
        WHERE j.CustomerId = i.CustomerId AND j.InvoiceId <= i.InvoiceId) AS nth
FROM Invoice i
ORDER BY i.CustomerId, nth;

-- id: chinook-playlist-search
SELECT t.TrackId, t.Name, t.Composer
FROM Track t
WHERE LOWER(t.Name) LIKE '%love%' OR LOWER(t.Composer) LIKE '%love%'
ORDER BY t.Name;

-- id: chinook-composer-lookup
SELECT TrackId, Name, Milliseconds, UnitPrice FROM Track WHERE UPPER(Composer) = 'AC/DC';

-- id: chinook-artists-with-tracks-in-playlist
-- The way an ORM asks: does a related row exist, level by level.
SELECT ar.ArtistId, ar.Name
FROM Artist ar
WHERE EXISTS (SELECT 1 FROM Album al WHERE al.ArtistId = ar.ArtistId
              AND EXISTS (SELECT 1 FROM Track t WHERE t.AlbumId = al.AlbumId
                          AND EXISTS (SELECT 1 FROM PlaylistTrack pt
                                      WHERE pt.TrackId = t.TrackId AND pt.PlaylistId = 17)))
ORDER BY ar.Name;

-- id: chinook-same-price-pairs
-- Pairs of albums by one artist.
SELECT a1.Title, a2.Title
FROM Album a1, Album a2
WHERE a1.ArtistId = a2.ArtistId AND a1.AlbumId < a2.AlbumId
ORDER BY a1.Title, a2.Title;

-- id: chinook-employee-sales
SELECT e.EmployeeId, e.FirstName, e.LastName, COUNT(DISTINCT c.CustomerId) AS customers,
       COUNT(i.InvoiceId) AS invoices, SUM(i.Total) AS revenue
FROM Employee e
LEFT JOIN Customer c ON c.SupportRepId = e.EmployeeId
LEFT JOIN Invoice i ON i.CustomerId = c.CustomerId
GROUP BY e.EmployeeId, e.FirstName, e.LastName
ORDER BY revenue DESC;

-- id: chinook-genre-revenue
SELECT g.Name, SUM(il.UnitPrice * il.Quantity) AS revenue, COUNT(*) AS lines
FROM InvoiceLine il
JOIN Track t ON t.TrackId = il.TrackId
JOIN Genre g ON g.GenreId = t.GenreId
JOIN MediaType m ON m.MediaTypeId = t.MediaTypeId
GROUP BY g.Name
HAVING SUM(il.UnitPrice * il.Quantity) > 10
ORDER BY revenue DESC;

-- id: chinook-purchases-of-long-or-pricey
SELECT i.InvoiceId, i.InvoiceDate, t.Name
FROM Invoice i
JOIN InvoiceLine il ON il.InvoiceId = i.InvoiceId
JOIN Track t ON t.TrackId = il.TrackId
WHERE t.Milliseconds > 2000000 OR i.Total > 20
ORDER BY i.InvoiceId;

-- id: chinook-dashboard-counters
SELECT (SELECT COUNT(*) FROM Track WHERE UnitPrice > 0.99) AS premium,
       (SELECT COUNT(*) FROM Track WHERE UnitPrice <= 0.99) AS normal,
       (SELECT COUNT(*) FROM Track WHERE Composer IS NULL) AS without_composer,
       (SELECT AVG(Milliseconds) FROM Track) AS average_length,
       (SELECT MAX(Milliseconds) FROM Track) AS longest;

-- id: chinook-customers-above-average
SELECT c.CustomerId, c.LastName, SUM(i.Total) AS total
FROM Customer c JOIN Invoice i ON i.CustomerId = c.CustomerId
GROUP BY c.CustomerId, c.LastName
HAVING SUM(i.Total) > (SELECT AVG(x.t) FROM (SELECT SUM(Total) AS t FROM Invoice GROUP BY CustomerId) x)
ORDER BY total DESC;
