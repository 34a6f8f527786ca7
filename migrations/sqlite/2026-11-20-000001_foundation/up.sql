-- Instants are microseconds since the Unix epoch, dates ISO 8601 text, numbers of records never reused.

CREATE TABLE log_head (
    id          SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence    BIGINT   NOT NULL,
    recorded_at BIGINT   NOT NULL,
    frontier    BLOB     NOT NULL
);
INSERT INTO log_head VALUES (1, 0, 0, X'');

CREATE TABLE changes (
    sequence           BIGINT   NOT NULL PRIMARY KEY,
    kind               TEXT     NOT NULL,
    audience           TEXT     NOT NULL,
    recorded_at        BIGINT   NOT NULL,
    payload_commitment BLOB     NOT NULL,
    subject            BIGINT,
    ends_transaction   SMALLINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX changes_by_subject ON changes (subject, sequence) WHERE subject IS NOT NULL;
CREATE INDEX changes_by_time ON changes (recorded_at);

CREATE TABLE change_payloads (
    sequence BIGINT NOT NULL PRIMARY KEY REFERENCES changes (sequence),
    salt     BLOB   NOT NULL,
    payload  TEXT   NOT NULL
) WITHOUT ROWID;

CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES ('vasps', 0), ('claims', 0), ('claim_batches', 0), ('credentials_revision', 0);

CREATE TABLE vasps (
    number BIGINT   NOT NULL PRIMARY KEY,
    id     TEXT     NOT NULL UNIQUE,
    kind   SMALLINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE licences (
    id        TEXT   NOT NULL PRIMARY KEY,
    vasp      BIGINT NOT NULL REFERENCES vasps (number),
    authority TEXT   NOT NULL,
    regime    TEXT   NOT NULL,
    UNIQUE (vasp, authority, regime)
) WITHOUT ROWID;

CREATE TABLE facts (
    number     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    vasp       BIGINT  NOT NULL REFERENCES vasps (number),
    licence    TEXT    NOT NULL DEFAULT '',
    origin     TEXT    NOT NULL,
    attribute  TEXT    NOT NULL,
    item       TEXT    NOT NULL DEFAULT '',
    value      TEXT    NOT NULL,
    source     TEXT    NOT NULL,
    valid_from TEXT,
    valid_to   TEXT,
    seq_from   BIGINT  NOT NULL,
    seq_to     BIGINT
);
CREATE UNIQUE INDEX facts_current ON facts (vasp, licence, origin, attribute, item, coalesce(valid_from, '')) WHERE seq_to IS NULL;
CREATE INDEX facts_by_vasp ON facts (vasp, seq_from);
CREATE INDEX facts_by_seq_from ON facts (seq_from);
CREATE INDEX facts_by_seq_to ON facts (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX facts_by_value ON facts (attribute, value) WHERE attribute IN ('lei', 'register_name', 'entity_key');

CREATE TABLE snapshots (
    register    TEXT   NOT NULL,
    observed_on TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    digest      BLOB   NOT NULL,
    entities    BIGINT NOT NULL,
    seq_from    BIGINT NOT NULL PRIMARY KEY
) WITHOUT ROWID;
CREATE INDEX snapshots_by_date ON snapshots (register, observed_on);

CREATE TABLE claim_batches (
    number      BIGINT   NOT NULL PRIMARY KEY,
    source      TEXT     NOT NULL,
    source_key  TEXT     NOT NULL,
    method      TEXT     NOT NULL,
    strength    SMALLINT NOT NULL,
    visibility  SMALLINT NOT NULL,
    row_count   BIGINT   NOT NULL,
    root        BLOB     NOT NULL,
    seed        BLOB     NOT NULL,
    verified_at BIGINT,
    seq_from    BIGINT   NOT NULL
) WITHOUT ROWID;
CREATE INDEX claim_batches_by_seq ON claim_batches (seq_from);

CREATE TABLE claims (
    network     INTEGER  NOT NULL,
    account_key BLOB     NOT NULL,
    memo        TEXT     NOT NULL,
    number      BIGINT   NOT NULL,
    vasp        BIGINT   NOT NULL,
    batch       BIGINT   NOT NULL,
    position    INTEGER  NOT NULL,
    role        SMALLINT NOT NULL,
    confidence  SMALLINT,
    asserted_at BIGINT,
    expires_at  BIGINT,
    seq_to      BIGINT,
    PRIMARY KEY (network, account_key, memo, number)
) WITHOUT ROWID;
CREATE INDEX claims_by_batch ON claims (batch, position);
CREATE INDEX claims_by_end ON claims (seq_to) WHERE seq_to IS NOT NULL;

CREATE TABLE documents (
    kind        TEXT   NOT NULL,
    version     TEXT   NOT NULL,
    observed_on TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    digest      BLOB   NOT NULL,
    body        TEXT   NOT NULL,
    seq_from    BIGINT NOT NULL PRIMARY KEY
) WITHOUT ROWID;
CREATE INDEX documents_by_kind ON documents (kind, observed_on, seq_from);

CREATE TABLE wrapped_keys (
    name           TEXT    NOT NULL PRIMARY KEY,
    master_version INTEGER NOT NULL,
    wrapped        BLOB    NOT NULL
) WITHOUT ROWID;

CREATE TABLE organisations (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    vasp       TEXT,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    id           TEXT   NOT NULL PRIMARY KEY,
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    name         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_keys (
    id            TEXT   NOT NULL PRIMARY KEY,
    owner         TEXT   NOT NULL REFERENCES users (id),
    scopes        TEXT   NOT NULL,
    secret_sha256 BLOB   NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT,
    revoked_at    BIGINT
) WITHOUT ROWID;

CREATE TABLE prechecks (
    id           TEXT   NOT NULL PRIMARY KEY,
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    recorded_at  BIGINT NOT NULL,
    sequence     BIGINT NOT NULL,
    sealed       BLOB   NOT NULL
) WITHOUT ROWID;
