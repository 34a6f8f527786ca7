-- Claims by number, in the order in which they come, with a narrow index by account: a key stood in the table and again in each
-- index before. The last eight bytes of a key tell few accounts apart wrongly; who asks compares the whole key.

CREATE TABLE claims_by_number (
    number      INTEGER  NOT NULL PRIMARY KEY,
    network     INTEGER  NOT NULL,
    account_key BLOB     NOT NULL,
    memo        TEXT     NOT NULL,
    vasp        BIGINT   NOT NULL,
    batch       BIGINT   NOT NULL,
    position    INTEGER  NOT NULL,
    role        SMALLINT NOT NULL,
    confidence  SMALLINT,
    asserted_at BIGINT,
    expires_at  BIGINT,
    seq_to      BIGINT
);
INSERT INTO claims_by_number (number, network, account_key, memo, vasp, batch, position, role, confidence, asserted_at, expires_at, seq_to)
SELECT number, network, account_key, memo, vasp, batch, position, role, confidence, asserted_at, expires_at, seq_to FROM claims ORDER BY number;
DROP TABLE claims;
ALTER TABLE claims_by_number RENAME TO claims;
CREATE INDEX claims_by_key ON claims (substr(account_key, -8));
CREATE INDEX claims_by_batch ON claims (batch, position);
CREATE INDEX claims_by_end ON claims (seq_to) WHERE seq_to IS NOT NULL;
