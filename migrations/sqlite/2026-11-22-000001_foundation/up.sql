-- Written by scripts/foundation from migrations/schema: change it there.
-- The log: what happened, in the order in which it was recorded.

CREATE TABLE log_head (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    sequence BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    frontier BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO log_head VALUES (1, 0, 0, X'');

-- The kinds and audiences of changes are closed lists of the program; they have no CHECK here, because tables of the log are never
-- altered and later versions add kinds.
CREATE TABLE changes (
    sequence BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    audience TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    payload_commitment BLOB NOT NULL,
    -- Number of the VASP that it is about.
    subject BIGINT,
    -- Whether it is the last change of its transaction.
    ends_transaction SMALLINT NOT NULL CHECK (ends_transaction IN (0, 1))
) WITHOUT ROWID;
CREATE INDEX changes_by_subject ON changes (subject, sequence) WHERE subject IS NOT NULL;
CREATE INDEX changes_by_time ON changes (recorded_at);

CREATE TABLE change_payloads (
    sequence BIGINT NOT NULL PRIMARY KEY REFERENCES changes (sequence),
    salt BLOB NOT NULL,
    payload TEXT NOT NULL
);

-- The hashes of the log's tree: rows of 256 hashes; the last row of each level may be shorter.
CREATE TABLE log_tiles (
    level SMALLINT NOT NULL,
    number BIGINT NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (level, number)
);

-- What was signed: one root for each size.
CREATE TABLE checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    root BLOB NOT NULL,
    note TEXT NOT NULL
) WITHOUT ROWID;

