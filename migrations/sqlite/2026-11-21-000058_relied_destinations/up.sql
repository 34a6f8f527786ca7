-- Which destinations organisations relied on, so that they can be told when the owner that they were told of is another one. Nothing
-- here says in clear which address it is.

ALTER TABLE prechecks ADD COLUMN destination BLOB;

CREATE TABLE relied_destinations (
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    -- Of network, address, memo and Travel Address, under a key of the organisation.
    token        BLOB   NOT NULL,
    -- Of the account key alone: what changed claims are found by. Null: only a Travel Address.
    account      BLOB,
    -- The VASP that was relied on.
    vasp         TEXT   NOT NULL,
    -- Network, address, memo and Travel Address, sealed under the organisation's data key.
    sealed       BLOB   NOT NULL,
    -- Who owned it when it was looked at last.
    status       TEXT   NOT NULL,
    -- The last recorded pre-check to it.
    precheck     TEXT   NOT NULL,
    relied_at    BIGINT NOT NULL,
    -- Sequence of the directory in which the status was found.
    sequence     BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    PRIMARY KEY (organisation, token)
) WITHOUT ROWID;
CREATE INDEX relied_destinations_by_account ON relied_destinations (organisation, account);
CREATE INDEX relied_destinations_by_vasp ON relied_destinations (vasp);
