-- Matches of VASPs with entries of screening lists, for people to decide. What is decided is a fact of the VASP; here is the work.
CREATE TABLE screening_hits (
    id             TEXT NOT NULL PRIMARY KEY,
    vasp           TEXT NOT NULL,
    list           TEXT NOT NULL,
    uid            TEXT NOT NULL,
    about          TEXT NOT NULL,
    matched_by     TEXT NOT NULL,
    matched        TEXT NOT NULL,
    listed         TEXT NOT NULL,
    name           TEXT NOT NULL,
    programs       TEXT NOT NULL,
    score          SMALLINT NOT NULL,
    entry_sha256   TEXT NOT NULL,
    status         TEXT NOT NULL,
    version        BIGINT NOT NULL,
    found_at       BIGINT NOT NULL,
    changed_at     BIGINT NOT NULL,
    decision       TEXT,
    reason         TEXT,
    proposed_by    TEXT,
    proposed_with  TEXT,
    proposed_at    BIGINT,
    proposal_digest TEXT,
    decided_by     TEXT,
    decided_at     BIGINT
) WITHOUT ROWID;
-- One a VASP and entry: who it is, and what addresses it claims, apart.
CREATE UNIQUE INDEX screening_hits_pair ON screening_hits (vasp, list, uid, about);
CREATE INDEX screening_hits_status ON screening_hits (status, id);
