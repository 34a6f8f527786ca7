-- The keys that sign receipts and checkpoints, wrapped under the master key; those in use have no end.
CREATE TABLE signing_keys (
    id             TEXT COLLATE "C" PRIMARY KEY,
    purpose        TEXT COLLATE "C" NOT NULL,
    -- Of a checkpoint's key: the log's origin, the same for ever; empty of others.
    name           TEXT COLLATE "C" NOT NULL,
    public_key     BYTEA    NOT NULL,
    master_version INTEGER  NOT NULL,
    wrapped        BYTEA    NOT NULL,
    started_at     BIGINT   NOT NULL,
    ended_at       BIGINT
);
CREATE UNIQUE INDEX signing_keys_in_use ON signing_keys (purpose) WHERE ended_at IS NULL;
-- The hashes of the log's tree: rows of 256 hashes, the last of each level shorter.
CREATE TABLE log_tiles (
    level  SMALLINT NOT NULL,
    number BIGINT   NOT NULL,
    hashes BYTEA    NOT NULL,
    PRIMARY KEY (level, number)
);
-- What was signed: one root a size.
CREATE TABLE checkpoints (
    size BIGINT PRIMARY KEY,
    root BYTEA NOT NULL,
    note TEXT COLLATE "C" NOT NULL
);
-- Locked by whoever makes a signing key, adds hashes or signs.
INSERT INTO counters VALUES ('signing', 0);
