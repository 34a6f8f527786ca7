-- Who may change what, what they did, and the work that turns what a member says into what the registry vouches for.

ALTER TABLE users ADD COLUMN email TEXT COLLATE "C";
ALTER TABLE users ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'person';
ALTER TABLE users ADD COLUMN state TEXT COLLATE "C" NOT NULL DEFAULT 'active';
ALTER TABLE users ADD COLUMN created_by TEXT COLLATE "C";
ALTER TABLE users ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE INDEX users_by_organisation ON users (organisation, id);
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE email IS NOT NULL;

ALTER TABLE api_keys ADD COLUMN name TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN created_by TEXT COLLATE "C";
ALTER TABLE api_keys ADD COLUMN replaced_by TEXT COLLATE "C";
CREATE INDEX api_keys_by_owner ON api_keys (owner, id);

-- A role counts from its decision until it ends; roles that need two people wait for the second.
CREATE TABLE role_grants (
    id          TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    user_id     TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    role        TEXT COLLATE "C"   NOT NULL,
    state       TEXT COLLATE "C"   NOT NULL,
    proposed_by TEXT COLLATE "C",
    proposed_at BIGINT NOT NULL,
    decided_by  TEXT COLLATE "C",
    decided_at  BIGINT,
    ended_at    BIGINT
);
CREATE UNIQUE INDEX role_grants_open ON role_grants (user_id, role) WHERE state IN ('pending', 'active');

CREATE TABLE delegations (
    id         TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    grantor    TEXT COLLATE "C"   NOT NULL REFERENCES organisations (id),
    grantee    TEXT COLLATE "C"   NOT NULL REFERENCES organisations (id),
    scopes     TEXT COLLATE "C"   NOT NULL,
    created_by TEXT COLLATE "C"   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX delegations_by_grantor ON delegations (grantor, id);

-- The private audit chain: each event's hash covers the hash before it and a commitment to its payload.
CREATE TABLE audit_head (
    id     SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT   NOT NULL,
    hash   BYTEA     NOT NULL
);
INSERT INTO audit_head VALUES (1, 0, '\x0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE audit_events (
    number       BIGINT NOT NULL PRIMARY KEY,
    at           BIGINT NOT NULL,
    organisation TEXT COLLATE "C",
    actor        TEXT COLLATE "C",
    credential   TEXT COLLATE "C",
    action       TEXT COLLATE "C"   NOT NULL,
    subject      TEXT COLLATE "C",
    outcome      TEXT COLLATE "C"   NOT NULL,
    salt         BYTEA,
    payload      TEXT COLLATE "C",
    commitment   BYTEA   NOT NULL,
    hash         BYTEA   NOT NULL
);
CREATE INDEX audit_events_by_organisation ON audit_events (organisation, number);
CREATE INDEX audit_events_by_subject ON audit_events (subject, number);

CREATE TABLE idempotency (
    organisation   TEXT COLLATE "C"     NOT NULL,
    method         TEXT COLLATE "C"     NOT NULL,
    path           TEXT COLLATE "C"     NOT NULL,
    key            TEXT COLLATE "C"     NOT NULL,
    request_digest BYTEA     NOT NULL,
    status         SMALLINT NOT NULL,
    etag           TEXT COLLATE "C",
    body           TEXT COLLATE "C"     NOT NULL,
    created_at     BIGINT   NOT NULL,
    PRIMARY KEY (organisation, method, path, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- What a member (or an operator for it) wants a VASP's record to be; what readers see are facts.
CREATE TABLE submissions (
    vasp         TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    organisation TEXT COLLATE "C"   NOT NULL REFERENCES organisations (id),
    status       TEXT COLLATE "C"   NOT NULL,
    version      BIGINT NOT NULL,
    body         TEXT COLLATE "C"   NOT NULL,
    approved     TEXT COLLATE "C",
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX submissions_by_organisation ON submissions (organisation);

CREATE TABLE cases (
    id              TEXT COLLATE "C"     NOT NULL PRIMARY KEY,
    vasp            TEXT COLLATE "C"     NOT NULL,
    status          TEXT COLLATE "C"     NOT NULL,
    risk            SMALLINT NOT NULL,
    version         BIGINT   NOT NULL,
    opened_at       BIGINT   NOT NULL,
    due_at          BIGINT   NOT NULL,
    assignee        TEXT COLLATE "C",
    decision        TEXT COLLATE "C",
    reason          TEXT COLLATE "C",
    target          TEXT COLLATE "C",
    proposed_by     TEXT COLLATE "C",
    proposed_with   TEXT COLLATE "C",
    proposed_at     BIGINT,
    proposal_digest TEXT COLLATE "C",
    decided_by      TEXT COLLATE "C",
    closed_at       BIGINT,
    outcome         TEXT COLLATE "C"
);
CREATE UNIQUE INDEX cases_open ON cases (vasp) WHERE closed_at IS NULL;
CREATE INDEX cases_by_queue ON cases (risk DESC, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX cases_by_vasp ON cases (vasp, id);

CREATE TABLE case_triggers (
    case_id TEXT COLLATE "C"    NOT NULL REFERENCES cases (id),
    number  INTEGER NOT NULL,
    kind    TEXT COLLATE "C"    NOT NULL,
    detail  TEXT COLLATE "C"    NOT NULL,
    at      BIGINT  NOT NULL,
    PRIMARY KEY (case_id, number)
);
CREATE INDEX case_triggers_by_kind ON case_triggers (kind, case_id);

CREATE TABLE case_entries (
    case_id  TEXT COLLATE "C"    NOT NULL REFERENCES cases (id),
    number   INTEGER NOT NULL,
    kind     TEXT COLLATE "C"    NOT NULL,
    audience TEXT COLLATE "C"    NOT NULL,
    actor    TEXT COLLATE "C",
    at       BIGINT  NOT NULL,
    body     TEXT COLLATE "C"    NOT NULL,
    PRIMARY KEY (case_id, number)
);

-- Evidence for one attribute of a record. It counts publicly between seq_from and seq_to; before its case is decided it has none.
CREATE TABLE evidence (
    id           TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    vasp         TEXT COLLATE "C"   NOT NULL,
    attribute    TEXT COLLATE "C"   NOT NULL,
    value_digest BYTEA,
    method       TEXT COLLATE "C"   NOT NULL,
    source       TEXT COLLATE "C"   NOT NULL,
    reference    TEXT COLLATE "C",
    document     TEXT COLLATE "C",
    verifier     TEXT COLLATE "C",
    case_id      TEXT COLLATE "C",
    verified_at  BIGINT NOT NULL,
    expires_at   BIGINT,
    expiry_noted BIGINT,
    seq_from     BIGINT,
    seq_to       BIGINT
);
CREATE INDEX evidence_by_vasp ON evidence (vasp, id);
CREATE INDEX evidence_by_seq_from ON evidence (seq_from) WHERE seq_from IS NOT NULL;
CREATE INDEX evidence_by_seq_to ON evidence (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX evidence_by_expiry ON evidence (expires_at) WHERE expiry_noted IS NULL AND expires_at IS NOT NULL;
