-- Where data comes from: rows of registers that wait for their authority, amendments of the table of authorities, what was imported.

-- A file of a register with rows whose authority is not known. `is_whole`: none of its rows could be imported.
CREATE TABLE held_files (
    id          TEXT    NOT NULL PRIMARY KEY,
    register    TEXT    NOT NULL,
    observed_on TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    -- SHA-256 of the file.
    digest      BYTES   NOT NULL,
    is_whole    BOOLEAN NOT NULL,
    held_at     BIGINT  NOT NULL
);
CREATE UNIQUE INDEX held_files_once ON held_files (register, observed_on, digest);

-- Those rows, as they were read. One that was imported since has the time of that.
CREATE TABLE held_rows (
    file       TEXT    NOT NULL REFERENCES held_files (id),
    number     INTEGER NOT NULL,
    line       BIGINT  NOT NULL,
    -- The authority as the register writes it, and in the form that is compared.
    authority  TEXT    NOT NULL,
    spelling   TEXT    NOT NULL,
    country    TEXT,
    why        TEXT    NOT NULL CHECK (why IN ('authority_unknown', 'authority_ambiguous')),
    -- JSON: columns and cells.
    cells      TEXT    NOT NULL,
    case_id    TEXT    NOT NULL REFERENCES cases (id),
    settled_at BIGINT,
    PRIMARY KEY (file, number)
);
CREATE INDEX held_rows_waiting ON held_rows (spelling, file, number) WHERE settled_at IS NULL;
CREATE INDEX held_rows_by_case ON held_rows (case_id);

-- Amendments of the table of authorities; they take two people. The table that an approved one makes becomes a reference document.
CREATE TABLE authority_amendments (
    id         TEXT   NOT NULL PRIMARY KEY,
    state      TEXT   NOT NULL CHECK (state IN ('superseded', 'declined', 'pending', 'approved')),
    source     TEXT   NOT NULL,
    -- SHA-256 of the amended table, and of the table that it was made from.
    digest     BYTES  NOT NULL,
    base       BYTES  NOT NULL,
    -- The amended table.
    body       TEXT   NOT NULL,
    -- JSON: what it changes, and what people should look at.
    difference TEXT   NOT NULL,
    notes      TEXT   NOT NULL,
    -- The user; empty if it came from the command line.
    made_by    TEXT,
    made_at    BIGINT NOT NULL
);
