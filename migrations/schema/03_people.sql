-- Organisations, their people and credentials.

CREATE TABLE organisations (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    kind       TEXT   NOT NULL CHECK (kind IN ('operator', 'member', 'gateway')),
    vasp       TEXT,
    version    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at  BIGINT,
    own_address_budget BIGINT
);

CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    organisation  TEXT   NOT NULL REFERENCES organisations (id),
    name          TEXT   NOT NULL,
    email         TEXT,
    kind          TEXT   NOT NULL CHECK (kind IN ('person', 'machine')),
    state         TEXT   NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    -- The state before the user was disabled.
    disabled_from TEXT CHECK (disabled_from IN ('invited', 'active', 'disabled')),
    version       BIGINT NOT NULL,
    created_by    TEXT,
    -- The credential with which the user was made: whoever made that credential answers for the user too.
    created_with  TEXT,
    -- Who was handed the enrolment link to pass it on; null where it went by mail or an account at a provider is bound.
    link_held_by  TEXT,
    -- 1: one of the first two people of the organisation, made on the command line or by an operator.
    founder       SMALLINT NOT NULL CHECK (founder IN (0, 1)),
    created_at    BIGINT NOT NULL
);
CREATE INDEX users_by_organisation ON users (organisation, id);
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE email IS NOT NULL;

CREATE TABLE api_keys (
    id                 TEXT   NOT NULL PRIMARY KEY,
    owner              TEXT   NOT NULL REFERENCES users (id),
    name               TEXT   NOT NULL,
    -- Separated by blanks.
    scopes             TEXT   NOT NULL,
    secret_sha256      BYTES  NOT NULL,
    -- The key counts only over a connection with this client certificate.
    certificate_sha256 BYTES,
    -- A publishable key: the origins of the web pages on which it works, separated by blanks; null: the key is secret.
    origins            TEXT,
    created_by         TEXT,
    created_with       TEXT,
    replaced_by        TEXT,
    created_at         BIGINT NOT NULL,
    expires_at         BIGINT,
    revoked_at         BIGINT
);
CREATE INDEX api_keys_by_owner ON api_keys (owner, id);

-- Client certificates that speak for a user.
CREATE TABLE client_certificates (
    id                 TEXT     NOT NULL PRIMARY KEY,
    owner              TEXT     NOT NULL REFERENCES users (id),
    name               TEXT     NOT NULL,
    scopes             TEXT     NOT NULL,
    sha256             BYTES    NOT NULL,
    spki_sha256        BYTES    NOT NULL,
    subject            TEXT     NOT NULL,
    issuer             TEXT     NOT NULL,
    serial             TEXT     NOT NULL,
    key                TEXT     NOT NULL,
    not_before         BIGINT   NOT NULL,
    not_after          BIGINT   NOT NULL,
    issued_by_registry SMALLINT NOT NULL CHECK (issued_by_registry IN (0, 1)),
    created_by         TEXT     NOT NULL,
    created_with       TEXT     NOT NULL,
    created_at         BIGINT   NOT NULL,
    expires_at         BIGINT   NOT NULL,
    revoked_at         BIGINT
);
CREATE UNIQUE INDEX client_certificates_live ON client_certificates (sha256) WHERE revoked_at IS NULL;
CREATE INDEX client_certificates_by_owner ON client_certificates (owner, id);

-- When a credential was used last. Apart from the credentials, so that noting a use never waits for a change of them, nor hinders one.
CREATE TABLE credential_uses (
    credential TEXT NOT NULL PRIMARY KEY,
    used_on    TEXT NOT NULL
);

-- A role counts from its decision until it ends; roles that need two people wait for the second.
CREATE TABLE role_grants (
    id            TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    role          TEXT   NOT NULL CHECK (role IN ('reviewer', 'approver', 'admin', 'editor', 'compliance', 'senior_management')),
    state         TEXT   NOT NULL CHECK (state IN ('pending', 'active', 'ended', 'declined')),
    ended_at      BIGINT
);
CREATE UNIQUE INDEX role_grants_open ON role_grants (user_id, role) WHERE state IN ('pending', 'active');
CREATE INDEX role_grants_pending ON role_grants (id) WHERE state = 'pending';

-- Gateways that act for a member.
CREATE TABLE delegations (
    id         TEXT   NOT NULL PRIMARY KEY,
    grantor    TEXT   NOT NULL REFERENCES organisations (id),
    grantee    TEXT   NOT NULL REFERENCES organisations (id),
    scopes     TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX delegations_by_grantor ON delegations (grantor, id);
CREATE INDEX delegations_by_grantee ON delegations (grantee, id);

-- Answers to writes that a user sent with an Idempotency-Key.
CREATE TABLE idempotency (
    user_id        TEXT     NOT NULL,
    method         TEXT     NOT NULL,
    path           TEXT     NOT NULL,
    key            TEXT     NOT NULL,
    request_digest BYTES    NOT NULL,
    status         SMALLINT NOT NULL,
    etag           TEXT,
    body           TEXT     NOT NULL,
    created_at     BIGINT   NOT NULL,
    PRIMARY KEY (user_id, method, path, key)
);
CREATE INDEX idempotency_by_age ON idempotency (created_at);
