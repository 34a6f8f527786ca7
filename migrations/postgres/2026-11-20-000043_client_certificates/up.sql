-- Client certificates that speak for a user, and API keys that are good only over a connection with one.

CREATE TABLE client_certificates (
    id                 TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner              TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    name               TEXT COLLATE "C" NOT NULL,
    scopes             TEXT COLLATE "C" NOT NULL,
    sha256             BYTEA            NOT NULL,
    spki_sha256        BYTEA            NOT NULL,
    subject            TEXT COLLATE "C" NOT NULL,
    issuer             TEXT COLLATE "C" NOT NULL,
    serial             TEXT COLLATE "C" NOT NULL,
    key                TEXT COLLATE "C" NOT NULL,
    not_before         BIGINT           NOT NULL,
    not_after          BIGINT           NOT NULL,
    issued_by_registry SMALLINT         NOT NULL,
    created_by         TEXT COLLATE "C" NOT NULL,
    created_with       TEXT COLLATE "C" NOT NULL,
    created_at         BIGINT           NOT NULL,
    expires_at         BIGINT           NOT NULL,
    revoked_at         BIGINT
);
CREATE UNIQUE INDEX client_certificates_live ON client_certificates (sha256) WHERE revoked_at IS NULL;
CREATE INDEX client_certificates_by_owner ON client_certificates (owner, id);

ALTER TABLE api_keys ADD COLUMN certificate_sha256 BYTEA;