-- The private audit chain: each event's hash covers the hash before it and a commitment to its payload.
CREATE TABLE audit_head (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    number BIGINT NOT NULL,
    hash BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO audit_head VALUES (1, 0, X'0000000000000000000000000000000000000000000000000000000000000000');

CREATE TABLE audit_events (
    number BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    organisation TEXT,
    actor TEXT,
    credential TEXT,
    action TEXT NOT NULL,
    subject TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    salt BLOB,
    payload TEXT,
    commitment BLOB NOT NULL,
    hash BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_events_by_organisation ON audit_events (organisation, number);
CREATE INDEX audit_events_by_subject ON audit_events (subject, number);

-- The last number of each series; a row is also what writers of the same thing lock.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO counters VALUES
    ('vasps', 0), ('claims', 0), ('claim_batches', 0),
    -- The last day, in days since 1970, on which members were told which claims end.
    ('claim_ends_told', 0),
    -- Rises when credentials change.
    ('credentials_revision', 0),
    -- Rises when an organisation changes what it keeps for itself.
    ('private_revision', 0),
    -- Locked by whoever finds a domain proven, so that of two at once one sees the other.
    ('domain_proofs', 0),
    -- Locked by whoever makes or changes a certificate authority.
    ('ca', 0),
    -- Locked by whoever makes a signing key, adds hashes or signs.
    ('signing', 0),
    -- Rises with each commit, on SQLite only: an older copy of the file has a lower value.
    ('commits', 0);

-- Records of VASPs: anchors that never change, and facts in versions by sequence.

CREATE TABLE vasps (
    number BIGINT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    -- 1: an entity, 2: a group.
    kind SMALLINT NOT NULL CHECK (kind IN (1, 2))
) WITHOUT ROWID;

CREATE TABLE licences (
    id TEXT NOT NULL PRIMARY KEY,
    vasp BIGINT NOT NULL REFERENCES vasps (number),
    authority TEXT NOT NULL,
    regime TEXT NOT NULL,
    UNIQUE (vasp, authority, regime)
) WITHOUT ROWID;

CREATE TABLE facts (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    vasp BIGINT NOT NULL REFERENCES vasps (number),
    -- Empty: a fact of the VASP itself.
    licence TEXT NOT NULL,
    origin TEXT NOT NULL,
    attribute TEXT NOT NULL CHECK (attribute IN (
        'status', 'legal_name', 'other_name', 'country', 'lei', 'website', 'registered_address', 'group', 'domain', 'domain_scope',
        'delegation', 'register_name', 'identifier', 'activity', 'contact', 'endpoint', 'certificate', 'message_key',
        'screening_decision', 'merged_into', 'entity_key', 'listing', 'licence_start', 'licence_end', 'licence_number',
        'licence_standing', 'licence_activity', 'licence_territory')),
    item TEXT NOT NULL,
    value TEXT NOT NULL,
    source TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT
);
CREATE UNIQUE INDEX facts_current ON facts (vasp, licence, origin, attribute, item, coalesce(valid_from, '')) WHERE seq_to IS NULL;
CREATE INDEX facts_by_vasp ON facts (vasp, seq_from);
CREATE INDEX facts_by_seq_from ON facts (seq_from);
CREATE INDEX facts_by_seq_to ON facts (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX facts_by_value ON facts (attribute, value) WHERE attribute IN ('lei', 'group', 'merged_into');

-- Published files of registers that were read.
CREATE TABLE snapshots (
    seq_from BIGINT NOT NULL PRIMARY KEY,
    register TEXT NOT NULL,
    observed_on TEXT NOT NULL,
    source TEXT NOT NULL,
    digest BLOB NOT NULL,
    -- How much of the register it has.
    extent TEXT NOT NULL CHECK (extent IN ('typed', 'part', 'whole'))
) WITHOUT ROWID;
CREATE INDEX snapshots_by_date ON snapshots (register, observed_on);

-- What GLEIF says about LEIs that are, or were, on a VASP's record; versions by sequence, like facts.
CREATE TABLE lei_records (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    lei TEXT NOT NULL,
    observed_on TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT
);
CREATE UNIQUE INDEX lei_records_current ON lei_records (lei) WHERE seq_to IS NULL;
CREATE INDEX lei_records_by_lei ON lei_records (lei, seq_from);

CREATE TABLE lei_looks (
    seq_from BIGINT NOT NULL PRIMARY KEY,
    observed_on TEXT NOT NULL,
    source TEXT NOT NULL,
    -- Which held LEIs the file showed: 1: all but those named, 0: only those named.
    all_but SMALLINT NOT NULL CHECK (all_but IN (0, 1)),
    -- Separated by blanks.
    leis TEXT NOT NULL
) WITHOUT ROWID;

-- Reference documents in versions: rulebook, policy, lists. A screening list is a kind of its own, `screening:` and its id.
CREATE TABLE documents (
    seq_from BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    observed_on TEXT NOT NULL,
    source TEXT NOT NULL,
    digest BLOB NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX documents_by_kind ON documents (kind, observed_on, seq_from);

-- Evidence for one attribute of a record. It counts publicly between seq_from and seq_to; it has no seq_from before its case is decided.
CREATE TABLE evidence (
    id TEXT NOT NULL PRIMARY KEY,
    vasp TEXT NOT NULL,
    attribute TEXT NOT NULL,
    value_digest BLOB,
    method TEXT NOT NULL CHECK (method IN (
        'register_look_up', 'document', 'dns', 'call_back', 'certificate', 'gleif', 'website', 'authority_confirmation',
        'dns_txt', 'well_known_file')),
    source TEXT NOT NULL,
    reference TEXT,
    document TEXT,
    verifier TEXT,
    case_id TEXT,
    verified_at BIGINT NOT NULL,
    expires_at BIGINT,
    expiry_noted BIGINT,
    seq_from BIGINT,
    seq_to BIGINT
) WITHOUT ROWID;
CREATE INDEX evidence_by_vasp ON evidence (vasp, id);
CREATE INDEX evidence_by_seq_from ON evidence (seq_from) WHERE seq_from IS NOT NULL;
CREATE INDEX evidence_by_seq_to ON evidence (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX evidence_by_expiry ON evidence (expires_at) WHERE expiry_noted IS NULL AND expires_at IS NOT NULL;

-- Organisations, their people and credentials.

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('operator', 'member', 'gateway')),
    vasp TEXT,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    own_address_budget BIGINT
) WITHOUT ROWID;

CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    email TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('person', 'machine')),
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    -- The state before the user was disabled.
    disabled_from TEXT CHECK (disabled_from IN ('invited', 'active', 'disabled')),
    version BIGINT NOT NULL,
    created_by TEXT,
    -- The credential with which the user was made: whoever made that credential answers for the user too.
    created_with TEXT,
    -- Who was handed the enrolment link to pass it on; null where it went by mail or an account at a provider is bound.
    link_held_by TEXT,
    -- 1: one of the first two people of the organisation, made on the command line or by an operator.
    founder SMALLINT NOT NULL CHECK (founder IN (0, 1)),
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX users_by_organisation ON users (organisation, id);
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE email IS NOT NULL;

CREATE TABLE api_keys (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    -- Separated by blanks.
    scopes TEXT NOT NULL,
    secret_sha256 BLOB NOT NULL,
    -- The key counts only over a connection with this client certificate.
    certificate_sha256 BLOB,
    -- A publishable key: the origins of the web pages on which it works, separated by blanks; null: the key is secret.
    origins TEXT,
    created_by TEXT,
    created_with TEXT,
    replaced_by TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
) WITHOUT ROWID;
CREATE INDEX api_keys_by_owner ON api_keys (owner, id);

-- Client certificates that speak for a user.
CREATE TABLE client_certificates (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    spki_sha256 BLOB NOT NULL,
    subject TEXT NOT NULL,
    issuer TEXT NOT NULL,
    serial TEXT NOT NULL,
    key TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    issued_by_registry SMALLINT NOT NULL CHECK (issued_by_registry IN (0, 1)),
    created_by TEXT NOT NULL,
    created_with TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX client_certificates_live ON client_certificates (sha256) WHERE revoked_at IS NULL;
CREATE INDEX client_certificates_by_owner ON client_certificates (owner, id);

-- When a credential was used last. Apart from the credentials, so that noting a use never waits for a change of them, nor hinders one.
CREATE TABLE credential_uses (
    credential TEXT NOT NULL PRIMARY KEY,
    used_on TEXT NOT NULL
) WITHOUT ROWID;

-- A role counts from its decision until it ends; roles that need two people wait for the second.
CREATE TABLE role_grants (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('reviewer', 'approver', 'admin', 'editor', 'compliance', 'senior_management')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'ended', 'declined')),
    ended_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX role_grants_open ON role_grants (user_id, role) WHERE state IN ('pending', 'active');
CREATE INDEX role_grants_pending ON role_grants (id) WHERE state = 'pending';

-- Gateways that act for a member.
CREATE TABLE delegations (
    id TEXT NOT NULL PRIMARY KEY,
    grantor TEXT NOT NULL REFERENCES organisations (id),
    grantee TEXT NOT NULL REFERENCES organisations (id),
    scopes TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
) WITHOUT ROWID;
CREATE INDEX delegations_by_grantor ON delegations (grantor, id);
CREATE INDEX delegations_by_grantee ON delegations (grantee, id);

-- Answers to writes that a user sent with an Idempotency-Key.
CREATE TABLE idempotency (
    user_id TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest BLOB NOT NULL,
    status SMALLINT NOT NULL,
    etag TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, method, path, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- Sign-in: sessions, what people prove who they are with, and failed attempts. Secrets are kept as hashes (sessions, links, recovery
-- codes, passwords) or sealed under a key that the master key wraps.

CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    secret_sha256 BLOB NOT NULL,
    -- 1: the second factor is still missing.
    limited SMALLINT NOT NULL CHECK (limited IN (0, 1)),
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    -- When a provider last asked who it is. Null: the password was asked, or the provider does not say.
    authenticated_at BIGINT
) WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id, id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE passwords (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    phc TEXT NOT NULL
) WITHOUT ROWID;

-- The secret in use, and one that waits for its first code. Codes of steps up to last_step were used.
CREATE TABLE totp (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    sealed BLOB,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    pending_sealed BLOB
) WITHOUT ROWID;

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code_sha256 BLOB NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, code_sha256)
) WITHOUT ROWID;

