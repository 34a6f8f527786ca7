-- Organisations that end, who made whom with what, when credentials were used last, and documents.

ALTER TABLE organisations ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE organisations ADD COLUMN closed_at BIGINT;

-- With which credential a user or key was made: whoever made that credential stands behind it too.
ALTER TABLE users ADD COLUMN created_with TEXT COLLATE "C";
ALTER TABLE users ADD COLUMN disabled_from TEXT COLLATE "C";
ALTER TABLE api_keys ADD COLUMN created_with TEXT COLLATE "C";
ALTER TABLE role_grants ADD COLUMN proposed_with TEXT COLLATE "C";
CREATE INDEX role_grants_pending ON role_grants (id) WHERE state = 'pending';
CREATE INDEX delegations_by_grantee ON delegations (grantee, id);

-- Apart from the keys, so that noting a use never waits for, nor hinders, a change of them.
CREATE TABLE credential_uses (
    credential TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    used_on    TEXT COLLATE "C" NOT NULL
);

-- What members hand in; the content is a file named by its SHA-256, sealed like `sealed_about` by the organisation's data key.
CREATE TABLE member_documents (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    kind         TEXT COLLATE "C" NOT NULL,
    media_type   TEXT COLLATE "C" NOT NULL,
    sha256       BYTEA  NOT NULL,
    size_bytes   BIGINT NOT NULL,
    issued_on    TEXT COLLATE "C",
    expires_on   TEXT COLLATE "C",
    sealed_about BYTEA  NOT NULL,
    created_by   TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX member_documents_by_organisation ON member_documents (organisation, id);
CREATE INDEX member_documents_by_file ON member_documents (organisation, sha256);
