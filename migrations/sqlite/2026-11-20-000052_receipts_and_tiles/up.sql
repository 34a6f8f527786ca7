-- The keys that sign receipts and checkpoints, wrapped under the master key; those in use have no end.
CREATE TABLE signing_keys (
    id             TEXT     NOT NULL PRIMARY KEY,
    purpose        TEXT     NOT NULL,
    -- Of a checkpoint's key: the log's origin, the same for ever; empty of others.
    name           TEXT     NOT NULL,
    public_key     BLOB     NOT NULL,
    master_version INTEGER  NOT NULL,
    wrapped        BLOB     NOT NULL,
    started_at     BIGINT   NOT NULL,
    ended_at       BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX signing_keys_in_use ON signing_keys (purpose) WHERE ended_at IS NULL;
-- The hashes of the log's tree: rows of 256 hashes, the last of each level shorter.
CREATE TABLE log_tiles (
    level  SMALLINT NOT NULL,
    number BIGINT   NOT NULL,
    hashes BLOB     NOT NULL,
    PRIMARY KEY (level, number)
) WITHOUT ROWID;
-- What was signed: one root a size.
CREATE TABLE checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    root BLOB   NOT NULL,
    note TEXT   NOT NULL
) WITHOUT ROWID;
-- Locked by whoever makes a signing key, adds hashes or signs.
INSERT INTO counters VALUES ('signing', 0);
