-- Which counterparties organisations rely on, what they are told about them, and where that is sent.

CREATE TABLE watches (
    organisation TEXT     NOT NULL REFERENCES organisations (id),
    vasp         TEXT     NOT NULL,
    -- 1: a person or program asked for it; it is kept while that is so.
    asked        SMALLINT NOT NULL CHECK (asked IN (0, 1)),
    -- The last recorded pre-check with it; kept for a time after that.
    relied_at    BIGINT,
    -- The asker's entry of the rulebook then.
    jurisdiction TEXT,
    -- Sequence of the directory at which the findings were made; before the first judgement that of the first pre-check.
    sequence     BIGINT   NOT NULL,
    -- The findings by check, sealed under the organisation's data key. Null: not judged yet.
    findings     BYTES,
    version      BIGINT   NOT NULL,
    created_at   BIGINT   NOT NULL,
    PRIMARY KEY (organisation, vasp)
);
CREATE INDEX watches_by_vasp ON watches (vasp);
CREATE INDEX watches_not_judged ON watches (organisation, vasp) WHERE findings IS NULL;

-- Which destinations organisations relied on, so that they can be told when the owner changes. Nothing here shows in clear which address
-- it is.
CREATE TABLE relied_destinations (
    organisation TEXT   NOT NULL REFERENCES organisations (id),
    -- Of network, address, memo and Travel Address, under a key of the organisation.
    token        BYTES  NOT NULL,
    -- Of the account key alone: what changed claims are found by. Null: only a Travel Address.
    account      BYTES,
    -- The VASP that was relied on.
    vasp         TEXT   NOT NULL,
    -- Network, address, memo and Travel Address, sealed under the organisation's data key.
    sealed       BYTES  NOT NULL,
    -- Who owned it when it was last looked at.
    status       TEXT   NOT NULL,
    -- The last recorded pre-check to it.
    precheck     TEXT   NOT NULL,
    relied_at    BIGINT NOT NULL,
    -- Sequence of the directory in which the status was found.
    sequence     BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    PRIMARY KEY (organisation, token)
);
CREATE INDEX relied_destinations_by_account ON relied_destinations (organisation, account);
CREATE INDEX relied_destinations_by_vasp ON relied_destinations (vasp);

CREATE TABLE alerts (
    id              TEXT   NOT NULL PRIMARY KEY,
    organisation    TEXT   NOT NULL REFERENCES organisations (id),
    severity        TEXT   NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'info')),
    vasp            TEXT,
    -- By whose act, where more of the kind on that day are counted in it.
    opposing_vasp   TEXT,
    -- What of, what was found before and now, and what was noted; sealed under the organisation's data key.
    sealed          BYTES  NOT NULL,
    raised_at       BIGINT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by TEXT,
    version         BIGINT NOT NULL
);
CREATE INDEX alerts_by_organisation ON alerts (organisation, id);
CREATE INDEX alerts_by_opposing_vasp ON alerts (organisation, opposing_vasp);

CREATE TABLE webhooks (
    id               TEXT   NOT NULL PRIMARY KEY,
    organisation     TEXT   NOT NULL REFERENCES organisations (id),
    url              TEXT   NOT NULL,
    -- Kinds of alerts that it takes, by prefix; empty: all.
    kinds            TEXT   NOT NULL,
    min_severity     TEXT   NOT NULL CHECK (min_severity IN ('critical', 'high', 'medium', 'info')),
    description      TEXT   NOT NULL,
    state            TEXT   NOT NULL CHECK (state IN ('active', 'paused', 'disabled')),
    -- Sealed under the organisation's data key.
    secret           BYTES  NOT NULL,
    old_secret       BYTES,
    old_secret_until BIGINT,
    -- The first of the attempts that failed since the last that did not.
    failing_since    BIGINT,
    version          BIGINT NOT NULL,
    created_by       TEXT   NOT NULL,
    created_at       BIGINT NOT NULL,
    deleted_at       BIGINT
);
CREATE INDEX webhooks_by_organisation ON webhooks (organisation, id);

CREATE TABLE webhook_deliveries (
    id           TEXT     NOT NULL PRIMARY KEY,
    webhook      TEXT     NOT NULL REFERENCES webhooks (id),
    -- Null: a test.
    alert        TEXT,
    -- What is sent, sealed under the organisation's data key.
    sealed       BYTES    NOT NULL,
    created_at   BIGINT   NOT NULL,
    state        TEXT     NOT NULL CHECK (state IN ('failed', 'pending', 'delivered')),
    attempts     SMALLINT NOT NULL,
    -- When it is due; null: it is not sent again.
    next_at      BIGINT,
    -- Until when the node that took it may be sending it.
    leased_until BIGINT,
    last_at      BIGINT,
    last_status  SMALLINT,
    last_error   TEXT
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, id);
