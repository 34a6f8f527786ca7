-- What members publish: the work behind the facts that readers see.

-- What a member (or an operator for it) wants a VASP's record to be.
CREATE TABLE submissions (
    vasp         TEXT   NOT NULL,
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    status       TEXT   NOT NULL CHECK (status IN (
        'revoked', 'suspended', 'rejected', 'withdrawn', 'retired', 'draft', 'submitted', 'in_review', 'listed', 'verified')),
    version      BIGINT NOT NULL,
    body         TEXT   NOT NULL,
    approved     TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (vasp, organisation)
);
CREATE INDEX submissions_by_organisation ON submissions (organisation);
-- Each organisation has its own draft of a record; one of them waits for a decision at a time.
CREATE UNIQUE INDEX submissions_waiting ON submissions (vasp) WHERE status IN ('submitted', 'in_review');

-- What members hand in; the content is a file named by its SHA-256, sealed like `sealed_about` by the organisation's data key.
CREATE TABLE member_documents (
    id           TEXT   NOT NULL PRIMARY KEY,
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    kind         TEXT   NOT NULL CHECK (kind IN ('licence', 'extract', 'audit_report', 'policy', 'other')),
    media_type   TEXT   NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg', 'text/plain')),
    sha256       BYTES  NOT NULL,
    size_bytes   BIGINT NOT NULL,
    issued_on    TEXT,
    expires_on   TEXT,
    sealed_about BYTES  NOT NULL,
    created_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX member_documents_by_organisation ON member_documents (organisation, id);
CREATE INDEX member_documents_by_file ON member_documents (organisation, sha256);

-- Domains that members say are theirs: the challenge, how far it was met, and when to look again.
CREATE TABLE member_domains (
    vasp              TEXT    NOT NULL,
    organisation      TEXT    NOT NULL REFERENCES organisations (id),
    domain            TEXT    NOT NULL,
    covers_subdomains BOOLEAN NOT NULL,
    token             TEXT    NOT NULL,
    state             TEXT    NOT NULL CHECK (state IN ('lost', 'withdrawn', 'pending', 'failing', 'proven')),
    version           BIGINT  NOT NULL,
    created_at        BIGINT  NOT NULL,
    updated_at        BIGINT  NOT NULL,
    expires_at        BIGINT  NOT NULL,
    proven_at         BIGINT,
    proven_by         TEXT CHECK (proven_by IN ('dns_txt', 'well_known_file')),
    dnssec            TEXT CHECK (dnssec IN ('unknown', 'insecure', 'secure')),
    failing_since     BIGINT,
    next_look_at      BIGINT,
    last_look_at      BIGINT,
    -- JSON: what each method found.
    last_look         TEXT,
    evidence          TEXT,
    PRIMARY KEY (vasp, organisation, domain)
);
-- A domain belongs to one VASP, and of those that ask for it to one organisation, at a time.
CREATE UNIQUE INDEX member_domains_proven ON member_domains (domain) WHERE state IN ('failing', 'proven');
CREATE INDEX member_domains_due ON member_domains (next_look_at) WHERE next_look_at IS NOT NULL;

-- Endpoints that are probed: when next, and what is remembered of their probes. May be lost; nothing of it is in the log.
CREATE TABLE endpoint_probes (
    endpoint  TEXT   NOT NULL PRIMARY KEY,
    vasp      TEXT   NOT NULL,
    -- Whose turn it is: one host is called once at a time.
    host      TEXT   NOT NULL,
    -- What is called, and a digest of what its VASP publishes about it: another one is probed at once.
    place     TEXT   NOT NULL,
    published TEXT   NOT NULL,
    next_at   BIGINT NOT NULL,
    -- When a member last asked for a probe.
    asked_at  BIGINT,
    version   BIGINT NOT NULL,
    -- JSON: counters, response times, the last sample.
    state     TEXT   NOT NULL
);
CREATE INDEX endpoint_probes_due ON endpoint_probes (next_at);

-- The chains of published certificates as PEM; what is published of them is a fact.
CREATE TABLE certificate_chains (
    id           TEXT     NOT NULL PRIMARY KEY,
    vasp         BIGINT   NOT NULL,
    chain        BYTES    NOT NULL,
    -- Whether the case of its expiry was opened.
    expiry_noted SMALLINT NOT NULL CHECK (expiry_noted IN (0, 1)),
    -- When the registry fetches the issuer's revocation list next.
    list_due     BIGINT   NOT NULL
);
CREATE INDEX certificate_chains_by_list_due ON certificate_chains (list_due);

-- Which VASP proved first that it has the private half of a certificate's key, by the SHA-256 of the key's SubjectPublicKeyInfo. Nobody else
-- can have it afterwards.
CREATE TABLE key_holders (
    spki_sha256    BYTES    NOT NULL PRIMARY KEY,
    vasp           BIGINT   NOT NULL,
    is_compromised SMALLINT NOT NULL CHECK (is_compromised IN (0, 1))
);

-- The newest revocation list known for a certificate, as DER.
CREATE TABLE certificate_lists (
    certificate TEXT  NOT NULL PRIMARY KEY,
    list        BYTES NOT NULL
);

-- Keys for messages whose owner has not shown yet that it has the private half. Published ones are facts.
CREATE TABLE message_key_challenges (
    id            TEXT   NOT NULL PRIMARY KEY,
    vasp          TEXT   NOT NULL,
    organisation  TEXT   NOT NULL REFERENCES organisations (id),
    key_use       TEXT   NOT NULL CHECK (key_use IN ('signing', 'encryption')),
    jwk           TEXT   NOT NULL,
    thumbprint    TEXT   NOT NULL,
    challenge     TEXT   NOT NULL,
    answer_sha256 BYTES,
    overlap_secs  BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL
);
CREATE INDEX message_key_challenges_vasp ON message_key_challenges (vasp);

-- Every key that was ever published, by its thumbprint: none is published twice.
CREATE TABLE message_key_thumbprints (
    thumbprint TEXT NOT NULL PRIMARY KEY,
    vasp       TEXT NOT NULL
);
