-- Lists in words what others changed on the registry's tables of a PostgreSQL database; 'none' if nothing. The migrations make no triggers, rules
-- and row security, and every reference is `NO ACTION`. Tables of other programs in the schema are left out; a newer program may have added
-- constraints. Source: PostgreSQL, "System Catalogs".
WITH own (name, constraints) AS (VALUES {tables}),
     wanted (name, partial) AS (VALUES {indexes}),
     keys (name, columns) AS (VALUES {keys}),
     tables AS (
         SELECT c.oid AS number, relname, relrowsecurity, relpersistence, constraints
         FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace JOIN own ON name = relname WHERE nspname = current_schema()),
     parts AS (
         SELECT c.oid AS number, c.relname, c.relrowsecurity, c.relpersistence, 0 AS constraints
         FROM pg_inherits JOIN tables ON number = inhparent JOIN pg_class c ON c.oid = inhrelid),
     every AS (SELECT * FROM tables UNION ALL SELECT * FROM parts),
     made (what) AS (
         -- May undo what is written, does something else instead, hides rows.
         SELECT 'trigger ' || tgname || ' on ' || relname FROM pg_trigger JOIN every ON number = tgrelid WHERE NOT tgisinternal AND tgenabled <> 'D'
         UNION ALL SELECT 'rule ' || rulename || ' on ' || relname FROM pg_rewrite JOIN every ON number = ev_class WHERE rulename <> '_RETURN'
         UNION ALL SELECT 'row security on ' || relname FROM every WHERE relrowsecurity
         -- A crash of the database empties it.
         UNION ALL SELECT 'not logged: ' || relname FROM every WHERE relpersistence <> 'p'
         -- There may be rows that must not be.
         UNION ALL SELECT DISTINCT 'references switched off on ' || relname FROM pg_trigger JOIN every ON number = tgrelid
             WHERE tgisinternal AND tgenabled NOT IN ('O', 'A')
         UNION ALL SELECT 'a constraint taken from ' || relname FROM tables WHERE constraints > (
             SELECT count(*) FROM pg_constraint
             WHERE conrelid = number AND contype IN ('p', 'u', 'f', 'c') AND convalidated AND confdeltype IN (' ', 'a'))
         UNION ALL SELECT 'the key (' || columns || ') taken from ' || name FROM keys JOIN tables ON relname = name
             WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = number AND contype IN ('p', 'u') AND columns = (
                 SELECT string_agg(attname::text, ',' ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS key (column_number, place)
                 JOIN pg_attribute ON attrelid = number AND attnum = column_number))
         UNION ALL SELECT 'unique index ' || name || ' taken away' FROM wanted WHERE NOT EXISTS (
             SELECT FROM pg_index JOIN tables ON number = indrelid JOIN pg_class i ON i.oid = indexrelid
             WHERE i.relname = name AND indisunique AND indisvalid AND (indpred IS NOT NULL) = partial))
SELECT COALESCE(string_agg(what, ', '), 'none') AS value FROM made
