-- The registry's work: cases, screening, new rulebooks.

CREATE TABLE cases (
    id              TEXT     NOT NULL PRIMARY KEY,
    -- Empty: a case about an authority that a register names.
    vasp            TEXT,
    status          TEXT     NOT NULL CHECK (status IN ('open', 'taken', 'waiting', 'proposed', 'closed')),
    risk            SMALLINT NOT NULL,
    version         BIGINT   NOT NULL,
    opened_at       BIGINT   NOT NULL,
    due_at          BIGINT   NOT NULL,
    assignee        TEXT,
    closed_at       BIGINT,
    outcome         TEXT
);
CREATE UNIQUE INDEX cases_open ON cases (vasp) WHERE closed_at IS NULL AND vasp IS NOT NULL;
CREATE INDEX cases_by_queue ON cases (risk DESC, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX cases_by_vasp ON cases (vasp, id);

CREATE TABLE case_triggers (
    case_id TEXT    NOT NULL REFERENCES cases (id),
    number  INTEGER NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN (
        'non_compliant_listed', 'suspension', 'screening_hit', 'contradiction', 'domain_lost', 'dispute', 'pending_claims',
        'unknown_authority', 'operator_change', 'duplicate', 'amendment', 'key_rotation', 'expiry', 'adoption', 'submission',
        'public_challenge', 'brand_link')),
    detail  TEXT    NOT NULL,
    at      BIGINT  NOT NULL,
    PRIMARY KEY (case_id, number)
);
CREATE INDEX case_triggers_by_kind ON case_triggers (kind, case_id);

CREATE TABLE case_entries (
    case_id TEXT    NOT NULL REFERENCES cases (id),
    number  INTEGER NOT NULL,
    -- A word, or `trigger:` and the kind of a trigger.
    kind    TEXT    NOT NULL,
    actor   TEXT,
    at      BIGINT  NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (case_id, number)
);

-- What somebody without an account says is wrong in a record. The case has the words, which only operators read. A challenge is open as
-- long as its case is.
CREATE TABLE challenges (
    id      TEXT   NOT NULL PRIMARY KEY,
    vasp    TEXT   NOT NULL,
    field   TEXT   NOT NULL CHECK (field IN (
        'status', 'legal_name', 'other_names', 'country', 'lei', 'identifiers', 'website', 'registered_address', 'group', 'activities',
        'licences', 'domains', 'endpoints', 'certificates', 'keys', 'claims')),
    case_id TEXT   NOT NULL REFERENCES cases (id),
    at      BIGINT NOT NULL
);
CREATE INDEX challenges_by_case ON challenges (case_id);
CREATE INDEX challenges_by_vasp ON challenges (vasp, field);

-- Matches of VASPs with entries of screening lists, for people to decide. The decision is a fact of the VASP; here is the work.
CREATE TABLE screening_hits (
    id              TEXT     NOT NULL PRIMARY KEY,
    vasp            TEXT     NOT NULL,
    list            TEXT     NOT NULL,
    uid             TEXT     NOT NULL,
    about           TEXT     NOT NULL CHECK (about IN ('party', 'address')),
    matched_by      TEXT     NOT NULL CHECK (matched_by IN ('address', 'address_but_for_case', 'name', 'lei', 'host')),
    matched         TEXT     NOT NULL,
    listed          TEXT     NOT NULL,
    name            TEXT     NOT NULL,
    programs        TEXT     NOT NULL,
    score           SMALLINT NOT NULL,
    entry_sha256    TEXT     NOT NULL,
    status          TEXT     NOT NULL CHECK (status IN ('open', 'false_positive', 'true_match', 'gone')),
    version         BIGINT   NOT NULL,
    found_at        BIGINT   NOT NULL,
    changed_at      BIGINT   NOT NULL
);
-- One for each VASP and entry: what the VASP is, and what addresses it claims, apart.
CREATE UNIQUE INDEX screening_hits_pair ON screening_hits (vasp, list, uid, about);
CREATE INDEX screening_hits_status ON screening_hits (status, id);

-- New rulebooks that were imported and take two people. One that is approved becomes a reference document.
CREATE TABLE rulebook_imports (
    id          TEXT   NOT NULL PRIMARY KEY,
    state       TEXT   NOT NULL CHECK (state IN ('superseded', 'declined', 'pending', 'approved')),
    version     TEXT   NOT NULL,
    observed_on TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    -- SHA-256 of the text, and of the rulebook that it was compared with.
    digest      BYTES  NOT NULL,
    base        BYTES  NOT NULL,
    body        TEXT   NOT NULL,
    -- JSON: what it changes.
    difference  TEXT   NOT NULL,
    imported_at BIGINT NOT NULL
);

-- Whatever two people decide: what one proposed, and what became of it.
CREATE TABLE proposals (
    id            TEXT    NOT NULL PRIMARY KEY,
    kind          TEXT    NOT NULL CHECK (kind IN (
        'case', 'screening', 'own_screening', 'rulebook', 'policy', 'relationship', 'role_grant', 'claim_end', 'claim_ends', 'sub_account',
        'brand', 'brand_candidate', 'enrolment', 'authorities', 'override', 'retention',
        'legal_hold', 'erasure', 'address_budget', 'approval_rule')),
    -- Id of what it is about, and its place among all proposals about that, from 1.
    subject       TEXT    NOT NULL,
    number        INTEGER NOT NULL,
    organisation  TEXT    NOT NULL REFERENCES organisations (id),
    state         TEXT    NOT NULL CHECK (state IN ('superseded', 'withdrawn', 'declined', 'pending', 'approved')),
    -- What is proposed, why, in which words and the digest of it, as JSON; sealed under the organisation's data key where it is private.
    content       BYTES   NOT NULL,
    proposed_by   TEXT    NOT NULL,
    proposed_with TEXT    NOT NULL,
    proposed_at   BIGINT  NOT NULL,
    decided_by    TEXT,
    decided_at    BIGINT
);
CREATE UNIQUE INDEX proposals_by_subject ON proposals (kind, subject, number);
CREATE UNIQUE INDEX proposals_pending ON proposals (kind, subject) WHERE state = 'pending';
CREATE INDEX proposals_by_organisation ON proposals (organisation, kind, id);
CREATE INDEX proposals_by_state ON proposals (state, id);
