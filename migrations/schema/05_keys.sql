-- Keys of the registry.

CREATE TABLE wrapped_keys (
    name           TEXT    NOT NULL PRIMARY KEY,
    master_version INTEGER NOT NULL,
    wrapped        BYTES   NOT NULL
);

-- The keys that sign receipts and checkpoints, wrapped under the master key; those in use have no end.
CREATE TABLE signing_keys (
    id             TEXT    NOT NULL PRIMARY KEY,
    purpose        TEXT    NOT NULL CHECK (purpose IN ('receipt', 'checkpoint')),
    -- The log's origin for a checkpoint's key, the same for ever; empty for others.
    name           TEXT    NOT NULL,
    public_key     BYTES   NOT NULL,
    master_version INTEGER NOT NULL,
    wrapped        BYTES   NOT NULL,
    started_at     BIGINT  NOT NULL,
    ended_at       BIGINT
);
CREATE UNIQUE INDEX signing_keys_in_use ON signing_keys (purpose) WHERE ended_at IS NULL;

-- The registry's own certificate authorities: the root, whose key is not here, and the issuing ones, whose keys are sealed.
CREATE TABLE ca_issuers (
    id          TEXT   NOT NULL PRIMARY KEY,
    kind        TEXT   NOT NULL CHECK (kind IN ('root', 'issuing')),
    number      BIGINT NOT NULL,
    certificate BYTES  NOT NULL,
    sealed_key  BYTES,
    state       TEXT   NOT NULL CHECK (state IN ('active', 'retired')),
    not_before  BIGINT NOT NULL,
    not_after   BIGINT NOT NULL
);
-- One root, and one authority that issues.
CREATE UNIQUE INDEX ca_issuers_root ON ca_issuers (kind) WHERE kind = 'root';
CREATE UNIQUE INDEX ca_issuers_active ON ca_issuers (state) WHERE kind = 'issuing' AND state = 'active';

-- The newest CRL of each authority.
CREATE TABLE ca_crls (
    issuer      TEXT   NOT NULL PRIMARY KEY REFERENCES ca_issuers (id),
    number      BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der         BYTES  NOT NULL
);

-- What the authorities issued. A certificate is published under one id for each use.
CREATE TABLE issued_certificates (
    serial             TEXT   NOT NULL PRIMARY KEY,
    issuer             TEXT   NOT NULL REFERENCES ca_issuers (id),
    client_certificate TEXT UNIQUE,
    server_certificate TEXT UNIQUE,
    vasp               TEXT   NOT NULL,
    organisation       TEXT   NOT NULL REFERENCES organisations (id),
    user_id            TEXT   NOT NULL,
    sha256             BYTES  NOT NULL UNIQUE,
    spki_sha256        BYTES  NOT NULL,
    der                BYTES  NOT NULL,
    not_before         BIGINT NOT NULL,
    not_after          BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    revoked_at         BIGINT,
    reason             TEXT CHECK (reason IN (
        'key_compromise', 'ca_compromise', 'privilege_withdrawn', 'affiliation_changed', 'superseded', 'cessation_of_operation',
        'unspecified'))
);
CREATE INDEX issued_certificates_vasp ON issued_certificates (vasp, created_at);
CREATE INDEX issued_certificates_revoked ON issued_certificates (issuer, serial) WHERE revoked_at IS NOT NULL;
