-- Matches of VASPs with entries of screening lists, for people to decide. What is decided is a fact of the VASP; here is the work.
CREATE TABLE screening_hits (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    vasp           TEXT COLLATE "C" NOT NULL,
    list           TEXT COLLATE "C" NOT NULL,
    uid            TEXT COLLATE "C" NOT NULL,
    about          TEXT COLLATE "C" NOT NULL,
    matched_by     TEXT COLLATE "C" NOT NULL,
    matched        TEXT COLLATE "C" NOT NULL,
    listed         TEXT COLLATE "C" NOT NULL,
    name           TEXT COLLATE "C" NOT NULL,
    programs       TEXT COLLATE "C" NOT NULL,
    score          SMALLINT NOT NULL,
    entry_sha256   TEXT COLLATE "C" NOT NULL,
    status         TEXT COLLATE "C" NOT NULL,
    version        BIGINT NOT NULL,
    found_at       BIGINT NOT NULL,
    changed_at     BIGINT NOT NULL,
    decision       TEXT COLLATE "C",
    reason         TEXT COLLATE "C",
    proposed_by    TEXT COLLATE "C",
    proposed_with  TEXT COLLATE "C",
    proposed_at    BIGINT,
    proposal_digest TEXT COLLATE "C",
    decided_by     TEXT COLLATE "C",
    decided_at     BIGINT
);
-- One a VASP and entry: who it is, and what addresses it claims, apart.
CREATE UNIQUE INDEX screening_hits_pair ON screening_hits (vasp, list, uid, about);
CREATE INDEX screening_hits_status ON screening_hits (status, id);
