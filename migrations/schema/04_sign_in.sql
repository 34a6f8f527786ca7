-- Sign-in: sessions, what people prove who they are with, and failed attempts. Secrets are kept as hashes (sessions, links, recovery
-- codes, passwords) or sealed under a key that the master key wraps.

CREATE TABLE sessions (
    id            TEXT     NOT NULL PRIMARY KEY,
    user_id       TEXT     NOT NULL REFERENCES users (id),
    secret_sha256 BYTES    NOT NULL,
    -- 1: the second factor is still missing.
    limited       SMALLINT NOT NULL CHECK (limited IN (0, 1)),
    expires_at    BIGINT   NOT NULL,
    last_used_at  BIGINT   NOT NULL,
    -- When a provider last asked who it is. Null: the password was asked, or the provider does not say.
    authenticated_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE passwords (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    phc     TEXT NOT NULL
);

-- The secret in use, and one that waits for its first code. Codes of steps up to last_step were used.
CREATE TABLE totp (
    user_id        TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    sealed         BYTES,
    confirmed_at   BIGINT,
    last_step      BIGINT NOT NULL,
    pending_sealed BYTES
);

CREATE TABLE recovery_codes (
    user_id     TEXT  NOT NULL REFERENCES users (id),
    code_sha256 BYTES NOT NULL,
    used_at     BIGINT,
    PRIMARY KEY (user_id, code_sha256)
);

-- One-time links; a user has one at most.
CREATE TABLE enrolments (
    user_id       TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    secret_sha256 BYTES  NOT NULL UNIQUE,
    expires_at    BIGINT NOT NULL
);

-- Attempts counted against an account or a network address, each under a keyed digest that shows neither.
CREATE TABLE sign_in_attempts (
    subject       BYTES  NOT NULL PRIMARY KEY,
    failures      BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
);
CREATE INDEX sign_in_attempts_by_age ON sign_in_attempts (last_at);

-- From where each account signed in of late. Account and network address are keyed digests that show neither.
CREATE TABLE sign_in_addresses (
    account BYTES  NOT NULL,
    address BYTES  NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (account, address)
);
CREATE INDEX sign_in_addresses_by_age ON sign_in_addresses (last_at);

-- Who signs in as whom at an OpenID provider.
CREATE TABLE oidc_links (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    -- The session that linked it, which may have been stolen: it ends when the password changes.
    linked_with TEXT,
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX oidc_links_by_user ON oidc_links (user_id, issuer);

CREATE TABLE oidc_flows (
    state_sha256 BYTES  NOT NULL PRIMARY KEY,
    provider     TEXT   NOT NULL,
    sealed       BYTES  NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX oidc_flows_by_expiry ON oidc_flows (expires_at);