-- One-time links; a user has one at most.
CREATE TABLE enrolments (
    user_id TEXT NOT NULL PRIMARY KEY REFERENCES users (id),
    secret_sha256 BLOB NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Attempts counted against an account or a network address, each under a keyed digest that shows neither.
CREATE TABLE sign_in_attempts (
    subject BLOB NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_attempts_by_age ON sign_in_attempts (last_at);

-- From where each account signed in of late. Account and network address are keyed digests that show neither.
CREATE TABLE sign_in_addresses (
    account BLOB NOT NULL,
    address BLOB NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (account, address)
) WITHOUT ROWID;
CREATE INDEX sign_in_addresses_by_age ON sign_in_addresses (last_at);

-- Who signs in as whom at an OpenID provider.
CREATE TABLE oidc_links (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    -- The session that linked it, which may have been stolen: it ends when the password changes.
    linked_with TEXT,
    PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;
CREATE UNIQUE INDEX oidc_links_by_user ON oidc_links (user_id, issuer);

CREATE TABLE oidc_flows (
    state_sha256 BLOB NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    sealed BLOB NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX oidc_flows_by_expiry ON oidc_flows (expires_at);

-- Keys of the registry.

CREATE TABLE wrapped_keys (
    name TEXT NOT NULL PRIMARY KEY,
    master_version INTEGER NOT NULL,
    wrapped BLOB NOT NULL
) WITHOUT ROWID;

-- The keys that sign receipts and checkpoints, wrapped under the master key; those in use have no end.
CREATE TABLE signing_keys (
    id TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('receipt', 'checkpoint')),
    -- The log's origin for a checkpoint's key, the same for ever; empty for others.
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    master_version INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX signing_keys_in_use ON signing_keys (purpose) WHERE ended_at IS NULL;

-- The registry's own certificate authorities: the root, whose key is not here, and the issuing ones, whose keys are sealed.
CREATE TABLE ca_issuers (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('root', 'issuing')),
    number BIGINT NOT NULL,
    certificate BLOB NOT NULL,
    sealed_key BLOB,
    state TEXT NOT NULL CHECK (state IN ('active', 'retired')),
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL
) WITHOUT ROWID;
-- One root, and one authority that issues.
CREATE UNIQUE INDEX ca_issuers_root ON ca_issuers (kind) WHERE kind = 'root';
CREATE UNIQUE INDEX ca_issuers_active ON ca_issuers (state) WHERE kind = 'issuing' AND state = 'active';

-- The newest CRL of each authority.
CREATE TABLE ca_crls (
    issuer TEXT NOT NULL PRIMARY KEY REFERENCES ca_issuers (id),
    number BIGINT NOT NULL,
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der BLOB NOT NULL
) WITHOUT ROWID;

-- What the authorities issued. A certificate is published under one id for each use.
CREATE TABLE issued_certificates (
    serial TEXT NOT NULL PRIMARY KEY,
    issuer TEXT NOT NULL REFERENCES ca_issuers (id),
    client_certificate TEXT UNIQUE,
    server_certificate TEXT UNIQUE,
    vasp TEXT NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    user_id TEXT NOT NULL,
    sha256 BLOB NOT NULL UNIQUE,
    spki_sha256 BLOB NOT NULL,
    der BLOB NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT,
    reason TEXT CHECK (reason IN (
        'key_compromise', 'ca_compromise', 'privilege_withdrawn', 'affiliation_changed', 'superseded', 'cessation_of_operation',
        'unspecified'))
) WITHOUT ROWID;
CREATE INDEX issued_certificates_vasp ON issued_certificates (vasp, created_at);
CREATE INDEX issued_certificates_revoked ON issued_certificates (issuer, serial) WHERE revoked_at IS NOT NULL;

-- What members publish: the work behind the facts that readers see.

-- What a member (or an operator for it) wants a VASP's record to be.
CREATE TABLE submissions (
    vasp TEXT NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    status TEXT NOT NULL CHECK (status IN (
        'revoked', 'suspended', 'rejected', 'withdrawn', 'retired', 'draft', 'submitted', 'in_review', 'listed', 'verified')),
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    approved TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (vasp, organisation)
) WITHOUT ROWID;
CREATE INDEX submissions_by_organisation ON submissions (organisation);
-- Each organisation has its own draft of a record; one of them waits for a decision at a time.
CREATE UNIQUE INDEX submissions_waiting ON submissions (vasp) WHERE status IN ('submitted', 'in_review');

-- What members hand in; the content is a file named by its SHA-256, sealed like `sealed_about` by the organisation's data key.
CREATE TABLE member_documents (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL CHECK (kind IN ('licence', 'extract', 'audit_report', 'policy', 'other')),
    media_type TEXT NOT NULL CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg', 'text/plain')),
    sha256 BLOB NOT NULL,
    size_bytes BIGINT NOT NULL,
    issued_on TEXT,
    expires_on TEXT,
    sealed_about BLOB NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX member_documents_by_organisation ON member_documents (organisation, id);
CREATE INDEX member_documents_by_file ON member_documents (organisation, sha256);

-- Domains that members say are theirs: the challenge, how far it was met, and when to look again.
CREATE TABLE member_domains (
    vasp TEXT NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    domain TEXT NOT NULL,
    covers_subdomains BOOLEAN NOT NULL,
    token TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('lost', 'withdrawn', 'pending', 'failing', 'proven')),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    proven_at BIGINT,
    proven_by TEXT CHECK (proven_by IN ('dns_txt', 'well_known_file')),
    dnssec TEXT CHECK (dnssec IN ('unknown', 'insecure', 'secure')),
    failing_since BIGINT,
    next_look_at BIGINT,
    last_look_at BIGINT,
    -- JSON: what each method found.
    last_look TEXT,
    evidence TEXT,
    PRIMARY KEY (vasp, organisation, domain)
) WITHOUT ROWID;
-- A domain belongs to one VASP, and of those that ask for it to one organisation, at a time.
CREATE UNIQUE INDEX member_domains_proven ON member_domains (domain) WHERE state IN ('failing', 'proven');
CREATE INDEX member_domains_due ON member_domains (next_look_at) WHERE next_look_at IS NOT NULL;

-- Endpoints that are probed: when next, and what is remembered of their probes. May be lost; nothing of it is in the log.
CREATE TABLE endpoint_probes (
    endpoint TEXT NOT NULL PRIMARY KEY,
    vasp TEXT NOT NULL,
    -- Whose turn it is: one host is called once at a time.
    host TEXT NOT NULL,
    -- What is called, and a digest of what its VASP publishes about it: another one is probed at once.
    place TEXT NOT NULL,
    published TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    -- When a member last asked for a probe.
    asked_at BIGINT,
    version BIGINT NOT NULL,
    -- JSON: counters, response times, the last sample.
    state TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX endpoint_probes_due ON endpoint_probes (next_at);

-- The chains of published certificates as PEM; what is published of them is a fact.
CREATE TABLE certificate_chains (
    id TEXT NOT NULL PRIMARY KEY,
    vasp BIGINT NOT NULL,
    chain BLOB NOT NULL,
    -- Whether the case of its expiry was opened.
    expiry_noted SMALLINT NOT NULL CHECK (expiry_noted IN (0, 1)),
    -- When the registry fetches the issuer's revocation list next.
    list_due BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX certificate_chains_by_list_due ON certificate_chains (list_due);

-- Which VASP proved first that it has the private half of a certificate's key, by the SHA-256 of the key's SubjectPublicKeyInfo. Nobody else
-- can have it afterwards.
CREATE TABLE key_holders (
    spki_sha256 BLOB NOT NULL PRIMARY KEY,
    vasp BIGINT NOT NULL,
    is_compromised SMALLINT NOT NULL CHECK (is_compromised IN (0, 1))
) WITHOUT ROWID;

-- The newest revocation list known for a certificate, as DER.
CREATE TABLE certificate_lists (
    certificate TEXT NOT NULL PRIMARY KEY,
    list BLOB NOT NULL
) WITHOUT ROWID;

-- Keys for messages whose owner has not shown yet that it has the private half. Published ones are facts.
CREATE TABLE message_key_challenges (
    id TEXT NOT NULL PRIMARY KEY,
    vasp TEXT NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    key_use TEXT NOT NULL CHECK (key_use IN ('signing', 'encryption')),
    jwk TEXT NOT NULL,
    thumbprint TEXT NOT NULL,
    challenge TEXT NOT NULL,
    answer_sha256 BLOB,
    overlap_secs BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX message_key_challenges_vasp ON message_key_challenges (vasp);

-- Every key that was ever published, by its thumbprint: none is published twice.
CREATE TABLE message_key_thumbprints (
    thumbprint TEXT NOT NULL PRIMARY KEY,
    vasp TEXT NOT NULL
) WITHOUT ROWID;

-- The registry's work: cases, screening, new rulebooks.

CREATE TABLE cases (
    id TEXT NOT NULL PRIMARY KEY,
    -- Empty: a case about an authority that a register names.
    vasp TEXT,
    status TEXT NOT NULL CHECK (status IN ('open', 'taken', 'waiting', 'proposed', 'closed')),
    risk SMALLINT NOT NULL,
    version BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    assignee TEXT,
    closed_at BIGINT,
    outcome TEXT
) WITHOUT ROWID;
CREATE UNIQUE INDEX cases_open ON cases (vasp) WHERE closed_at IS NULL AND vasp IS NOT NULL;
CREATE INDEX cases_by_queue ON cases (risk DESC, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX cases_by_vasp ON cases (vasp, id);

CREATE TABLE case_triggers (
    case_id TEXT NOT NULL REFERENCES cases (id),
    number INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN (
        'non_compliant_listed', 'suspension', 'screening_hit', 'contradiction', 'domain_lost', 'dispute', 'pending_claims',
        'unknown_authority', 'operator_change', 'duplicate', 'amendment', 'key_rotation', 'expiry', 'adoption', 'submission',
        'public_challenge', 'brand_link')),
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (case_id, number)
) WITHOUT ROWID;
CREATE INDEX case_triggers_by_kind ON case_triggers (kind, case_id);

CREATE TABLE case_entries (
    case_id TEXT NOT NULL REFERENCES cases (id),
    number INTEGER NOT NULL,
    -- A word, or `trigger:` and the kind of a trigger.
    kind TEXT NOT NULL,
    actor TEXT,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (case_id, number)
) WITHOUT ROWID;

-- What somebody without an account says is wrong in a record. The case has the words, which only operators read. A challenge is open as
-- long as its case is.
CREATE TABLE challenges (
    id TEXT NOT NULL PRIMARY KEY,
    vasp TEXT NOT NULL,
    field TEXT NOT NULL CHECK (field IN (
        'status', 'legal_name', 'other_names', 'country', 'lei', 'identifiers', 'website', 'registered_address', 'group', 'activities',
        'licences', 'domains', 'endpoints', 'certificates', 'keys', 'claims')),
    case_id TEXT NOT NULL REFERENCES cases (id),
    at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX challenges_by_case ON challenges (case_id);
CREATE INDEX challenges_by_vasp ON challenges (vasp, field);

-- Matches of VASPs with entries of screening lists, for people to decide. The decision is a fact of the VASP; here is the work.
CREATE TABLE screening_hits (
    id TEXT NOT NULL PRIMARY KEY,
    vasp TEXT NOT NULL,
    list TEXT NOT NULL,
    uid TEXT NOT NULL,
    about TEXT NOT NULL CHECK (about IN ('party', 'address')),
    matched_by TEXT NOT NULL CHECK (matched_by IN ('address', 'address_but_for_case', 'name', 'lei', 'host')),
    matched TEXT NOT NULL,
    listed TEXT NOT NULL,
    name TEXT NOT NULL,
    programs TEXT NOT NULL,
    score SMALLINT NOT NULL,
    entry_sha256 TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'false_positive', 'true_match', 'gone')),
    version BIGINT NOT NULL,
    found_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) WITHOUT ROWID;
-- One for each VASP and entry: what the VASP is, and what addresses it claims, apart.
CREATE UNIQUE INDEX screening_hits_pair ON screening_hits (vasp, list, uid, about);
CREATE INDEX screening_hits_status ON screening_hits (status, id);

-- New rulebooks that were imported and take two people. One that is approved becomes a reference document.
CREATE TABLE rulebook_imports (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('superseded', 'declined', 'pending', 'approved')),
    version TEXT NOT NULL,
    observed_on TEXT NOT NULL,
    source TEXT NOT NULL,
    -- SHA-256 of the text, and of the rulebook that it was compared with.
    digest BLOB NOT NULL,
    base BLOB NOT NULL,
    body TEXT NOT NULL,
    -- JSON: what it changes.
    difference TEXT NOT NULL,
    imported_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Whatever two people decide: what one proposed, and what became of it.
CREATE TABLE proposals (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN (
        'case', 'screening', 'own_screening', 'rulebook', 'policy', 'relationship', 'role_grant', 'claim_end', 'claim_ends', 'sub_account',
        'brand', 'brand_candidate', 'enrolment', 'authorities', 'override', 'retention',
        'legal_hold', 'erasure', 'address_budget', 'approval_rule')),
    -- Id of what it is about, and its place among all proposals about that, from 1.
    subject TEXT NOT NULL,
    number INTEGER NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    state TEXT NOT NULL CHECK (state IN ('superseded', 'withdrawn', 'declined', 'pending', 'approved')),
    -- What is proposed, why, in which words and the digest of it, as JSON; sealed under the organisation's data key where it is private.
    content BLOB NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_with TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX proposals_by_subject ON proposals (kind, subject, number);
CREATE UNIQUE INDEX proposals_pending ON proposals (kind, subject) WHERE state = 'pending';
CREATE INDEX proposals_by_organisation ON proposals (organisation, kind, id);
CREATE INDEX proposals_by_state ON proposals (state, id);

-- Claims: who owns which address.

CREATE TABLE claim_batches (
    number BIGINT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    source_key TEXT NOT NULL,
    method TEXT NOT NULL,
    -- 1: attributed, 2: attested, 3: proven.
    strength SMALLINT NOT NULL CHECK (strength IN (1, 2, 3)),
    -- 1: named organisations, 2: gateways, 3: public.
    visibility SMALLINT NOT NULL CHECK (visibility IN (1, 2, 3)),
    -- Sealed seed of the row salts. No question reads it; it is kept because nothing else can open the root that the log holds.
    seed BLOB NOT NULL,
    verified_at BIGINT,
    seq_from BIGINT NOT NULL,
    -- The batch whose number stands for all parts of one import. Most batches are whole: their own number.
    part_of BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX claim_batches_by_seq ON claim_batches (seq_from);
CREATE INDEX claim_batches_by_whole ON claim_batches (part_of);

-- Found by controller: what must act for the account, in the class of networks where that is the same party. In SQLite by number, in the
-- order in which they come, with a narrow index by controller: an index of whole keys would hold each key a second time. The last eight
-- bytes of a controller tell few apart wrongly; who asks compares the whole. In PostgreSQL the table has eight parts by controller.
CREATE TABLE claims (
    number INTEGER NOT NULL PRIMARY KEY,
    class INTEGER NOT NULL,
    controller BLOB NOT NULL,
    memo TEXT NOT NULL,
    network INTEGER NOT NULL,
    account_key BLOB NOT NULL,
    vasp BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    position INTEGER NOT NULL,
    -- 0: unknown, 1: deposit, 2: hot, 3: cold. Not `IN`, which SQLite looks up in a table that it makes for each statement.
    role SMALLINT NOT NULL CHECK (role >= 0 AND role <= 3),
    confidence SMALLINT,
    asserted_at BIGINT,
    expires_at BIGINT,
    seq_to BIGINT
);
CREATE INDEX claims_by_controller ON claims (substr(controller, -8));
CREATE INDEX claims_by_batch ON claims (batch, position);
CREATE INDEX claims_by_end ON claims (seq_to) WHERE seq_to IS NOT NULL;
CREATE INDEX claims_by_expiry ON claims (expires_at) WHERE expires_at IS NOT NULL;

-- The controllers of accounts with several (a Zcash unified address has one for each receiver), except the first, which is in `claims`.
CREATE TABLE claim_controllers (
    class INTEGER NOT NULL,
    controller BLOB NOT NULL,
    claim BIGINT NOT NULL,
    PRIMARY KEY (class, controller, claim)
) WITHOUT ROWID;
CREATE INDEX claim_controllers_by_claim ON claim_controllers (claim);

-- SHA-256 of the table of networks by which the classes and controllers of claims were computed.
CREATE TABLE claim_classes (
    id SMALLINT NOT NULL PRIMARY KEY CHECK (id = 1),
    digest BLOB NOT NULL
) WITHOUT ROWID;

-- Imports of claims that are under way, or were when their process was killed. Their rows are in `claims` already and count for nothing,
-- because their batches enter `claim_batches` at the end.
CREATE TABLE claim_imports (
    -- SHA-256 of the file; of what cannot be read again a random number.
    digest BLOB NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    -- Rows of the file whose claims are written; -1: they are being removed.
    rows_read BIGINT NOT NULL,
    -- JSON: batches, groups and report so far.
    state TEXT NOT NULL
) WITHOUT ROWID;

-- What a member says about an address, beside the claim itself.
CREATE TABLE member_claims (
    number BIGINT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    network INTEGER NOT NULL,
    account_key BLOB NOT NULL,
    memo TEXT NOT NULL,
    replaces BIGINT,
    replaced_by BIGINT,
    ended_because TEXT CHECK (ended_because IN ('withdrawn', 'replaced', 'proven', 'decided')),
    ended_at BIGINT
) WITHOUT ROWID;
CREATE INDEX member_claims_by_organisation ON member_claims (organisation, number);

-- What a member says against other parties beyond its allowance. It changes no answer until a reviewer lets it count: then the row leaves
-- for `claims`. How it ended without that stands in `member_claims`.
CREATE TABLE waiting_claims (
    number BIGINT NOT NULL PRIMARY KEY REFERENCES member_claims (number),
    vasp BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    network INTEGER NOT NULL,
    account_key BLOB NOT NULL,
    class INTEGER NOT NULL,
    controller BLOB NOT NULL,
    role SMALLINT NOT NULL CHECK (role >= 0 AND role <= 3),
    -- As that of a batch.
    visibility SMALLINT NOT NULL CHECK (visibility IN (1, 2, 3)),
    said_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- 0: its member is not told that it waits, because it may not know of the claims that it contradicts, or newly claimed too much that day.
    told SMALLINT NOT NULL CHECK (told IN (0, 1))
) WITHOUT ROWID;
CREATE INDEX waiting_claims_by_vasp ON waiting_claims (vasp, number);
CREATE INDEX waiting_claims_by_batch ON waiting_claims (batch, number);
CREATE INDEX waiting_claims_by_key ON waiting_claims (network, account_key);
CREATE INDEX waiting_claims_by_controller ON waiting_claims (class, controller);

-- The organisations that may see the claims of a batch which is for named ones only.
CREATE TABLE claim_batch_readers (
    batch BIGINT NOT NULL,
    organisation TEXT NOT NULL,
    PRIMARY KEY (batch, organisation)
) WITHOUT ROWID;

-- A challenge is told by its nonce; of its text only the digest is kept.
CREATE TABLE claim_challenges (
    nonce BLOB NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL,
    claim BIGINT NOT NULL,
    text_sha256 BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
) WITHOUT ROWID;
CREATE INDEX claim_challenges_by_expiry ON claim_challenges (expires_at);

CREATE TABLE claim_disputes (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    kind TEXT NOT NULL CHECK (kind IN ('conflict', 'report')),
    network INTEGER NOT NULL,
    account_key BLOB NOT NULL,
    memo TEXT NOT NULL,
    claim BIGINT NOT NULL,
    against BIGINT,
    organisation TEXT NOT NULL,
    reason TEXT,
    opened_at BIGINT NOT NULL,
    outcome TEXT,
    closed_at BIGINT
) WITHOUT ROWID;
CREATE INDEX claim_disputes_open ON claim_disputes (id) WHERE closed_at IS NULL;
CREATE INDEX claim_disputes_by_claim ON claim_disputes (claim);
CREATE INDEX claim_disputes_by_organisation ON claim_disputes (organisation, opened_at);
CREATE INDEX claim_disputes_by_against ON claim_disputes (against) WHERE against IS NOT NULL;

-- A memo of an address, or every memo of it, that the address's owner says is another VASP's. It counts from seq_from, when that VASP
-- confirmed it, until either ends it. Or the owner's word that it is not: one with refused_at never counts.
CREATE TABLE sub_accounts (
    id TEXT NOT NULL PRIMARY KEY,
    network INTEGER NOT NULL,
    account_key BLOB NOT NULL,
    -- Empty: every memo.
    memo TEXT NOT NULL,
    -- Ids of the two VASPs.
    owner TEXT NOT NULL,
    holder TEXT NOT NULL,
    named_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    refused_at BIGINT,
    ended_at BIGINT,
    seq_from BIGINT,
    seq_to BIGINT
) WITHOUT ROWID;
CREATE INDEX sub_accounts_by_owner ON sub_accounts (owner, id);
CREATE INDEX sub_accounts_by_holder ON sub_accounts (holder, id);
CREATE INDEX sub_accounts_by_seq ON sub_accounts (seq_from) WHERE seq_from IS NOT NULL;
CREATE INDEX sub_accounts_by_end ON sub_accounts (seq_to) WHERE seq_to IS NOT NULL;
CREATE UNIQUE INDEX sub_accounts_standing ON sub_accounts (network, account_key, memo, owner, holder) WHERE ended_at IS NULL;

-- How often a claim was asked for.
CREATE TABLE claim_usage (
    claim BIGINT NOT NULL,
    day TEXT NOT NULL,
    asked BIGINT NOT NULL,
    PRIMARY KEY (claim, day)
) WITHOUT ROWID;

-- How many addresses that nobody is known to own each organisation asked for, how many that it claims without proof, and how many it newly
-- claimed: each tells it as much.
CREATE TABLE not_found_budgets (
    organisation TEXT NOT NULL,
    day TEXT NOT NULL,
    counts TEXT NOT NULL CHECK (counts IN ('not_found', 'own_addresses')),
    sketch BLOB NOT NULL,
    alarmed_at BIGINT,
    claimed BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation, day, counts)
) WITHOUT ROWID;

-- What organisations keep for themselves. Every node reads it from memory; a revision says which organisations changed since it looked.

CREATE TABLE private_states (
    organisation TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id),
    -- Number of the organisation's last change among all organisations' changes.
    revision BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX private_states_by_revision ON private_states (revision);

-- What organisations decided about counterparties, one row for each version. The counterparty, the decision and its terms are in
-- `sealed`, under the organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE relationships (
    id TEXT NOT NULL,
    -- The revision of the organisation's private state that began this version, and the one that ended it; null: it is current.
    revision_from BIGINT NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    revision_to BIGINT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (id, revision_from)
) WITHOUT ROWID;
CREATE UNIQUE INDEX relationships_standing ON relationships (id) WHERE revision_to IS NULL;
CREATE INDEX relationships_by_organisation ON relationships (organisation, revision_from);

-- Rules by which organisations approve many counterparties, one row for each version. Criteria, decision and members are in `sealed`, under
-- the organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE approval_rules (
    id TEXT NOT NULL,
    -- The revision of the organisation's private state that began this version, and the one that ended it; null: it is current.
    revision_from BIGINT NOT NULL,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    revision_to BIGINT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (id, revision_from)
) WITHOUT ROWID;
CREATE UNIQUE INDEX approval_rules_standing ON approval_rules (id) WHERE revision_to IS NULL;
CREATE INDEX approval_rules_by_organisation ON approval_rules (organisation, revision_from);

-- What organisations decided for themselves about screening hits, one row for each decision. VASP, entry and decision are in `sealed`,
-- under the organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE hit_decisions (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    -- The revision of the organisation's private state that began it, and the one that replaced it; null: it is current.
    revision_from BIGINT NOT NULL,
    revision_to BIGINT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, revision_from)
) WITHOUT ROWID;

-- Lists of counterparties that organisations got from their own Travel Rule providers, one row for each version of a list. Protocol and rows
-- are in `sealed`, under the organisation's data key; its length is a multiple of 1 KiB.
CREATE TABLE vasp_lists (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    -- The revision of the organisation's private state that began it, and the one that replaced or ended it; null: it is current.
    revision_from BIGINT NOT NULL,
    revision_to BIGINT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, revision_from)
) WITHOUT ROWID;

-- Policies of organisations, in versions that are never changed.
CREATE TABLE policies (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    -- Revision of the organisation's private state from which on it is there.
    revision_from BIGINT NOT NULL,
    PRIMARY KEY (organisation, name, version)
) WITHOUT ROWID;

-- Which version counts, from one revision to another; where there is none, the registry's default counts.
CREATE TABLE policy_activations (
    organisation TEXT NOT NULL,
    revision_from BIGINT NOT NULL,
    revision_to BIGINT,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (organisation, revision_from),
    FOREIGN KEY (organisation, name, version) REFERENCES policies (organisation, name, version)
) WITHOUT ROWID;
CREATE UNIQUE INDEX policy_activations_current ON policy_activations (organisation) WHERE revision_to IS NULL;

-- Recorded pre-checks. Request, verdict and evidence are in `sealed`, under the organisation's data key; the rest is what lists show and filter by.
-- A table in the order of its key would put most of each row on a page of its own.
CREATE TABLE prechecks (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    id TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    recommendation TEXT CHECK (recommendation IN ('reject', 'hold', 'proceed_with_conditions', 'proceed')),
    -- Codes of the reasons, each between blanks.
    codes TEXT,
    counterparty TEXT,
    policy TEXT,
    -- SHA-256 over the canonical JSON (RFC 8785), `sha256:` and hex digits, as the receipt has them.
    request_digest TEXT,
    verdict_digest TEXT,
    evidence_digest TEXT,
    -- Token of the destination that was relied on.
    destination BLOB,
    -- When the sealed part was erased.
    erased_at BIGINT,
    -- How long the law that the pre-check applied demands that the sealed part is kept, and which law that is.
    floor_days INTEGER NOT NULL,
    floor_by TEXT NOT NULL,
    -- Until when it is kept: by the law, or by what the organisation had set when it was recorded. A transfer that ends later moves it.
    kept_until BIGINT NOT NULL,
    PRIMARY KEY (organisation, id)
);
CREATE INDEX prechecks_due ON prechecks (organisation, kept_until) WHERE erased_at IS NULL;

-- How many pre-checks an organisation recorded on a day: a row a commit, written in it, so that the daily check finds removed ones.
CREATE TABLE precheck_counts (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    day TEXT NOT NULL,
    -- The smallest id among those that were counted.
    first TEXT NOT NULL,
    recorded BIGINT NOT NULL,
    PRIMARY KEY (organisation, day, first)
) WITHOUT ROWID;

-- What became of the transfers that pre-checks were about. Rows are only added; a row's contents go with those of its pre-check.
CREATE TABLE precheck_outcomes (
    organisation TEXT NOT NULL,
    precheck TEXT NOT NULL,
    number INTEGER NOT NULL,
    recorded_at BIGINT NOT NULL,
    -- Whether the transfer is over with it. Not so for what is confidential, so that nobody sees from here what was frozen or reported.
    ends SMALLINT NOT NULL CHECK (ends IN (0, 1)),
    -- Sealed under the organisation's data key; its length is a multiple of 1 KiB.
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, precheck, number),
    FOREIGN KEY (organisation, precheck) REFERENCES prechecks (organisation, id)
) WITHOUT ROWID;

-- Links that open the report of a pre-check once.
CREATE TABLE report_links (
    secret_sha256 BLOB NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL,
    precheck TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id),
    -- API key, session or client certificate with which the link was made.
    created_with TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (organisation, precheck) REFERENCES prechecks (organisation, id)
) WITHOUT ROWID;
CREATE INDEX report_links_by_organisation ON report_links (organisation, expires_at);

-- How long an organisation keeps the sealed part of the pre-checks that it records from one revision to another, if that is longer than the
-- law demands.
CREATE TABLE precheck_retentions (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    revision_from BIGINT NOT NULL,
    revision_to BIGINT,
    -- Null: the law alone decides.
    days INTEGER,
    PRIMARY KEY (organisation, revision_from)
) WITHOUT ROWID;
CREATE UNIQUE INDEX precheck_retentions_current ON precheck_retentions (organisation) WHERE revision_to IS NULL;

-- Legal holds: nothing that they cover is erased until two people lifted them. What they cover and why is sealed.
CREATE TABLE legal_holds (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    id TEXT NOT NULL,
    placed_at BIGINT NOT NULL,
    lifted_at BIGINT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, id)
) WITHOUT ROWID;

