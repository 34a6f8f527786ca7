-- Domains that members say are theirs: the challenge, how far it was met, and when to look again. What readers see are facts.
CREATE TABLE member_domains (
    vasp              TEXT COLLATE "C" NOT NULL,
    domain            TEXT COLLATE "C" NOT NULL,
    organisation      TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    covers_subdomains BOOLEAN NOT NULL,
    token             TEXT COLLATE "C" NOT NULL,
    state             TEXT COLLATE "C" NOT NULL,
    version           BIGINT NOT NULL,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    expires_at        BIGINT NOT NULL,
    proven_at         BIGINT,
    proven_by         TEXT COLLATE "C",
    dnssec            TEXT COLLATE "C",
    failing_since     BIGINT,
    next_look_at      BIGINT,
    last_look_at      BIGINT,
    last_look         TEXT COLLATE "C",
    evidence          TEXT COLLATE "C",
    PRIMARY KEY (vasp, domain)
);
-- A domain is one VASP's at a time.
CREATE UNIQUE INDEX member_domains_proven ON member_domains (domain) WHERE state IN ('failing', 'proven');
CREATE INDEX member_domains_due ON member_domains (next_look_at) WHERE next_look_at IS NOT NULL;
-- Locked by whoever finds a domain proven, so that of two at once one sees the other.
INSERT INTO counters VALUES ('domain_proofs', 0);
