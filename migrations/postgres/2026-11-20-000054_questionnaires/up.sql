-- What VASPs answer once about themselves, for all to whom they give access. Answers and owners are sealed under the
-- data key of the organisation that answers.

-- The draft that the next submission is made of.
CREATE TABLE questionnaire_drafts (
    organisation  TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES organisations (id),
    vasp          TEXT COLLATE "C" NOT NULL,
    version       BIGINT NOT NULL,
    questionnaire TEXT   NOT NULL,
    sealed        BYTEA  NOT NULL,
    updated_by    TEXT   NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- Submissions, never changed but for their end: the newest of an organisation stands until it is withdrawn or another takes its place.
CREATE TABLE questionnaire_submissions (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation   TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    vasp           TEXT COLLATE "C" NOT NULL,
    number         BIGINT NOT NULL,
    questionnaire  TEXT   NOT NULL,
    submitted_at   BIGINT NOT NULL,
    submitted_by   TEXT   NOT NULL,
    document_sha256 BYTEA  NOT NULL,
    sealed         BYTEA  NOT NULL,
    -- What checks and screening need of it.
    sealed_facts   BYTEA  NOT NULL,
    withdrawn_at   BIGINT,
    -- Private revisions from which and until which it stood.
    revision_from  BIGINT NOT NULL,
    revision_to    BIGINT,
    UNIQUE (organisation, number)
);
CREATE INDEX questionnaire_submissions_standing ON questionnaire_submissions (organisation) WHERE revision_to IS NULL;

-- Which organisation may read them, for how long.
CREATE TABLE questionnaire_access (
    id            TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    organisation  TEXT COLLATE "C"   NOT NULL REFERENCES organisations (id),
    grantee       TEXT COLLATE "C"   NOT NULL REFERENCES organisations (id),
    -- Sections, separated by blanks; none: all.
    sections      TEXT,
    ownership     SMALLINT NOT NULL,
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
    id           TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    organisation TEXT COLLATE "C"   NOT NULL REFERENCES organisations (id),
    vasp         TEXT COLLATE "C"   NOT NULL,
    asker        TEXT COLLATE "C"   NOT NULL REFERENCES organisations (id),
    sections     TEXT,
    ownership    SMALLINT NOT NULL,
    reason       TEXT     NOT NULL,
    state        TEXT     NOT NULL,
    created_by   TEXT     NOT NULL,
    created_at   BIGINT   NOT NULL,
    decided_at   BIGINT
);
CREATE INDEX questionnaire_requests_by_organisation ON questionnaire_requests (organisation, id);
CREATE INDEX questionnaire_requests_by_asker ON questionnaire_requests (asker, vasp, id);
CREATE UNIQUE INDEX questionnaire_requests_open ON questionnaire_requests (organisation, asker) WHERE state = 'open';