-- What VASPs answer once about themselves, for all to whom they give access. Answers and owners are sealed under the data key of the
-- organisation that answers. This is the draft from which the next submission is made.
CREATE TABLE questionnaire_drafts (
    organisation TEXT NOT NULL PRIMARY KEY REFERENCES organisations (id),
    vasp TEXT NOT NULL,
    version BIGINT NOT NULL,
    questionnaire TEXT NOT NULL,
    sealed BLOB NOT NULL,
    updated_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Submissions; only their end is ever written. The newest of an organisation counts until it is withdrawn or another takes its place.
CREATE TABLE questionnaire_submissions (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    vasp TEXT NOT NULL,
    number BIGINT NOT NULL,
    questionnaire TEXT NOT NULL,
    submitted_at BIGINT NOT NULL,
    submitted_by TEXT NOT NULL,
    document_sha256 BLOB NOT NULL,
    sealed BLOB NOT NULL,
    -- What checks and screening need of it.
    sealed_facts BLOB NOT NULL,
    withdrawn_at BIGINT,
    -- Private revisions between which it counted.
    revision_from BIGINT NOT NULL,
    revision_to BIGINT,
    UNIQUE (organisation, number)
) WITHOUT ROWID;
CREATE INDEX questionnaire_submissions_standing ON questionnaire_submissions (organisation) WHERE revision_to IS NULL;

-- Which organisation may read the answers, and until when.
CREATE TABLE questionnaire_access (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    grantee TEXT NOT NULL REFERENCES organisations (id),
    -- Sections, separated by blanks; null: all.
    sections TEXT,
    ownership SMALLINT NOT NULL CHECK (ownership IN (0, 1)),
    expires_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    revision_from BIGINT NOT NULL,
    revision_to BIGINT
) WITHOUT ROWID;
CREATE INDEX questionnaire_access_by_organisation ON questionnaire_access (organisation, id);
CREATE UNIQUE INDEX questionnaire_access_one ON questionnaire_access (organisation, grantee) WHERE revision_to IS NULL;

-- Who asked for access.
CREATE TABLE questionnaire_requests (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    vasp TEXT NOT NULL,
    asker TEXT NOT NULL REFERENCES organisations (id),
    sections TEXT,
    ownership SMALLINT NOT NULL CHECK (ownership IN (0, 1)),
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'granted', 'declined')),
    created_at BIGINT NOT NULL,
    decided_at BIGINT
) WITHOUT ROWID;
CREATE INDEX questionnaire_requests_by_organisation ON questionnaire_requests (organisation, id);
CREATE INDEX questionnaire_requests_by_asker ON questionnaire_requests (asker, vasp, id);
CREATE UNIQUE INDEX questionnaire_requests_open ON questionnaire_requests (organisation, asker) WHERE state = 'open';

