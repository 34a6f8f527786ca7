-- Which counterparties organisations rely on, what they are told of them, and where that is sent.

CREATE TABLE watches (
    organisation TEXT     NOT NULL REFERENCES organisations (id),
    vasp         TEXT     NOT NULL,
    -- Whether a person or program asked for it; kept while so.
    asked        SMALLINT NOT NULL,
    -- The last recorded pre-check with it; kept for a time after that.
    relied_at    BIGINT,
    -- The asker's entry of the rulebook then.
    jurisdiction TEXT,
    -- Sequence of the directory at which the findings were made; before the first judgement that of the first pre-check.
    sequence     BIGINT   NOT NULL,
    -- JSON: the findings by check. Null: not judged yet.
    findings     TEXT,
    version      BIGINT   NOT NULL,
    created_at   BIGINT   NOT NULL,
    PRIMARY KEY (organisation, vasp)
) WITHOUT ROWID;
CREATE INDEX watches_by_vasp ON watches (vasp);
CREATE INDEX watches_not_judged ON watches (organisation, vasp) WHERE findings IS NULL;

CREATE TABLE alerts (
    id              TEXT   NOT NULL PRIMARY KEY,
    organisation    TEXT   NOT NULL REFERENCES organisations (id),
    kind            TEXT   NOT NULL,
    severity        TEXT   NOT NULL,
    vasp            TEXT,
    -- JSON: what was found before and now, and in which directory.
    body            TEXT   NOT NULL,
    raised_at       BIGINT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by TEXT,
    note            TEXT,
    version         BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX alerts_by_organisation ON alerts (organisation, id);

CREATE TABLE webhooks (
    id               TEXT   NOT NULL PRIMARY KEY,
    organisation     TEXT   NOT NULL REFERENCES organisations (id),
    url              TEXT   NOT NULL,
    -- Kinds of alerts that it takes, by prefix; empty: all.
    kinds            TEXT   NOT NULL,
    min_severity     TEXT   NOT NULL,
    description      TEXT   NOT NULL,
    state            TEXT   NOT NULL,
    -- Sealed under the organisation's data key.
    secret           BLOB   NOT NULL,
    old_secret       BLOB,
    old_secret_until BIGINT,
    -- The first of the attempts that failed since the last that did not.
    failing_since    BIGINT,
    version          BIGINT NOT NULL,
    created_by       TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    deleted_at       BIGINT
) WITHOUT ROWID;
CREATE INDEX webhooks_by_organisation ON webhooks (organisation, id);

CREATE TABLE webhook_deliveries (
    id           TEXT     NOT NULL PRIMARY KEY,
    webhook      TEXT     NOT NULL REFERENCES webhooks (id),
    -- Null: a test.
    alert        TEXT,
    body         TEXT     NOT NULL,
    created_at   BIGINT   NOT NULL,
    -- When the first attempt of this turn was due: a delivery that is sent anew begins another turn.
    begun_at     BIGINT   NOT NULL,
    state        TEXT     NOT NULL,
    attempts     SMALLINT NOT NULL,
    -- When it is due; null: no more.
    next_at      BIGINT,
    -- Until when the node that took it may be sending it.
    leased_until BIGINT,
    last_at      BIGINT,
    last_status  SMALLINT,
    last_error   TEXT
) WITHOUT ROWID;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, id);
