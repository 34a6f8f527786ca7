-- What members say about addresses: who said it, what they answered to challenges, what others say against it, how often it was
-- asked for; and how many addresses that nobody is known to own each organisation asked for.

CREATE TABLE member_claims (
    number        BIGINT  NOT NULL PRIMARY KEY,
    organisation  TEXT    NOT NULL REFERENCES organisations (id),
    network       INTEGER NOT NULL,
    account_key   BLOB   NOT NULL,
    memo          TEXT    NOT NULL,
    made_by       TEXT    NOT NULL,
    replaces      BIGINT,
    replaced_by   BIGINT,
    ended_because TEXT,
    ended_at      BIGINT
) WITHOUT ROWID;
CREATE INDEX member_claims_by_organisation ON member_claims (organisation, number);

CREATE TABLE claim_batch_readers (
    batch        BIGINT NOT NULL,
    organisation TEXT   NOT NULL,
    PRIMARY KEY (batch, organisation)
) WITHOUT ROWID;

-- A challenge is told by its nonce; of its text only the digest is kept.
CREATE TABLE claim_challenges (
    nonce        BLOB NOT NULL PRIMARY KEY,
    organisation TEXT  NOT NULL,
    claim        BIGINT NOT NULL,
    text_sha256  BLOB NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
) WITHOUT ROWID;
CREATE INDEX claim_challenges_by_expiry ON claim_challenges (expires_at);

-- One check a batch, drawn once: what it showed counts from seq_from.
CREATE TABLE batch_checks (
    batch               BIGINT NOT NULL PRIMARY KEY,
    organisation        TEXT   NOT NULL,
    digest              BLOB  NOT NULL,
    size                BIGINT NOT NULL,
    seed                BLOB  NOT NULL,
    picked              BIGINT NOT NULL,
    drawn_by            TEXT   NOT NULL,
    drawn_at            BIGINT NOT NULL,
    controlled_at_least BIGINT,
    seq_from            BIGINT
) WITHOUT ROWID;
CREATE INDEX batch_checks_by_seq ON batch_checks (seq_from) WHERE seq_from IS NOT NULL;

CREATE TABLE batch_check_picks (
    batch     BIGINT NOT NULL REFERENCES batch_checks (batch),
    rank      INTEGER NOT NULL,
    place     BIGINT NOT NULL,
    claim     BIGINT NOT NULL,
    signed_at BIGINT,
    PRIMARY KEY (batch, rank)
) WITHOUT ROWID;

CREATE TABLE claim_disputes (
    id            TEXT   NOT NULL PRIMARY KEY,
    case_id       TEXT   NOT NULL REFERENCES cases (id),
    kind          TEXT   NOT NULL,
    network       INTEGER NOT NULL,
    account_key   BLOB  NOT NULL,
    memo          TEXT   NOT NULL,
    claim         BIGINT NOT NULL,
    against       BIGINT,
    organisation  TEXT   NOT NULL,
    reason        TEXT,
    opened_at     BIGINT NOT NULL,
    outcome       TEXT,
    closed_at     BIGINT
) WITHOUT ROWID;
CREATE INDEX claim_disputes_open ON claim_disputes (id) WHERE closed_at IS NULL;
CREATE INDEX claim_disputes_by_claim ON claim_disputes (claim);
CREATE INDEX claim_disputes_by_against ON claim_disputes (against) WHERE against IS NOT NULL;

-- The end of a disputed claim: what one person proposed and another decided.
CREATE TABLE claim_endings (
    claim         BIGINT NOT NULL PRIMARY KEY,
    reason        TEXT   NOT NULL,
    proposed_by   TEXT   NOT NULL,
    proposed_with TEXT   NOT NULL,
    proposed_at   BIGINT NOT NULL,
    digest        TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    decided_by    TEXT,
    decided_at    BIGINT
) WITHOUT ROWID;

CREATE TABLE claim_usage (
    claim BIGINT NOT NULL,
    day   TEXT   NOT NULL,
    asked BIGINT NOT NULL,
    PRIMARY KEY (claim, day)
) WITHOUT ROWID;

CREATE TABLE not_found_budgets (
    organisation TEXT  NOT NULL,
    day          TEXT  NOT NULL,
    sketch       BLOB NOT NULL,
    alarmed_at   BIGINT,
    PRIMARY KEY (organisation, day)
) WITHOUT ROWID;