-- Which counterparties organisations rely on, what they are told about them, and where that is sent.

CREATE TABLE watches (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    vasp TEXT NOT NULL,
    -- 1: a person or program asked for it; it is kept while that is so.
    asked SMALLINT NOT NULL CHECK (asked IN (0, 1)),
    -- The last recorded pre-check with it; kept for a time after that.
    relied_at BIGINT,
    -- The asker's entry of the rulebook then.
    jurisdiction TEXT,
    -- Sequence of the directory at which the findings were made; before the first judgement that of the first pre-check.
    sequence BIGINT NOT NULL,
    -- The findings by check, sealed under the organisation's data key. Null: not judged yet.
    findings BLOB,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (organisation, vasp)
) WITHOUT ROWID;
CREATE INDEX watches_by_vasp ON watches (vasp);
CREATE INDEX watches_not_judged ON watches (organisation, vasp) WHERE findings IS NULL;

-- Which destinations organisations relied on, so that they can be told when the owner changes. Nothing here shows in clear which address
-- it is.
CREATE TABLE relied_destinations (
    organisation TEXT NOT NULL REFERENCES organisations (id),
    -- Of network, address, memo and Travel Address, under a key of the organisation.
    token BLOB NOT NULL,
    -- Of the account key alone: what changed claims are found by. Null: only a Travel Address.
    account BLOB,
    -- The VASP that was relied on.
    vasp TEXT NOT NULL,
    -- Network, address, memo and Travel Address, sealed under the organisation's data key.
    sealed BLOB NOT NULL,
    -- Who owned it when it was last looked at.
    status TEXT NOT NULL,
    -- The last recorded pre-check to it.
    precheck TEXT NOT NULL,
    relied_at BIGINT NOT NULL,
    -- Sequence of the directory in which the status was found.
    sequence BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (organisation, token)
) WITHOUT ROWID;
CREATE INDEX relied_destinations_by_account ON relied_destinations (organisation, account);
CREATE INDEX relied_destinations_by_vasp ON relied_destinations (vasp);

