-- Files that nodes keep of the index of claims, for starting without reading every claim. A file that is not here is not believed: it
-- may be torn, or of another database, or of a past that a restored backup does not share.

CREATE TABLE claim_index_files (
    -- SHA-256 of the file.
    digest   BLOB   NOT NULL PRIMARY KEY,
    -- The sequence of the log at which the file shows the claims.
    sequence BIGINT NOT NULL
) WITHOUT ROWID;
