-- Records of VASPs: anchors that never change, and facts in versions by sequence.

CREATE TABLE vasps (
    number BIGINT   NOT NULL PRIMARY KEY,
    id     TEXT     NOT NULL UNIQUE,
    -- 1: an entity, 2: a group.
    kind   SMALLINT NOT NULL CHECK (kind IN (1, 2))
);

CREATE TABLE licences (
    id        TEXT   NOT NULL PRIMARY KEY,
    vasp      BIGINT NOT NULL REFERENCES vasps (number),
    authority TEXT   NOT NULL,
    regime    TEXT   NOT NULL,
    UNIQUE (vasp, authority, regime)
);

CREATE TABLE facts (
    number     NUMBERED PRIMARY KEY,
    vasp       BIGINT NOT NULL REFERENCES vasps (number),
    -- Empty: a fact of the VASP itself.
    licence    TEXT   NOT NULL,
    origin     TEXT   NOT NULL,
    attribute  TEXT   NOT NULL CHECK (attribute IN (
        'status', 'legal_name', 'other_name', 'country', 'lei', 'website', 'registered_address', 'group', 'domain', 'domain_scope',
        'delegation', 'register_name', 'identifier', 'activity', 'contact', 'endpoint', 'certificate', 'message_key',
        'screening_decision', 'merged_into', 'entity_key', 'listing', 'licence_start', 'licence_end', 'licence_number',
        'licence_standing', 'licence_activity', 'licence_territory')),
    item       TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    valid_from TEXT,
    valid_to   TEXT,
    seq_from   BIGINT NOT NULL,
    seq_to     BIGINT
) ROWID;
CREATE UNIQUE INDEX facts_current ON facts (vasp, licence, origin, attribute, item, coalesce(valid_from, '')) WHERE seq_to IS NULL;
CREATE INDEX facts_by_vasp ON facts (vasp, seq_from);
CREATE INDEX facts_by_seq_from ON facts (seq_from);
CREATE INDEX facts_by_seq_to ON facts (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX facts_by_value ON facts (attribute, value) WHERE attribute IN ('lei', 'group', 'merged_into');

-- Published files of registers that were read.
CREATE TABLE snapshots (
    seq_from    BIGINT NOT NULL PRIMARY KEY,
    register    TEXT   NOT NULL,
    observed_on TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    digest      BYTES  NOT NULL,
    -- How much of the register it has.
    extent      TEXT   NOT NULL CHECK (extent IN ('typed', 'part', 'whole'))
);
CREATE INDEX snapshots_by_date ON snapshots (register, observed_on);

-- What GLEIF says about LEIs that are, or were, on a VASP's record; versions by sequence, like facts.
CREATE TABLE lei_records (
    number      NUMBERED PRIMARY KEY,
    lei         TEXT   NOT NULL,
    observed_on TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    seq_from    BIGINT NOT NULL,
    seq_to      BIGINT
) ROWID;
CREATE UNIQUE INDEX lei_records_current ON lei_records (lei) WHERE seq_to IS NULL;
CREATE INDEX lei_records_by_lei ON lei_records (lei, seq_from);

CREATE TABLE lei_looks (
    seq_from    BIGINT   NOT NULL PRIMARY KEY,
    observed_on TEXT     NOT NULL,
    source      TEXT     NOT NULL,
    -- Which held LEIs the file showed: 1: all but those named, 0: only those named.
    all_but     SMALLINT NOT NULL CHECK (all_but IN (0, 1)),
    -- Separated by blanks.
    leis        TEXT     NOT NULL
);

-- Reference documents in versions: rulebook, policy, lists. A screening list is a kind of its own, `screening:` and its id.
CREATE TABLE documents (
    seq_from    BIGINT NOT NULL PRIMARY KEY,
    kind        TEXT   NOT NULL,
    version     TEXT   NOT NULL,
    observed_on TEXT   NOT NULL,
    source      TEXT   NOT NULL,
    digest      BYTES  NOT NULL,
    body        TEXT   NOT NULL
) ROWID;
CREATE INDEX documents_by_kind ON documents (kind, observed_on, seq_from);

-- Evidence for one attribute of a record. It counts publicly between seq_from and seq_to; it has no seq_from before its case is decided.
CREATE TABLE evidence (
    id           TEXT   NOT NULL PRIMARY KEY,
    vasp         TEXT   NOT NULL,
    attribute    TEXT   NOT NULL,
    value_digest BYTES,
    method       TEXT   NOT NULL CHECK (method IN (
        'register_look_up', 'document', 'dns', 'call_back', 'certificate', 'gleif', 'website', 'authority_confirmation',
        'dns_txt', 'well_known_file')),
    source       TEXT   NOT NULL,
    reference    TEXT,
    document     TEXT,
    verifier     TEXT,
    case_id      TEXT,
    verified_at  BIGINT NOT NULL,
    expires_at   BIGINT,
    expiry_noted BIGINT,
    seq_from     BIGINT,
    seq_to       BIGINT
);
CREATE INDEX evidence_by_vasp ON evidence (vasp, id);
CREATE INDEX evidence_by_seq_from ON evidence (seq_from) WHERE seq_from IS NOT NULL;
CREATE INDEX evidence_by_seq_to ON evidence (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX evidence_by_expiry ON evidence (expires_at) WHERE expiry_noted IS NULL AND expires_at IS NOT NULL;
