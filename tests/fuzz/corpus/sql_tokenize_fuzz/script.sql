-- a comment; with a semicolon
CREATE UNIQUE INDEX i ON t(a, lower(b)) WHERE c > 0; /* and /* one more */ SELECT 'it''s', 1.5e-3, :name, ?1 FROM t;;
