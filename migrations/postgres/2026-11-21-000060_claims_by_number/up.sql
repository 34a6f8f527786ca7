-- Of SQLite's table only: here the key stands in the one index that is the primary key.
SELECT 1;