CREATE TABLE alerts (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    severity TEXT NOT NULL CHECK (severity IN ('critical', 'high', 'medium', 'info')),
    vasp TEXT,
    -- By whose act, where more of the kind on that day are counted in it.
    opposing_vasp TEXT,
    -- What of, what was found before and now, and what was noted; sealed under the organisation's data key.
    sealed BLOB NOT NULL,
    raised_at BIGINT NOT NULL,
    acknowledged_at BIGINT,
    acknowledged_by TEXT,
    version BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX alerts_by_organisation ON alerts (organisation, id);
CREATE INDEX alerts_by_opposing_vasp ON alerts (organisation, opposing_vasp);

CREATE TABLE webhooks (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    url TEXT NOT NULL,
    -- Kinds of alerts that it takes, by prefix; empty: all.
    kinds TEXT NOT NULL,
    min_severity TEXT NOT NULL CHECK (min_severity IN ('critical', 'high', 'medium', 'info')),
    description TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'paused', 'disabled')),
    -- Sealed under the organisation's data key.
    secret BLOB NOT NULL,
    old_secret BLOB,
    old_secret_until BIGINT,
    -- The first of the attempts that failed since the last that did not.
    failing_since BIGINT,
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT
) WITHOUT ROWID;
CREATE INDEX webhooks_by_organisation ON webhooks (organisation, id);

