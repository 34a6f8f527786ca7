-- Endpoints that are probed: when next, and what is remembered of their probes. May be lost; nothing of it is in the log.
CREATE TABLE endpoint_probes (
    endpoint   TEXT NOT NULL PRIMARY KEY,
    vasp       TEXT NOT NULL,
    -- Whose turn it is: one host is called once at a time.
    host       TEXT NOT NULL,
    -- What is called, and a digest of what its VASP publishes about it: another one is probed at once.
    place      TEXT NOT NULL,
    published  TEXT NOT NULL,
    next_at    BIGINT NOT NULL,
    -- When a member last asked for a probe.
    asked_at   BIGINT,
    version    BIGINT NOT NULL,
    -- JSON: counters, response times, the last sample.
    state      TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX endpoint_probes_due ON endpoint_probes (next_at);
