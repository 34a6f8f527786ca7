-- What organisations keep for themselves. Every node reads it from memory; a revision says which organisations changed since it looked.

CREATE TABLE private_states (
    organisation TEXT   NOT NULL PRIMARY KEY REFERENCES organisations (id),
    -- Number of the organisation's last change among all organisations' changes.
    revision     BIGINT NOT NULL
);
CREATE INDEX private_states_by_revision ON private_states (revision);

-- What organisations decided about counterparties, one row for each version. The counterparty, the decision and its terms are in
-- `sealed`, under the organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE relationships (
    id            TEXT   NOT NULL,
    -- The revision of the organisation's private state that began this version, and the one that ended it; null: it is current.
    revision_from BIGINT NOT NULL,
    organisation  TEXT   NOT NULL REFERENCES organisations (id),
    revision_to   BIGINT,
    sealed        BYTES  NOT NULL,
    PRIMARY KEY (id, revision_from)
);
CREATE UNIQUE INDEX relationships_standing ON relationships (id) WHERE revision_to IS NULL;
CREATE INDEX relationships_by_organisation ON relationships (organisation, revision_from);

-- Rules by which organisations approve many counterparties, one row for each version. Criteria, decision and members are in `sealed`, under
-- the organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE approval_rules (
    id            TEXT   NOT NULL,
    -- The revision of the organisation's private state that began this version, and the one that ended it; null: it is current.
    revision_from BIGINT NOT NULL,
    organisation  TEXT   NOT NULL REFERENCES organisations (id),
    revision_to   BIGINT,
    sealed        BYTES  NOT NULL,
    PRIMARY KEY (id, revision_from)
);
CREATE UNIQUE INDEX approval_rules_standing ON approval_rules (id) WHERE revision_to IS NULL;
CREATE INDEX approval_rules_by_organisation ON approval_rules (organisation, revision_from);

-- What organisations decided for themselves about screening hits, one row for each decision. VASP, entry and decision are in `sealed`,
-- under the organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE hit_decisions (
    organisation  TEXT   NOT NULL REFERENCES organisations (id),
    -- The revision of the organisation's private state that began it, and the one that replaced it; null: it is current.
    revision_from BIGINT NOT NULL,
    revision_to   BIGINT,
    sealed        BYTES  NOT NULL,
    PRIMARY KEY (organisation, revision_from)
);

-- Lists of counterparties that organisations got from their own Travel Rule providers, one row for each version of a list. Protocol and rows
-- are in `sealed`, under the organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE vasp_lists (
    organisation  TEXT   NOT NULL REFERENCES organisations (id),
    -- The revision of the organisation's private state that began it, and the one that replaced or ended it; null: it is current.
    revision_from BIGINT NOT NULL,
    revision_to   BIGINT,
    sealed        BYTES  NOT NULL,
    PRIMARY KEY (organisation, revision_from)
);

-- Policies of organisations, in versions that are never changed.
CREATE TABLE policies (
    organisation  TEXT    NOT NULL REFERENCES organisations (id),
    name          TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    body          TEXT    NOT NULL,
    -- Revision of the organisation's private state from which on it is there.
    revision_from BIGINT  NOT NULL,
    PRIMARY KEY (organisation, name, version)
);

-- Which version counts, from one revision to another; where there is none, the registry's default counts.
CREATE TABLE policy_activations (
    organisation  TEXT    NOT NULL,
    revision_from BIGINT  NOT NULL,
    revision_to   BIGINT,
    name          TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    PRIMARY KEY (organisation, revision_from),
    FOREIGN KEY (organisation, name, version) REFERENCES policies (organisation, name, version)
);
CREATE UNIQUE INDEX policy_activations_current ON policy_activations (organisation) WHERE revision_to IS NULL;

-- Recorded pre-checks. Request, verdict and evidence are in `sealed`, under the organisation's data key; the rest is what lists show and filter by.
-- A table in the order of its key would put most of each row on a page of its own.
CREATE TABLE prechecks (
    organisation   TEXT   NOT NULL REFERENCES organisations (id),
    id             TEXT   NOT NULL,
    recorded_at    BIGINT NOT NULL,
    sequence       BIGINT NOT NULL,
    sealed         BYTES  NOT NULL,
    recommendation TEXT CHECK (recommendation IN ('reject', 'hold', 'proceed_with_conditions', 'proceed')),
    -- Codes of the reasons, each between blanks.
    codes          TEXT,
    counterparty   TEXT,
    policy         TEXT,
    -- SHA-256 over the canonical JSON (RFC 8785), `sha256:` and hex digits, as the receipt has them.
    request_digest TEXT,
    verdict_digest TEXT,
    evidence_digest TEXT,
    -- Token of the destination that was relied on.
    destination    BYTES,
    -- When the sealed part was erased.
    erased_at      BIGINT,
    -- How long the law that the pre-check applied demands that the sealed part is kept, and which law that is.
    floor_days     INTEGER NOT NULL,
    floor_by       TEXT   NOT NULL,
    -- Until when it is kept: by the law, or by what the organisation had set when it was recorded. A transfer that ends later moves it.
    kept_until     BIGINT NOT NULL,
    PRIMARY KEY (organisation, id)
) ROWID;
CREATE INDEX prechecks_due ON prechecks (organisation, kept_until) WHERE erased_at IS NULL;

-- How many pre-checks an organisation recorded on a day: a row a commit, written in it, so that the daily check finds removed ones.
CREATE TABLE precheck_counts (
    organisation TEXT    NOT NULL REFERENCES organisations (id),
    day          TEXT    NOT NULL,
    -- The smallest id among those that were counted.
    first        TEXT    NOT NULL,
    recorded     BIGINT  NOT NULL,
    PRIMARY KEY (organisation, day, first)
);

