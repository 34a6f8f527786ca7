-- The registry's work: cases, screening, new rulebooks.

CREATE TABLE cases (
    id              TEXT     NOT NULL PRIMARY KEY,
    vasp            TEXT     NOT NULL,
    status          TEXT     NOT NULL CHECK (status IN ('open', 'taken', 'waiting', 'proposed', 'closed')),
    risk            SMALLINT NOT NULL,
    version         BIGINT   NOT NULL,
    opened_at       BIGINT   NOT NULL,
    due_at          BIGINT   NOT NULL,
    assignee        TEXT,
    decision        TEXT CHECK (decision IN (
        'revoke', 'suspend', 'reject', 'request_information', 'merge', 'keep', 'reinstate', 'verify')),
    reason          TEXT,
    target          TEXT,
    proposed_by     TEXT,
    proposed_with   TEXT,
    proposed_at     BIGINT,
    proposal_digest TEXT,
    decided_by      TEXT,
    closed_at       BIGINT,
    outcome         TEXT
);
CREATE UNIQUE INDEX cases_open ON cases (vasp) WHERE closed_at IS NULL;
CREATE INDEX cases_by_queue ON cases (risk DESC, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX cases_by_vasp ON cases (vasp, id);

CREATE TABLE case_triggers (
    case_id TEXT    NOT NULL REFERENCES cases (id),
    number  INTEGER NOT NULL,
    kind    TEXT    NOT NULL CHECK (kind IN (
        'non_compliant_listed', 'suspension', 'screening_hit', 'contradiction', 'domain_lost', 'dispute', 'operator_change',
        'duplicate', 'amendment', 'key_rotation', 'expiry', 'adoption', 'submission')),
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
    changed_at      BIGINT   NOT NULL,
    decision        TEXT CHECK (decision IN ('false_positive', 'true_match')),
    reason          TEXT,
    proposed_by     TEXT,
    proposed_with   TEXT,
    proposed_at     BIGINT,
    proposal_digest TEXT,
    decided_by      TEXT,
    decided_at      BIGINT
);
-- One for each VASP and entry: what the VASP is, and what addresses it claims, apart.
CREATE UNIQUE INDEX screening_hits_pair ON screening_hits (vasp, list, uid, about);
CREATE INDEX screening_hits_status ON screening_hits (status, id);

-- New rulebooks that wait for two people, and what became of them. One that is approved becomes a reference document.
CREATE TABLE rulebook_proposals (
    id          TEXT   NOT NULL PRIMARY KEY,
    state       TEXT   NOT NULL CHECK (state IN ('pending', 'approved', 'declined')),
    version     TEXT   NOT NULL,
    observed_on TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    -- SHA-256 of the text, and of the rulebook that it was compared with.
    digest      BYTES  NOT NULL,
    base        BYTES  NOT NULL,
    body        TEXT   NOT NULL,
    -- JSON: what it changes.
    difference  TEXT   NOT NULL,
    proposed_at BIGINT NOT NULL,
    -- The first person who approved it, with which credential, and when.
    first_by    TEXT,
    first_with  TEXT,
    first_at    BIGINT,
    -- The second, or whoever declined it.
    decided_by  TEXT,
    decided_at  BIGINT,
    reason      TEXT
);
