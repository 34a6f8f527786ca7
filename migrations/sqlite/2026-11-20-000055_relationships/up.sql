-- What organisations decided about counterparties, one row a version. With whom, what and on which terms stands in `sealed`, under the
-- organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE relationships (
    id            TEXT    NOT NULL,
    organisation  TEXT    NOT NULL REFERENCES organisations (id),
    -- The revision of the organisation's private state that began this version, and the one that ended it; null: it stands.
    revision_from BIGINT  NOT NULL,
    revision_to   BIGINT,
    sealed        BLOB    NOT NULL,
    PRIMARY KEY (id, revision_from)
) WITHOUT ROWID;

CREATE UNIQUE INDEX relationships_standing ON relationships (id) WHERE revision_to IS NULL;
CREATE INDEX relationships_by_organisation ON relationships (organisation, revision_from);