-- What became of the transfers that pre-checks were about. Rows are only added; a row's contents go with those of its pre-check.
CREATE TABLE precheck_outcomes (
    organisation TEXT     NOT NULL,
    precheck     TEXT     NOT NULL,
    number       INTEGER  NOT NULL,
    recorded_at  BIGINT   NOT NULL,
    -- Whether the transfer is over with it. Not so for what is confidential, so that nobody sees from here what was frozen or reported.
    ends         SMALLINT NOT NULL CHECK (ends IN (0, 1)),
    -- Sealed under the organisation's data key; its length is a multiple of 1 KiB.
    sealed       BYTES    NOT NULL,
    PRIMARY KEY (organisation, precheck, number),
    FOREIGN KEY (organisation, precheck) REFERENCES prechecks (organisation, id)
);

-- Links that open the report of a pre-check once.
CREATE TABLE report_links (
    secret_sha256 BYTES  NOT NULL PRIMARY KEY,
    organisation  TEXT   NOT NULL,
    precheck      TEXT   NOT NULL,
    created_by    TEXT   NOT NULL REFERENCES users (id),
    -- API key, session or client certificate with which the link was made.
    created_with  TEXT   NOT NULL,
    expires_at    BIGINT NOT NULL,
    FOREIGN KEY (organisation, precheck) REFERENCES prechecks (organisation, id)
);
CREATE INDEX report_links_by_organisation ON report_links (organisation, expires_at);

-- How long an organisation keeps the sealed part of the pre-checks that it records from one revision to another, if that is longer than the
-- law demands.
CREATE TABLE precheck_retentions (
    organisation  TEXT    NOT NULL REFERENCES organisations (id),
    revision_from BIGINT  NOT NULL,
    revision_to   BIGINT,
    -- Null: the law alone decides.
    days          INTEGER,
    PRIMARY KEY (organisation, revision_from)
);
CREATE UNIQUE INDEX precheck_retentions_current ON precheck_retentions (organisation) WHERE revision_to IS NULL;

-- Legal holds: nothing that they cover is erased until two people lifted them. What they cover and why is sealed.
CREATE TABLE legal_holds (
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    id           TEXT   NOT NULL,
    placed_at    BIGINT NOT NULL,
    lifted_at    BIGINT,
    sealed       BYTES  NOT NULL,
    PRIMARY KEY (organisation, id)
);

-- What VASPs answer once about themselves, for all to whom they give access. Answers and owners are sealed under the data key of the
-- organisation that answers. This is the draft from which the next submission is made.
CREATE TABLE questionnaire_drafts (
    organisation  TEXT   NOT NULL PRIMARY KEY REFERENCES organisations (id),
    vasp          TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    questionnaire TEXT   NOT NULL,
    sealed        BYTES  NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- Submissions; only their end is ever written. The newest of an organisation counts until it is withdrawn or another takes its place.
CREATE TABLE questionnaire_submissions (
    id              TEXT   NOT NULL PRIMARY KEY,
    organisation    TEXT   NOT NULL REFERENCES organisations (id),
    vasp            TEXT   NOT NULL,
    number          BIGINT NOT NULL,
    questionnaire   TEXT   NOT NULL,
    submitted_at    BIGINT NOT NULL,
    submitted_by    TEXT   NOT NULL,
    document_sha256 BYTES  NOT NULL,
    sealed          BYTES  NOT NULL,
    -- What checks and screening need of it.
    sealed_facts    BYTES  NOT NULL,
    withdrawn_at    BIGINT,
    -- Private revisions between which it counted.
    revision_from   BIGINT NOT NULL,
    revision_to     BIGINT,
    UNIQUE (organisation, number)
);
CREATE INDEX questionnaire_submissions_standing ON questionnaire_submissions (organisation) WHERE revision_to IS NULL;

-- Which organisation may read the answers, and until when.
CREATE TABLE questionnaire_access (
    id            TEXT     NOT NULL PRIMARY KEY,
    organisation  TEXT     NOT NULL REFERENCES organisations (id),
    grantee       TEXT     NOT NULL REFERENCES organisations (id),
    -- Sections, separated by blanks; null: all.
    sections      TEXT,
    ownership     SMALLINT NOT NULL CHECK (ownership IN (0, 1)),
    expires_at    BIGINT   NOT NULL,
    created_by    TEXT     NOT NULL,
    created_at    BIGINT   NOT NULL,
    ended_at      BIGINT,
    revision_from BIGINT   NOT NULL,
    revision_to   BIGINT
);
CREATE INDEX questionnaire_access_by_organisation ON questionnaire_access (organisation, id);
CREATE UNIQUE INDEX questionnaire_access_one ON questionnaire_access (organisation, grantee) WHERE revision_to IS NULL;

-- Who asked for access.
CREATE TABLE questionnaire_requests (
    id           TEXT     NOT NULL PRIMARY KEY,
    organisation TEXT     NOT NULL REFERENCES organisations (id),
    vasp         TEXT     NOT NULL,
    asker        TEXT     NOT NULL REFERENCES organisations (id),
    sections     TEXT,
    ownership    SMALLINT NOT NULL CHECK (ownership IN (0, 1)),
    reason       TEXT     NOT NULL,
    state        TEXT     NOT NULL CHECK (state IN ('open', 'granted', 'declined')),
    created_at   BIGINT   NOT NULL,
    decided_at   BIGINT
);
CREATE INDEX questionnaire_requests_by_organisation ON questionnaire_requests (organisation, id);
CREATE INDEX questionnaire_requests_by_asker ON questionnaire_requests (asker, vasp, id);
CREATE UNIQUE INDEX questionnaire_requests_open ON questionnaire_requests (organisation, asker) WHERE state = 'open';
