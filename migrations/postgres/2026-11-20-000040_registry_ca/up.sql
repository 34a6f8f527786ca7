-- The registry's own certificate authority: the root, whose key is not here, and the issuing ones, whose keys are sealed.
CREATE TABLE ca_issuers (
    id          TEXT COLLATE "C" PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    number      BIGINT NOT NULL,
    certificate BYTEA NOT NULL,
    sealed_key  BYTEA,
    state       TEXT COLLATE "C" NOT NULL,
    not_before  BIGINT NOT NULL,
    not_after   BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);
-- One root, and one authority that issues.
CREATE UNIQUE INDEX ca_issuers_root ON ca_issuers (kind) WHERE kind = 'root';
CREATE UNIQUE INDEX ca_issuers_active ON ca_issuers (state) WHERE kind = 'issuing' AND state = 'active';
-- The newest CRL of each.
CREATE TABLE ca_crls (
    issuer      TEXT COLLATE "C" PRIMARY KEY REFERENCES ca_issuers (id),
    number      BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der         BYTEA NOT NULL
);
-- What they issued. A certificate is published under one id for each use.
CREATE TABLE issued_certificates (
    serial             TEXT COLLATE "C" PRIMARY KEY,
    issuer             TEXT COLLATE "C" NOT NULL REFERENCES ca_issuers (id),
    client_certificate TEXT COLLATE "C" UNIQUE,
    server_certificate TEXT COLLATE "C" UNIQUE,
    vasp               TEXT COLLATE "C" NOT NULL,
    organisation       TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    user_id            TEXT COLLATE "C" NOT NULL,
    sha256             BYTEA NOT NULL UNIQUE,
    spki_sha256        BYTEA NOT NULL,
    der                BYTEA NOT NULL,
    not_before         BIGINT NOT NULL,
    not_after          BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    revoked_at         BIGINT,
    reason             TEXT COLLATE "C"
);
CREATE INDEX issued_certificates_vasp ON issued_certificates (vasp, created_at);
CREATE INDEX issued_certificates_key ON issued_certificates (spki_sha256);
CREATE INDEX issued_certificates_revoked ON issued_certificates (issuer, serial) WHERE revoked_at IS NOT NULL;
-- Keys for messages whose owner has not shown yet that it has the private half. Published ones are facts.
CREATE TABLE message_key_challenges (
    id            TEXT COLLATE "C" PRIMARY KEY,
    vasp          TEXT COLLATE "C" NOT NULL,
    organisation  TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    key_use       TEXT COLLATE "C" NOT NULL,
    jwk           TEXT COLLATE "C" NOT NULL,
    thumbprint    TEXT COLLATE "C" NOT NULL,
    challenge     TEXT COLLATE "C" NOT NULL,
    answer_sha256 BYTEA,
    overlap_secs  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX message_key_challenges_vasp ON message_key_challenges (vasp);
-- Every key that was ever published, by its thumbprint: none is published twice.
CREATE TABLE message_key_thumbprints (
    thumbprint TEXT COLLATE "C" PRIMARY KEY,
    id         TEXT COLLATE "C" NOT NULL,
    vasp       TEXT COLLATE "C" NOT NULL
);
-- Locked by whoever makes or changes an authority.
INSERT INTO counters VALUES ('ca', 0);
