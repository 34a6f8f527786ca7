-- What GLEIF says of LEIs that stand, or stood, on a VASP; versions by sequence, like facts.
CREATE TABLE lei_records (
    number      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    lei         TEXT    NOT NULL,
    observed_on TEXT    NOT NULL,
    source      TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    seq_from    BIGINT  NOT NULL,
    seq_to      BIGINT
);
CREATE UNIQUE INDEX lei_records_current ON lei_records (lei) WHERE seq_to IS NULL;
CREATE INDEX lei_records_by_lei ON lei_records (lei, seq_from);

-- Which held LEIs a file showed: all of them but those named (1), or only those named (0), parted by blanks.
CREATE TABLE lei_looks (
    seq_from    BIGINT   NOT NULL PRIMARY KEY,
    observed_on TEXT     NOT NULL,
    source      TEXT     NOT NULL,
    all_but     SMALLINT NOT NULL,
    leis        TEXT     NOT NULL
) WITHOUT ROWID;
