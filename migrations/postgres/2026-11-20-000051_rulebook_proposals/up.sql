-- New rulebooks that wait for two people, and what became of them. One that is approved becomes a reference document.
CREATE TABLE rulebook_proposals (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- pending, approved or declined
    state       TEXT COLLATE "C" NOT NULL,
    version     TEXT COLLATE "C" NOT NULL,
    observed_on TEXT COLLATE "C" NOT NULL,
    source      TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the text, and of the rulebook that it was compared with.
    digest      BYTEA NOT NULL,
    base        BYTEA NOT NULL,
    body        TEXT COLLATE "C" NOT NULL,
    -- JSON: what it changes.
    difference  TEXT COLLATE "C" NOT NULL,
    proposed_at BIGINT NOT NULL,
    -- The first person who approved it, with which credential, and when.
    first_by    TEXT COLLATE "C",
    first_with  TEXT COLLATE "C",
    first_at    BIGINT,
    -- The second, or whoever declined it.
    decided_by  TEXT COLLATE "C",
    decided_at  BIGINT,
    reason      TEXT COLLATE "C"
);
