-- Claims: who owns which address.

CREATE TABLE claim_batches (
    number      BIGINT   NOT NULL PRIMARY KEY,
    source      TEXT     NOT NULL,
    source_key  TEXT     NOT NULL,
    method      TEXT     NOT NULL,
    -- 1: attributed, 2: attested, 3: proven.
    strength    SMALLINT NOT NULL CHECK (strength IN (1, 2, 3)),
    -- 1: named organisations, 2: gateways, 3: public.
    visibility  SMALLINT NOT NULL CHECK (visibility IN (1, 2, 3)),
    -- Sealed seed of the row salts. No question reads it; it is kept because nothing else can open the root that the log holds.
    seed        BYTES    NOT NULL,
    verified_at BIGINT,
    seq_from    BIGINT   NOT NULL,
    -- The batch whose number stands for all parts of one import. Most batches are whole: their own number.
    part_of     BIGINT   NOT NULL
);
CREATE INDEX claim_batches_by_seq ON claim_batches (seq_from);
CREATE INDEX claim_batches_by_whole ON claim_batches (part_of);

-- Found by controller: what must act for the account, in the class of networks where that is the same party. In SQLite by number, in the
-- order in which they come, with a narrow index by controller: an index of whole keys would hold each key a second time. The last eight
-- bytes of a controller tell few apart wrongly; who asks compares the whole. In PostgreSQL the table has eight parts by controller.
CREATE TABLE claims (
    number      INTEGER  NOT NULL PRIMARY KEY, --sqlite
    number      BIGINT   NOT NULL, --postgres
    class       INTEGER  NOT NULL,
    controller  BYTES    NOT NULL,
    memo        TEXT     NOT NULL,
    network     INTEGER  NOT NULL,
    account_key BYTES    NOT NULL,
    vasp        BIGINT   NOT NULL,
    batch       BIGINT   NOT NULL,
    position    INTEGER  NOT NULL,
    -- 0: unknown, 1: deposit, 2: hot, 3: cold. Not `IN`, which SQLite looks up in a table that it makes for each statement.
    role        SMALLINT NOT NULL CHECK (role >= 0 AND role <= 3),
    confidence  SMALLINT,
    asserted_at BIGINT,
    expires_at  BIGINT,
    seq_to      BIGINT --sqlite
    seq_to      BIGINT, --postgres
    PRIMARY KEY (class, controller, memo, number) --postgres
) ROWID; --sqlite
) PARTITION BY HASH (controller); --postgres
CREATE TABLE claims_0 PARTITION OF claims FOR VALUES WITH (MODULUS 8, REMAINDER 0); --postgres
CREATE TABLE claims_1 PARTITION OF claims FOR VALUES WITH (MODULUS 8, REMAINDER 1); --postgres
CREATE TABLE claims_2 PARTITION OF claims FOR VALUES WITH (MODULUS 8, REMAINDER 2); --postgres
CREATE TABLE claims_3 PARTITION OF claims FOR VALUES WITH (MODULUS 8, REMAINDER 3); --postgres
CREATE TABLE claims_4 PARTITION OF claims FOR VALUES WITH (MODULUS 8, REMAINDER 4); --postgres
CREATE TABLE claims_5 PARTITION OF claims FOR VALUES WITH (MODULUS 8, REMAINDER 5); --postgres
CREATE TABLE claims_6 PARTITION OF claims FOR VALUES WITH (MODULUS 8, REMAINDER 6); --postgres
CREATE TABLE claims_7 PARTITION OF claims FOR VALUES WITH (MODULUS 8, REMAINDER 7); --postgres
CREATE INDEX claims_by_controller ON claims (substr(controller, -8)); --sqlite
CREATE INDEX claims_by_number ON claims (number); --postgres
CREATE INDEX claims_by_batch ON claims (batch, position);
CREATE INDEX claims_by_end ON claims (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX claims_by_expiry ON claims (expires_at) WHERE expires_at IS NOT NULL;

-- The controllers of accounts with several (a Zcash unified address has one for each receiver), except the first, which is in `claims`.
CREATE TABLE claim_controllers (
    class      INTEGER NOT NULL,
    controller BYTES   NOT NULL,
    claim      BIGINT  NOT NULL,
    PRIMARY KEY (class, controller, claim)
);
CREATE INDEX claim_controllers_by_claim ON claim_controllers (claim);

-- SHA-256 of the table of networks by which the classes and controllers of claims were computed.
CREATE TABLE claim_classes (
    id     SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    digest BYTES    NOT NULL
);

-- Imports of claims that are under way, or were when their process was killed. Their rows are in `claims` already and count for nothing,
-- because their batches enter `claim_batches` at the end.
CREATE TABLE claim_imports (
    -- SHA-256 of the file; of what cannot be read again a random number.
    digest     BYTES  NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Rows of the file whose claims are written; -1: they are being removed.
    rows_read  BIGINT NOT NULL,
    -- JSON: batches, groups and report so far.
    state      TEXT   NOT NULL
);

-- What a member says about an address, beside the claim itself.
CREATE TABLE member_claims (
    number        BIGINT  NOT NULL PRIMARY KEY,
    organisation  TEXT    NOT NULL REFERENCES organisations (id),
    network       INTEGER NOT NULL,
    account_key   BYTES   NOT NULL,
    memo          TEXT    NOT NULL,
    replaces      BIGINT,
    replaced_by   BIGINT,
    ended_because TEXT CHECK (ended_because IN ('withdrawn', 'replaced', 'proven', 'decided')),
    ended_at      BIGINT
);
CREATE INDEX member_claims_by_organisation ON member_claims (organisation, number);

-- What a member says against other parties beyond its allowance. It changes no answer until a reviewer lets it count: then the row leaves
-- for `claims`. How it ended without that stands in `member_claims`.
CREATE TABLE waiting_claims (
    number      BIGINT   NOT NULL PRIMARY KEY REFERENCES member_claims (number),
    vasp        BIGINT   NOT NULL,
    batch       BIGINT   NOT NULL,
    network     INTEGER  NOT NULL,
    account_key BYTES    NOT NULL,
    class       INTEGER  NOT NULL,
    controller  BYTES    NOT NULL,
    role        SMALLINT NOT NULL CHECK (role >= 0 AND role <= 3),
    -- As that of a batch.
    visibility  SMALLINT NOT NULL CHECK (visibility IN (1, 2, 3)),
    said_at     BIGINT   NOT NULL,
    expires_at  BIGINT   NOT NULL,
    -- 0: its member is not told that it waits, because it may not know of the claims that it contradicts, or newly claimed too much that day.
    told        SMALLINT NOT NULL CHECK (told IN (0, 1))
);
CREATE INDEX waiting_claims_by_vasp ON waiting_claims (vasp, number);
CREATE INDEX waiting_claims_by_batch ON waiting_claims (batch, number);
CREATE INDEX waiting_claims_by_key ON waiting_claims (network, account_key);
CREATE INDEX waiting_claims_by_controller ON waiting_claims (class, controller);

-- The organisations that may see the claims of a batch which is for named ones only.
CREATE TABLE claim_batch_readers (
    batch        BIGINT NOT NULL,
    organisation TEXT   NOT NULL,
    PRIMARY KEY (batch, organisation)
);

-- A challenge is told by its nonce; of its text only the digest is kept.
CREATE TABLE claim_challenges (
    nonce        BYTES  NOT NULL PRIMARY KEY,
    organisation TEXT   NOT NULL,
    claim        BIGINT NOT NULL,
    text_sha256  BYTES  NOT NULL,
    expires_at   BIGINT NOT NULL,
    used_at      BIGINT
);
CREATE INDEX claim_challenges_by_expiry ON claim_challenges (expires_at);

CREATE TABLE claim_disputes (
    id           TEXT    NOT NULL PRIMARY KEY,
    case_id      TEXT    NOT NULL REFERENCES cases (id),
    kind         TEXT    NOT NULL CHECK (kind IN ('conflict', 'report')),
    network      INTEGER NOT NULL,
    account_key  BYTES   NOT NULL,
    memo         TEXT    NOT NULL,
    claim        BIGINT  NOT NULL,
    against      BIGINT,
    organisation TEXT    NOT NULL,
    reason       TEXT,
    opened_at    BIGINT  NOT NULL,
    outcome      TEXT,
    closed_at    BIGINT
);
CREATE INDEX claim_disputes_open ON claim_disputes (id) WHERE closed_at IS NULL;
CREATE INDEX claim_disputes_by_claim ON claim_disputes (claim);
CREATE INDEX claim_disputes_by_organisation ON claim_disputes (organisation, opened_at);
CREATE INDEX claim_disputes_by_against ON claim_disputes (against) WHERE against IS NOT NULL;

-- A memo of an address, or every memo of it, that the address's owner says is another VASP's. It counts from seq_from, when that VASP
-- confirmed it, until either ends it. Or the owner's word that it is not: one with refused_at never counts.
CREATE TABLE sub_accounts (
    id           TEXT    NOT NULL PRIMARY KEY,
    network      INTEGER NOT NULL,
    account_key  BYTES   NOT NULL,
    -- Empty: every memo.
    memo         TEXT    NOT NULL,
    -- Ids of the two VASPs.
    owner        TEXT    NOT NULL,
    holder       TEXT    NOT NULL,
    named_at     BIGINT  NOT NULL,
    confirmed_at BIGINT,
    refused_at   BIGINT,
    ended_at     BIGINT,
    seq_from     BIGINT,
    seq_to       BIGINT
);
CREATE INDEX sub_accounts_by_owner ON sub_accounts (owner, id);
CREATE INDEX sub_accounts_by_holder ON sub_accounts (holder, id);
CREATE INDEX sub_accounts_by_seq ON sub_accounts (seq_from) WHERE seq_from IS NOT NULL;
CREATE INDEX sub_accounts_by_end ON sub_accounts (seq_to) WHERE seq_to IS NOT NULL;
CREATE UNIQUE INDEX sub_accounts_standing ON sub_accounts (network, account_key, memo, owner, holder) WHERE ended_at IS NULL;

-- How often a claim was asked for.
CREATE TABLE claim_usage (
    claim BIGINT NOT NULL,
    day   TEXT   NOT NULL,
    asked BIGINT NOT NULL,
    PRIMARY KEY (claim, day)
);

-- How many addresses that nobody is known to own each organisation asked for, how many that it claims without proof, and how many it newly
-- claimed: each tells it as much.
CREATE TABLE not_found_budgets (
    organisation TEXT   NOT NULL,
    day          TEXT   NOT NULL,
    counts       TEXT   NOT NULL CHECK (counts IN ('not_found', 'own_addresses')),
    sketch       BYTES  NOT NULL,
    alarmed_at   BIGINT,
    claimed      BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation, day, counts)
);
