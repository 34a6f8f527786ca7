-- New rulebooks that wait for two people, and what became of them. One that is approved becomes a reference document.
CREATE TABLE rulebook_proposals (
    id          TEXT NOT NULL PRIMARY KEY,
    -- pending, approved or declined
    state       TEXT NOT NULL,
    version     TEXT NOT NULL,
    observed_on TEXT NOT NULL,
    source      TEXT NOT NULL,
    -- SHA-256 of the text, and of the rulebook that it was compared with.
    digest      BLOB NOT NULL,
    base        BLOB NOT NULL,
    body        TEXT NOT NULL,
    -- JSON: what it changes.
    difference  TEXT NOT NULL,
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
