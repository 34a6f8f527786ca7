-- The chains of published certificates as PEM; what is published of them is a fact. expiry_noted: whether its case was opened.
CREATE TABLE certificate_chains (
    id           TEXT     NOT NULL PRIMARY KEY,
    vasp         BIGINT   NOT NULL,
    chain        BLOB     NOT NULL,
    expiry_noted SMALLINT NOT NULL
) WITHOUT ROWID;

-- Whose a certificate is: SHA-256 of its DER. Held from its publication until it is revoked for every use.
CREATE TABLE certificate_holders (
    sha256 TEXT   NOT NULL PRIMARY KEY,
    vasp   BIGINT NOT NULL
) WITHOUT ROWID;

-- The newest revocation list known for a certificate, as DER.
CREATE TABLE certificate_lists (
    certificate TEXT   NOT NULL PRIMARY KEY,
    list        BLOB   NOT NULL,
    source      TEXT   NOT NULL,
    kept_at     BIGINT NOT NULL
) WITHOUT ROWID;
