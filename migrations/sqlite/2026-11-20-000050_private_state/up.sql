-- What an organisation keeps for itself (relationships, policies) is read by every node from memory; which organisations changed since a
-- node last looked is read from here.
INSERT INTO counters VALUES ('private_revision', 0);

CREATE TABLE private_states (
    organisation TEXT   NOT NULL PRIMARY KEY REFERENCES organisations (id),
    -- Number of the organisation's last change among all organisations' changes.
    revision     BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX private_states_by_revision ON private_states (revision);
