-- Who may change what, what they did, and the work that turns what a member says into what the registry vouches for.

ALTER TABLE users ADD COLUMN email TEXT;
ALTER TABLE users ADD COLUMN kind TEXT NOT NULL DEFAULT 'person';
ALTER TABLE users ADD COLUMN state TEXT NOT NULL DEFAULT 'active';
ALTER TABLE users ADD COLUMN created_by TEXT;
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE INDEX users_by_organisation ON users (organisation, id);
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE email IS NOT NULL;

ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN created_by TEXT;
ALTER TABLE api_keys ADD COLUMN replaced_by TEXT;
CREATE INDEX api_keys_by_owner ON api_keys (owner, id);

-- A role counts from its decision until it ends; roles that need two people wait for the second.
CREATE TABLE role_grants (
    id          TEXT   NOT NULL PRIMARY KEY,
    user_id     TEXT   NOT NULL REFERENCES users (id),
    role        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    proposed_by TEXT,
    proposed_at BIGINT NOT NULL,
    decided_by  TEXT,
    decided_at  BIGINT,
    ended_at    BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX role_grants_open ON role_grants (user_id, role) WHERE state IN ('pending', 'active');

CREATE TABLE delegations (
    id         TEXT   NOT NULL PRIMARY KEY,
    grantor    TEXT   NOT NULL REFERENCES organisations (id),
    grantee    TEXT   NOT NULL REFERENCES organisations (id),
    scopes     TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
) WITHOUT ROWID;
CREATE INDEX delegations_by_grantor ON delegations (grantor, id);

-- The private audit chain: each event's hash covers the hash before it and a commitment to its payload.
CREATE TABLE audit_head (
    id     SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT   NOT NULL,
    hash   BLOB     NOT NULL
);
INSERT INTO audit_head VALUES (1, 0, X'0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE audit_events (
    number       BIGINT NOT NULL PRIMARY KEY,
    at           BIGINT NOT NULL,
    organisation TEXT,
    actor        TEXT,
    credential   TEXT,
    action       TEXT   NOT NULL,
    subject      TEXT,
    outcome      TEXT   NOT NULL,
    salt         BLOB,
    payload      TEXT,
    commitment   BLOB   NOT NULL,
    hash         BLOB   NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_events_by_organisation ON audit_events (organisation, number);
CREATE INDEX audit_events_by_subject ON audit_events (subject, number);

CREATE TABLE idempotency (
    organisation   TEXT     NOT NULL,
    method         TEXT     NOT NULL,
    path           TEXT     NOT NULL,
    key            TEXT     NOT NULL,
    request_digest BLOB     NOT NULL,
    status         SMALLINT NOT NULL,
    etag           TEXT,
    body           TEXT     NOT NULL,
    created_at     BIGINT   NOT NULL,
    PRIMARY KEY (organisation, method, path, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- What a member (or an operator for it) wants a VASP's record to be; what readers see are facts.
CREATE TABLE submissions (
    vasp         TEXT   NOT NULL PRIMARY KEY,
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    status       TEXT   NOT NULL,
    version      BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    approved     TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX submissions_by_organisation ON submissions (organisation);

CREATE TABLE cases (
    id              TEXT     NOT NULL PRIMARY KEY,
    vasp            TEXT     NOT NULL,
    status          TEXT     NOT NULL,
    risk            SMALLINT NOT NULL,
    version         BIGINT   NOT NULL,
    opened_at       BIGINT   NOT NULL,
    due_at          BIGINT   NOT NULL,
    assignee        TEXT,
    decision        TEXT,
    reason          TEXT,
    target          TEXT,
    proposed_by     TEXT,
    proposed_with   TEXT,
    proposed_at     BIGINT,
    proposal_digest TEXT,
    decided_by      TEXT,
    closed_at       BIGINT,
    outcome         TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX cases_open ON cases (vasp) WHERE closed_at IS NULL;
CREATE INDEX cases_by_queue ON cases (risk DESC, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX cases_by_vasp ON cases (vasp, id);

CREATE TABLE case_triggers (
    case_id TEXT    NOT NULL REFERENCES cases (id),
    number  INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    detail  TEXT    NOT NULL,
    at      BIGINT  NOT NULL,
    PRIMARY KEY (case_id, number)
) WITHOUT ROWID;
CREATE INDEX case_triggers_by_kind ON case_triggers (kind, case_id);

CREATE TABLE case_entries (
    case_id  TEXT    NOT NULL REFERENCES cases (id),
    number   INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    audience TEXT    NOT NULL,
    actor    TEXT,
    at       BIGINT  NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (case_id, number)
) WITHOUT ROWID;

-- Evidence for one attribute of a record. It counts publicly between seq_from and seq_to; before its case is decided it has none.
CREATE TABLE evidence (
    id           TEXT   NOT NULL PRIMARY KEY,
    vasp         TEXT   NOT NULL,
    attribute    TEXT   NOT NULL,
    value_digest BLOB,
    method       TEXT   NOT NULL,
    source       TEXT   NOT NULL,
    reference    TEXT,
    document     TEXT,
    verifier     TEXT,
    case_id      TEXT,
    verified_at  BIGINT NOT NULL,
    expires_at   BIGINT,
    expiry_noted BIGINT,
    seq_from     BIGINT,
    seq_to       BIGINT
) WITHOUT ROWID;
CREATE INDEX evidence_by_vasp ON evidence (vasp, id);
CREATE INDEX evidence_by_seq_from ON evidence (seq_from) WHERE seq_from IS NOT NULL;
CREATE INDEX evidence_by_seq_to ON evidence (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX evidence_by_expiry ON evidence (expires_at) WHERE expiry_noted IS NULL AND expires_at IS NOT NULL;