CREATE TABLE webhook_deliveries (
    id TEXT NOT NULL PRIMARY KEY,
    webhook TEXT NOT NULL REFERENCES webhooks (id),
    -- Null: a test.
    alert TEXT,
    -- What is sent, sealed under the organisation's data key.
    sealed BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('failed', 'pending', 'delivered')),
    attempts SMALLINT NOT NULL,
    -- When it is due; null: it is not sent again.
    next_at BIGINT,
    -- Until when the node that took it may be sending it.
    leased_until BIGINT,
    last_at BIGINT,
    last_status SMALLINT,
    last_error TEXT
) WITHOUT ROWID;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook, id);

-- Where data comes from: rows of registers that wait for their authority, amendments of the table of authorities, what was imported.

-- A file of a register with rows whose authority is not known. `is_whole`: none of its rows could be imported.
CREATE TABLE held_files (
    id TEXT NOT NULL PRIMARY KEY,
    register TEXT NOT NULL,
    observed_on TEXT NOT NULL,
    source TEXT NOT NULL,
    -- SHA-256 of the file.
    digest BLOB NOT NULL,
    is_whole BOOLEAN NOT NULL,
    held_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX held_files_once ON held_files (register, observed_on, digest);

-- Those rows, as they were read. One that was imported since has the time of that.
CREATE TABLE held_rows (
    file TEXT NOT NULL REFERENCES held_files (id),
    number INTEGER NOT NULL,
    line BIGINT NOT NULL,
    -- The authority as the register writes it, and in the form that is compared.
    authority TEXT NOT NULL,
    spelling TEXT NOT NULL,
    country TEXT,
    why TEXT NOT NULL CHECK (why IN ('authority_unknown', 'authority_ambiguous')),
    -- JSON: columns and cells.
    cells TEXT NOT NULL,
    case_id TEXT NOT NULL REFERENCES cases (id),
    settled_at BIGINT,
    PRIMARY KEY (file, number)
) WITHOUT ROWID;
CREATE INDEX held_rows_waiting ON held_rows (spelling, file, number) WHERE settled_at IS NULL;
CREATE INDEX held_rows_by_case ON held_rows (case_id);

-- Amendments of the table of authorities; they take two people. The table that an approved one makes becomes a reference document.
CREATE TABLE authority_amendments (
    id TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('superseded', 'declined', 'pending', 'approved')),
    source TEXT NOT NULL,
    -- SHA-256 of the amended table, and of the table that it was made from.
    digest BLOB NOT NULL,
    base BLOB NOT NULL,
    -- The amended table.
    body TEXT NOT NULL,
    -- JSON: what it changes, and what people should look at.
    difference TEXT NOT NULL,
    notes TEXT NOT NULL,
    -- The user; empty if it came from the command line.
    made_by TEXT,
    made_at BIGINT NOT NULL
) WITHOUT ROWID;

