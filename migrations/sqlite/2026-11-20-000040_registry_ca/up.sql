-- The registry's own certificate authority: the root, whose key is not here, and the issuing ones, whose keys are sealed.
CREATE TABLE ca_issuers (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    number      BIGINT NOT NULL,
    certificate BLOB NOT NULL,
    sealed_key  BLOB,
    state       TEXT NOT NULL,
    not_before  BIGINT NOT NULL,
    not_after   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
) WITHOUT ROWID;
-- One root, and one authority that issues.
CREATE UNIQUE INDEX ca_issuers_root ON ca_issuers (kind) WHERE kind = 'root';
CREATE UNIQUE INDEX ca_issuers_active ON ca_issuers (state) WHERE kind = 'issuing' AND state = 'active';
-- The newest CRL of each.
CREATE TABLE ca_crls (
    issuer      TEXT PRIMARY KEY REFERENCES ca_issuers (id),
    number      BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der         BLOB NOT NULL
) WITHOUT ROWID;
-- What they issued. A certificate is published under one id for each use.
CREATE TABLE issued_certificates (
    serial             TEXT PRIMARY KEY,
    issuer             TEXT NOT NULL REFERENCES ca_issuers (id),
    client_certificate TEXT UNIQUE,
    server_certificate TEXT UNIQUE,
    vasp               TEXT NOT NULL,
    organisation       TEXT NOT NULL REFERENCES organisations (id),
    user_id            TEXT NOT NULL,
    sha256             BLOB NOT NULL UNIQUE,
    spki_sha256        BLOB NOT NULL,
    der                BLOB NOT NULL,
    not_before         BIGINT NOT NULL,
    not_after          BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    revoked_at         BIGINT,
    reason             TEXT
) WITHOUT ROWID;
CREATE INDEX issued_certificates_vasp ON issued_certificates (vasp, created_at);
CREATE INDEX issued_certificates_key ON issued_certificates (spki_sha256);
CREATE INDEX issued_certificates_revoked ON issued_certificates (issuer, serial) WHERE revoked_at IS NOT NULL;
-- Keys for messages whose owner has not shown yet that it has the private half. Published ones are facts.
CREATE TABLE message_key_challenges (
    id            TEXT PRIMARY KEY,
    vasp          TEXT NOT NULL,
    organisation  TEXT NOT NULL REFERENCES organisations (id),
    key_use       TEXT NOT NULL,
    jwk           TEXT NOT NULL,
    thumbprint    TEXT NOT NULL,
    challenge     TEXT NOT NULL,
    answer_sha256 BLOB,
    overlap_secs  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX message_key_challenges_vasp ON message_key_challenges (vasp);
-- Every key that was ever published, by its thumbprint: none is published twice.
CREATE TABLE message_key_thumbprints (
    thumbprint TEXT PRIMARY KEY,
    id         TEXT NOT NULL,
    vasp       TEXT NOT NULL
) WITHOUT ROWID;
-- Locked by whoever makes or changes an authority.
INSERT INTO counters VALUES ('ca', 0);
