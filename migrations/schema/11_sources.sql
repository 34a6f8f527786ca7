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

-- What was imported, when and by what; also files that were refused.
CREATE TABLE imports (
    id            TEXT   NOT NULL PRIMARY KEY,
    format        TEXT   NOT NULL,
    file          TEXT   NOT NULL,
    -- SHA-256 of the file; empty if it could be read only once.
    digest        BYTES,
    observed_on   TEXT,
    imported_by   TEXT   NOT NULL CHECK (imported_by IN ('command_line', 'seed', 'source', 'amendment')),
    -- Id of the source from which it was fetched.
    source        TEXT,
    at            BIGINT NOT NULL,
    outcome       TEXT   NOT NULL CHECK (outcome IN ('refused', 'changed', 'unchanged')),
    -- Why it was refused.
    reason        TEXT,
    rows_read     BIGINT NOT NULL,
    taken         BIGINT NOT NULL,
    unchanged     BIGINT NOT NULL,
    repeated      BIGINT NOT NULL,
    rejected      BIGINT NOT NULL,
    held          BIGINT NOT NULL,
    flagged       BIGINT NOT NULL,
    records_new   BIGINT NOT NULL,
    records_other BIGINT NOT NULL,
    vanished      BIGINT NOT NULL,
    -- New links from brands to firms that the search after it proposed; empty if no search was made, or it failed.
    links         BIGINT,
    -- The log's last sequence after it.
    sequence      BIGINT NOT NULL
);
CREATE INDEX imports_by_source ON imports (source, id) WHERE source IS NOT NULL;

-- Rows of imports that were not taken as they are, at most some thousands of each import.
CREATE TABLE import_rows (
    import  TEXT    NOT NULL REFERENCES imports (id),
    number  INTEGER NOT NULL,
    outcome TEXT    NOT NULL CHECK (outcome IN ('rejected', 'held', 'flagged')),
    line    BIGINT  NOT NULL,
    -- The column that is wrong, if one is.
    place   TEXT,
    reason  TEXT    NOT NULL,
    text    TEXT    NOT NULL,
    PRIMARY KEY (import, number)
);

-- What was fetched from the sources of `seed/sources.csv`. A source that was never tried has no row. The row `bundle` is of bundles.
CREATE TABLE source_states (
    id            TEXT    NOT NULL PRIMARY KEY,
    paused        BOOLEAN NOT NULL,
    tried_at      BIGINT,
    -- Last time that the files were read, whether they changed or not; and last time that they had changed.
    succeeded_at  BIGINT,
    changed_at    BIGINT,
    known_through TEXT,
    file          TEXT,
    digest        BYTES,
    rows_read     BIGINT,
    -- Why the last try failed; empty if it did not.
    failure       TEXT,
    -- How many tries failed since the last that did not.
    failures      INTEGER NOT NULL,
    -- When a server looks next; empty if none ever looked. A server that looks sets it first, so that no other server looks too.
    next_look_at  BIGINT,
    -- What the publisher's server said of the files (ETag, Last-Modified), as JSON; empty if they did not come from one. Of bundles, the
    -- pinned key and the serial of the last one.
    validators    TEXT,
    version       BIGINT  NOT NULL
);

-- The newest files of each source, as they came. The body is compressed by gzip, and left out of a very large file.
CREATE TABLE source_snapshots (
    source      TEXT   NOT NULL,
    digest      BYTES  NOT NULL,
    file        TEXT   NOT NULL,
    observed_on TEXT,
    fetched_at  BIGINT NOT NULL,
    size_bytes  BIGINT NOT NULL,
    body        BYTES,
    PRIMARY KEY (source, digest)
);
