-- What members say about addresses: who said it, what they answered to challenges, what others say against it, how often it was
-- asked for; and how many addresses that nobody is known to own each organisation asked for.

CREATE TABLE member_claims (
    number        BIGINT  NOT NULL PRIMARY KEY,
    organisation  TEXT COLLATE "C"    NOT NULL REFERENCES organisations (id),
    network       INTEGER NOT NULL,
    account_key   BYTEA   NOT NULL,
    memo          TEXT COLLATE "C"    NOT NULL,
    made_by       TEXT COLLATE "C"    NOT NULL,
    replaces      BIGINT,
    replaced_by   BIGINT,
    ended_because TEXT COLLATE "C",
    ended_at      BIGINT
);
CREATE INDEX member_claims_by_organisation ON member_claims (organisation, number);

CREATE TABLE claim_batch_readers (
    batch        BIGINT NOT NULL,
    organisation TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (batch, organisation)
);

-- A challenge is told by its nonce; of its text only the digest is kept.
CREATE TABLE claim_challenges (
    nonce        BYTEA NOT NULL PRIMARY KEY,
    organisation TEXT COLLATE "C"  NOT NULL,
    claim        BIGINT NOT NULL,
    text_sha256  BYTEA NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);
CREATE INDEX claim_challenges_by_expiry ON claim_challenges (expires_at);

-- One check a batch, drawn once: what it showed counts from seq_from.
CREATE TABLE batch_checks (
    batch               BIGINT NOT NULL PRIMARY KEY,
    organisation        TEXT COLLATE "C"   NOT NULL,
    digest              BYTEA  NOT NULL,
    size                BIGINT NOT NULL,
    seed                BYTEA  NOT NULL,
    picked              BIGINT NOT NULL,
    drawn_by            TEXT COLLATE "C"   NOT NULL,
    drawn_at            BIGINT NOT NULL,
    controlled_at_least BIGINT,
    seq_from            BIGINT
);
CREATE INDEX batch_checks_by_seq ON batch_checks (seq_from) WHERE seq_from IS NOT NULL;

CREATE TABLE batch_check_picks (
    batch     BIGINT NOT NULL REFERENCES batch_checks (batch),
    rank      INTEGER NOT NULL,
    place     BIGINT NOT NULL,
    claim     BIGINT NOT NULL,
    signed_at BIGINT,
    PRIMARY KEY (batch, rank)
);

CREATE TABLE claim_disputes (
    id            TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    case_id       TEXT COLLATE "C"   NOT NULL REFERENCES cases (id),
    kind          TEXT COLLATE "C"   NOT NULL,
    network       INTEGER NOT NULL,
    account_key   BYTEA  NOT NULL,
    memo          TEXT COLLATE "C"   NOT NULL,
    claim         BIGINT NOT NULL,
    against       BIGINT,
    organisation  TEXT COLLATE "C"   NOT NULL,
    reason        TEXT COLLATE "C",
    opened_at     BIGINT NOT NULL,
    outcome       TEXT COLLATE "C",
    closed_at     BIGINT
);
CREATE INDEX claim_disputes_open ON claim_disputes (id) WHERE closed_at IS NULL;
CREATE INDEX claim_disputes_by_claim ON claim_disputes (claim);
CREATE INDEX claim_disputes_by_against ON claim_disputes (against) WHERE against IS NOT NULL;

-- The end of a disputed claim: what one person proposed and another decided.
CREATE TABLE claim_endings (
    claim         BIGINT NOT NULL PRIMARY KEY,
    reason        TEXT COLLATE "C"   NOT NULL,
    proposed_by   TEXT COLLATE "C"   NOT NULL,
    proposed_with TEXT COLLATE "C"   NOT NULL,
    proposed_at   BIGINT NOT NULL,
    digest        TEXT COLLATE "C"   NOT NULL,
    version       BIGINT NOT NULL,
    decided_by    TEXT COLLATE "C",
    decided_at    BIGINT
);

CREATE TABLE claim_usage (
    claim BIGINT NOT NULL,
    day   TEXT COLLATE "C"   NOT NULL,
    asked BIGINT NOT NULL,
    PRIMARY KEY (claim, day)
);

CREATE TABLE not_found_budgets (
    organisation TEXT COLLATE "C"  NOT NULL,
    day          TEXT COLLATE "C"  NOT NULL,
    sketch       BYTEA NOT NULL,
    alarmed_at   BIGINT,
    PRIMARY KEY (organisation, day)
);
