-- id: northwind-customers-without-orders
SELECT CustomerID, CompanyName FROM Customers
WHERE CustomerID NOT IN (SELECT CustomerID FROM Orders WHERE CustomerID IS NOT NULL);

-- id: northwind-customers-without-orders-join
SELECT c.CustomerID, c.CompanyName, c.Phone
FROM Customers c LEFT JOIN Orders o ON c.CustomerID = o.CustomerID
WHERE o.OrderID IS NULL;

-- id: northwind-last-order
-- What did each customer order last?
SELECT o.CustomerID, o.OrderID, o.OrderDate, o.Freight
FROM Orders o
WHERE o.OrderDate = (SELECT MAX(o2.OrderDate) FROM Orders o2 WHERE o2.CustomerID = o.CustomerID)
ORDER BY o.CustomerID, o.OrderID;

-- id: northwind-order-values
SELECT o.OrderID, o.CustomerID, o.OrderDate,
       (SELECT SUM(d.UnitPrice * d.Quantity * (1 - d.Discount)) FROM "Order Details" d WHERE d.OrderID = o.OrderID) AS value
FROM Orders o
WHERE (SELECT SUM(d.UnitPrice * d.Quantity * (1 - d.Discount)) FROM "Order Details" d WHERE d.OrderID = o.OrderID) > 5000
ORDER BY value DESC;

-- id: northwind-orders-of-1997
SELECT OrderID, CustomerID, ShippedDate, Freight
FROM Orders
WHERE strftime('%Y', OrderDate) = '1997' AND strftime('%m', OrderDate) = '03'
ORDER BY OrderID;

-- id: northwind-sales-view
SELECT CustomerName, SUM(ExtendedPrice) AS sales
FROM Invoices
WHERE Country = 'Germany'
GROUP BY CustomerName
ORDER BY sales DESC;

-- id: northwind-big-orders-view
SELECT s.OrderID, s.Subtotal, o.CustomerID
FROM "Order Subtotals" s JOIN Orders o ON o.OrderID = s.OrderID
WHERE o.CustomerID = 'SAVEA'
ORDER BY s.Subtotal DESC;

-- id: northwind-products-above-category
SELECT p.ProductName, p.UnitPrice, c.CategoryName
FROM Products p JOIN Categories c ON c.CategoryID = p.CategoryID
WHERE p.UnitPrice > (SELECT AVG(q.UnitPrice) FROM Products q WHERE q.CategoryID = p.CategoryID)
ORDER BY c.CategoryName, p.UnitPrice DESC;

-- id: northwind-products-price-rank
SELECT p.ProductName, p.UnitPrice,
       (SELECT COUNT(*) + 1 FROM Products q WHERE q.UnitPrice > p.UnitPrice) AS price_rank
FROM Products p
ORDER BY price_rank, p.ProductName;

-- id: northwind-bought-together
-- Products that are often in one order.
SELECT a.ProductID AS product, b.ProductID AS other, COUNT(*) AS times
FROM "Order Details" a JOIN "Order Details" b ON a.OrderID = b.OrderID AND a.ProductID < b.ProductID
GROUP BY a.ProductID, b.ProductID
HAVING COUNT(*) >= 5
ORDER BY times DESC, product, other;

-- id: northwind-bought-chai-and-chang
SELECT DISTINCT c.CompanyName
FROM Customers c
WHERE c.CustomerID IN (SELECT o.CustomerID FROM Orders o JOIN "Order Details" d ON d.OrderID = o.OrderID WHERE d.ProductID = 1)
  AND c.CustomerID IN (SELECT o.CustomerID FROM Orders o JOIN "Order Details" d ON d.OrderID = o.OrderID WHERE d.ProductID = 2)
ORDER BY c.CompanyName;

-- id: northwind-employee-monthly
SELECT e.LastName, strftime('%Y-%m', o.OrderDate) AS month, COUNT(DISTINCT o.OrderID) AS orders,
       ROUND(SUM(d.UnitPrice * d.Quantity * (1 - d.Discount)), 2) AS revenue
FROM Employees e
JOIN Orders o ON o.EmployeeID = e.EmployeeID
JOIN "Order Details" d ON d.OrderID = o.OrderID
GROUP BY e.LastName, month
ORDER BY e.LastName, month;

-- id: northwind-late-orders
SELECT o.OrderID, c.CompanyName, julianday(o.ShippedDate) - julianday(o.RequiredDate) AS days_late
FROM Orders o LEFT JOIN Customers c ON c.CustomerID = o.CustomerID
WHERE julianday(o.ShippedDate) > julianday(o.RequiredDate)
ORDER BY days_late DESC;

-- id: northwind-suppliers-customers-cities
SELECT City FROM Customers
UNION
SELECT City FROM Suppliers
UNION
SELECT ShipCity FROM Orders
ORDER BY City;

-- id: northwind-customer-country-ship
-- The address moved, or the search box looks at both.
SELECT o.OrderID, o.ShipName, c.CompanyName
FROM Orders o JOIN Customers c ON o.CustomerID = c.CustomerID
WHERE o.ShipCountry = 'Brazil' OR c.City = 'London'
ORDER BY o.OrderID;

-- id: northwind-region-blank
SELECT OrderID, ShipName, ShipCity FROM Orders WHERE COALESCE(ShipRegion, '') = 'RJ';

-- id: northwind-orders-page-30
SELECT o.*, c.CompanyName, e.LastName
FROM Orders o
LEFT JOIN Customers c ON c.CustomerID = o.CustomerID
LEFT JOIN Employees e ON e.EmployeeID = o.EmployeeID
ORDER BY o.OrderDate DESC, o.OrderID DESC
LIMIT 20 OFFSET 600;

-- id: northwind-order-items-count
SELECT o.OrderID, o.ShipCountry, COUNT(d.ProductID) AS items
FROM Orders o LEFT JOIN "Order Details" d ON d.OrderID = o.OrderID
WHERE o.ShipCountry = 'France'
GROUP BY o.OrderID, o.ShipCountry
ORDER BY items DESC, o.OrderID;

-- id: northwind-reordered-products
SELECT p.ProductID, p.ProductName
FROM Products p
WHERE (SELECT COUNT(*) FROM "Order Details" d WHERE d.ProductID = p.ProductID AND d.Quantity > 50) > 0
ORDER BY p.ProductName;

-- id: northwind-freight-by-customer
SELECT c.CompanyName, COALESCE(t.orders, 0) AS orders, COALESCE(t.freight, 0) AS freight
FROM Customers c
LEFT JOIN (SELECT CustomerID, COUNT(*) AS orders, SUM(Freight) AS freight FROM Orders GROUP BY CustomerID) t
  ON t.CustomerID = c.CustomerID
WHERE c.Country = 'USA'
ORDER BY freight DESC;
