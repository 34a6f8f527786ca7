-- Organisations that end, who made whom with what, when credentials were used last, and documents.

ALTER TABLE organisations ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE organisations ADD COLUMN closed_at BIGINT;

-- With which credential a user or key was made: whoever made that credential stands behind it too.
ALTER TABLE users ADD COLUMN created_with TEXT;
ALTER TABLE users ADD COLUMN disabled_from TEXT;
ALTER TABLE api_keys ADD COLUMN created_with TEXT;
ALTER TABLE role_grants ADD COLUMN proposed_with TEXT;
CREATE INDEX role_grants_pending ON role_grants (id) WHERE state = 'pending';
CREATE INDEX delegations_by_grantee ON delegations (grantee, id);

-- Apart from the keys, so that noting a use never waits for, nor hinders, a change of them.
CREATE TABLE credential_uses (
    credential TEXT NOT NULL PRIMARY KEY,
    used_on    TEXT NOT NULL
) WITHOUT ROWID;

-- What members hand in; the content is a file named by its SHA-256, sealed like `sealed_about` by the organisation's data key.
CREATE TABLE member_documents (
    id           TEXT   NOT NULL PRIMARY KEY,
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    kind         TEXT   NOT NULL,
    media_type   TEXT   NOT NULL,
    sha256       BLOB   NOT NULL,
    size_bytes   BIGINT NOT NULL,
    issued_on    TEXT,
    expires_on   TEXT,
    sealed_about BLOB   NOT NULL,
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX member_documents_by_organisation ON member_documents (organisation, id);
CREATE INDEX member_documents_by_file ON member_documents (organisation, sha256);
