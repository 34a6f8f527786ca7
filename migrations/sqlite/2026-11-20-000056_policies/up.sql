-- Policies of organisations: versions that are never changed, which of them counts, and those that wait for a second person; how
-- long pre-checks are kept; and what stays of a pre-check outside its sealed part.

CREATE TABLE policies (
    organisation  TEXT NOT NULL REFERENCES organisations (id),
    name          TEXT NOT NULL,
    version       INTEGER NOT NULL,
    body          TEXT NOT NULL,
    created_by    TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    -- Revision of the organisation's private state from which on it is there.
    revision_from BIGINT NOT NULL,
    PRIMARY KEY (organisation, name, version)
) WITHOUT ROWID;

-- Which version counts, from one revision to another; none of them: the registry's default.
CREATE TABLE policy_activations (
    organisation  TEXT NOT NULL,
    revision_from BIGINT NOT NULL,
    revision_to   BIGINT,
    name          TEXT NOT NULL,
    version       INTEGER NOT NULL,
    activated_at  BIGINT NOT NULL,
    PRIMARY KEY (organisation, revision_from),
    FOREIGN KEY (organisation, name, version) REFERENCES policies (organisation, name, version)
) WITHOUT ROWID;

CREATE UNIQUE INDEX policy_activations_current ON policy_activations (organisation) WHERE revision_to IS NULL;

-- A looser policy waits here for a second person; without a name it is the return to the registry's default.
CREATE TABLE policy_proposals (
    id            TEXT NOT NULL PRIMARY KEY,
    organisation  TEXT NOT NULL REFERENCES organisations (id),
    name          TEXT,
    version       INTEGER,
    -- Where it is looser, a JSON list of sentences.
    looser        TEXT NOT NULL,
    -- Of exactly what is proposed.
    digest        TEXT NOT NULL,
    reason        TEXT NOT NULL,
    state         TEXT NOT NULL,
    proposed_by   TEXT NOT NULL,
    proposed_with TEXT NOT NULL,
    proposed_at   BIGINT NOT NULL,
    decided_by    TEXT,
    decided_at    BIGINT
) WITHOUT ROWID;

CREATE INDEX policy_proposals_by_organisation ON policy_proposals (organisation, id);

-- How long an organisation keeps the sealed part of its pre-checks, and how far it was erased.
CREATE TABLE precheck_retentions (
    organisation TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id),
    -- Without: the default.
    days         INTEGER,
    version      BIGINT NOT NULL,
    erased_to    TEXT NOT NULL
) WITHOUT ROWID;

ALTER TABLE prechecks ADD COLUMN recommendation TEXT;
-- Codes of the reasons, each between blanks.
ALTER TABLE prechecks ADD COLUMN codes TEXT;
ALTER TABLE prechecks ADD COLUMN counterparty TEXT;
ALTER TABLE prechecks ADD COLUMN policy TEXT;
-- SHA-256 over the canonical JSON (RFC 8785), `sha256:` and hex digits, as the receipt has them.
ALTER TABLE prechecks ADD COLUMN request_digest TEXT;
ALTER TABLE prechecks ADD COLUMN answer_digest TEXT;
-- When the sealed part was erased.
ALTER TABLE prechecks ADD COLUMN erased_at BIGINT;

CREATE INDEX prechecks_by_organisation ON prechecks (organisation, id);
