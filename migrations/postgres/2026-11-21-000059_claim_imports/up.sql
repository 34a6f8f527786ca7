-- Imports of claims that are under way, or were when their process was killed. Their rows stand in `claims` already and count for
-- nothing, as no batch of theirs is in `claim_batches` before the last of them.

CREATE TABLE claim_imports (
    -- SHA-256 of the file; of what cannot be read again a random number.
    digest     BYTEA   NOT NULL PRIMARY KEY,
    file       TEXT COLLATE "C"   NOT NULL,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Rows of the file whose claims are written; -1: they are being removed.
    rows_read  BIGINT NOT NULL,
    -- JSON: batches, groups and report so far.
    state      TEXT COLLATE "C"   NOT NULL
);