-- What was imported, when and by what; also files that were refused.
CREATE TABLE imports (
    id TEXT NOT NULL PRIMARY KEY,
    format TEXT NOT NULL,
    file TEXT NOT NULL,
    -- SHA-256 of the file; empty if it could be read only once.
    digest BLOB,
    observed_on TEXT,
    imported_by TEXT NOT NULL CHECK (imported_by IN ('command_line', 'seed', 'source', 'amendment')),
    -- Id of the source from which it was fetched.
    source TEXT,
    at BIGINT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('refused', 'changed', 'unchanged')),
    -- Why it was refused.
    reason TEXT,
    rows_read BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    repeated BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    held BIGINT NOT NULL,
    flagged BIGINT NOT NULL,
    records_new BIGINT NOT NULL,
    records_other BIGINT NOT NULL,
    vanished BIGINT NOT NULL,
    -- New links from brands to firms that the search after it proposed; empty if no search was made, or it failed.
    links BIGINT,
    -- The log's last sequence after it.
    sequence BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX imports_by_source ON imports (source, id) WHERE source IS NOT NULL;

-- Rows of imports that were not taken as they are, at most some thousands of each import.
CREATE TABLE import_rows (
    import TEXT NOT NULL REFERENCES imports (id),
    number INTEGER NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('rejected', 'held', 'flagged')),
    line BIGINT NOT NULL,
    -- The column that is wrong, if one is.
    place TEXT,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (import, number)
) WITHOUT ROWID;

-- What was fetched from the sources of `seed/sources.csv`. A source that was never tried has no row. The row `bundle` is of bundles.
CREATE TABLE source_states (
    id TEXT NOT NULL PRIMARY KEY,
    paused BOOLEAN NOT NULL,
    tried_at BIGINT,
    -- Last time that the files were read, whether they changed or not; and last time that they had changed.
    succeeded_at BIGINT,
    changed_at BIGINT,
    known_through TEXT,
    file TEXT,
    digest BLOB,
    rows_read BIGINT,
    -- Why the last try failed; empty if it did not.
    failure TEXT,
    -- How many tries failed since the last that did not.
    failures INTEGER NOT NULL,
    -- When a server looks next; empty if none ever looked. A server that looks sets it first, so that no other server looks too.
    next_look_at BIGINT,
    -- What the publisher's server said of the files (ETag, Last-Modified), as JSON; empty if they did not come from one. Of bundles, the
    -- pinned key and the serial of the last one.
    validators TEXT,
    version BIGINT NOT NULL
) WITHOUT ROWID;

-- The newest files of each source, as they came. The body is compressed by gzip, and left out of a very large file.
CREATE TABLE source_snapshots (
    source TEXT NOT NULL,
    digest BLOB NOT NULL,
    file TEXT NOT NULL,
    observed_on TEXT,
    fetched_at BIGINT NOT NULL,
    size_bytes BIGINT NOT NULL,
    body BLOB,
    PRIMARY KEY (source, digest)
) WITHOUT ROWID;
