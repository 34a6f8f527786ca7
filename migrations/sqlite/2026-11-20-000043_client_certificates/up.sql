-- Client certificates that speak for a user, and API keys that are good only over a connection with one.

CREATE TABLE client_certificates (
    id                 TEXT     NOT NULL PRIMARY KEY,
    owner              TEXT     NOT NULL REFERENCES users (id),
    name               TEXT     NOT NULL,
    scopes             TEXT     NOT NULL,
    sha256             BLOB     NOT NULL,
    spki_sha256        BLOB     NOT NULL,
    subject            TEXT     NOT NULL,
    issuer             TEXT     NOT NULL,
    serial             TEXT     NOT NULL,
    key                TEXT     NOT NULL,
    not_before         BIGINT   NOT NULL,
    not_after          BIGINT   NOT NULL,
    issued_by_registry SMALLINT NOT NULL,
    created_by         TEXT     NOT NULL,
    created_with       TEXT     NOT NULL,
    created_at         BIGINT   NOT NULL,
    expires_at         BIGINT   NOT NULL,
    revoked_at         BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX client_certificates_live ON client_certificates (sha256) WHERE revoked_at IS NULL;
CREATE INDEX client_certificates_by_owner ON client_certificates (owner, id);

ALTER TABLE api_keys ADD COLUMN certificate_sha256 BLOB;
