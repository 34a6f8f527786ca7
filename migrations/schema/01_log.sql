-- The log: what happened, in the order in which it was recorded.

CREATE TABLE log_head (
    id          SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence    BIGINT   NOT NULL,
    recorded_at BIGINT   NOT NULL,
    frontier    BYTES    NOT NULL
);
INSERT INTO log_head VALUES (1, 0, 0, BYTES '');

-- The kinds and audiences of changes are closed lists of the program; they have no CHECK here, because tables of the log are never
-- altered and later versions add kinds.
CREATE TABLE changes (
    sequence           BIGINT   NOT NULL PRIMARY KEY,
    kind               TEXT     NOT NULL,
    audience           TEXT     NOT NULL,
    recorded_at        BIGINT   NOT NULL,
    payload_commitment BYTES    NOT NULL,
    -- Number of the VASP that it is about.
    subject            BIGINT,
    -- Whether it is the last change of its transaction.
    ends_transaction   SMALLINT NOT NULL CHECK (ends_transaction IN (0, 1))
);
CREATE INDEX changes_by_subject ON changes (subject, sequence) WHERE subject IS NOT NULL;
CREATE INDEX changes_by_time ON changes (recorded_at);

CREATE TABLE change_payloads (
    sequence BIGINT NOT NULL PRIMARY KEY REFERENCES changes (sequence),
    salt     BYTES  NOT NULL,
    payload  TEXT   NOT NULL
) ROWID;

-- The hashes of the log's tree: rows of 256 hashes; the last row of each level may be shorter.
CREATE TABLE log_tiles (
    level  SMALLINT NOT NULL,
    number BIGINT   NOT NULL,
    hashes BYTES    NOT NULL,
    PRIMARY KEY (level, number)
) ROWID;

-- What was signed: one root for each size.
CREATE TABLE checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTES  NOT NULL,
    note TEXT   NOT NULL
);

-- The private audit chain: each event's hash covers the hash before it and a commitment to its payload.
CREATE TABLE audit_head (
    id     SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT   NOT NULL,
    hash   BYTES    NOT NULL
);
INSERT INTO audit_head VALUES (1, 0, BYTES '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE audit_events (
    number       BIGINT NOT NULL PRIMARY KEY,
    at           BIGINT NOT NULL,
    organisation TEXT,
    actor        TEXT,
    credential   TEXT,
    action       TEXT   NOT NULL,
    subject      TEXT,
    outcome      TEXT   NOT NULL CHECK (outcome IN ('done', 'refused')),
    salt         BYTES,
    payload      TEXT,
    commitment   BYTES  NOT NULL,
    hash         BYTES  NOT NULL
);
CREATE INDEX audit_events_by_organisation ON audit_events (organisation, number);
CREATE INDEX audit_events_by_subject ON audit_events (subject, number);

-- The last number of each series; a row is also what writers of the same thing lock.
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters VALUES
    ('vasps', 0), ('claims', 0), ('claim_batches', 0),
    -- The last day, in days since 1970, on which members were told which claims end.
    ('claim_ends_told', 0),
    -- Rises when credentials change.
    ('credentials_revision', 0),
    -- Rises when an organisation changes what it keeps for itself.
    ('private_revision', 0),
    -- Locked by whoever finds a domain proven, so that of two at once one sees the other.
    ('domain_proofs', 0),
    -- Locked by whoever makes or changes a certificate authority.
    ('ca', 0),
    -- Locked by whoever makes a signing key, adds hashes or signs.
    ('signing', 0),
    -- Rises with each commit, on SQLite only: an older copy of the file has a lower value.
    ('commits', 0);
