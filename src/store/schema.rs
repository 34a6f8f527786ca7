//! The tables, the same in both databases.

mod ca;
mod certificates;
mod of_claims;
mod of_members;
mod of_policies;
mod people;
mod private;
mod probing;
mod public_challenges;
mod questionnaires;
mod screening;
mod sources;
mod trust;
mod two_people;
mod watch;

pub(super) use ca::{ca_crls, ca_issuers, issued_certificates, message_key_challenges, message_key_thumbprints};
pub(super) use certificates::{certificate_chains, certificate_lists, key_holders};
pub(super) use of_claims::{claim_classes, claim_controllers};
pub(super) use of_members::{
    claim_batch_readers, claim_challenges, claim_disputes, claim_usage, member_claims, not_found_budgets, sub_accounts,
    waiting_claims,
};
pub(super) use of_policies::{legal_holds, policies, policy_activations, precheck_retentions};
pub(super) use people::{
    api_keys, client_certificates, credential_uses, delegations, enrolments, member_documents, oidc_flows, oidc_links,
    organisations, passwords, recovery_codes, role_grants, sessions, sign_in_addresses, sign_in_attempts, totp, users,
};
pub(super) use private::{
    approval_rules, hit_decisions, precheck_counts, precheck_outcomes, prechecks, private_states, relationships, report_links,
    vasp_lists,
};
pub(super) use probing::endpoint_probes;
pub(super) use public_challenges::challenges;
pub(super) use questionnaires::{questionnaire_access, questionnaire_drafts, questionnaire_requests, questionnaire_submissions};
pub(super) use screening::screening_hits;
pub(super) use sources::{authority_amendments, held_files, held_rows, import_rows, imports, source_snapshots, source_states};
pub(super) use trust::{checkpoints, log_tiles, signing_keys};
pub(super) use two_people::{proposals, rulebook_imports};
pub(super) use watch::{alerts, relied_destinations, watches, webhook_deliveries, webhooks};

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    log_head (id) {
        id -> SmallInt,
        sequence -> BigInt,
        recorded_at -> BigInt,
        frontier -> Binary,
    }
}

table! {
    changes (sequence) {
        sequence -> BigInt,
        kind -> Text,
        audience -> Text,
        recorded_at -> BigInt,
        payload_commitment -> Binary,
        subject -> Nullable<BigInt>,
        ends_transaction -> SmallInt,
    }
}

table! {
    change_payloads (sequence) {
        sequence -> BigInt,
        salt -> Binary,
        payload -> Text,
    }
}

table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

table! {
    vasps (number) {
        number -> BigInt,
        id -> Text,
        kind -> SmallInt,
    }
}

table! {
    licences (id) {
        id -> Text,
        vasp -> BigInt,
        authority -> Text,
        regime -> Text,
    }
}

table! {
    facts (number) {
        number -> BigInt,
        vasp -> BigInt,
        licence -> Text,
        origin -> Text,
        attribute -> Text,
        item -> Text,
        value -> Text,
        source -> Text,
        valid_from -> Nullable<Text>,
        valid_to -> Nullable<Text>,
        seq_from -> BigInt,
        seq_to -> Nullable<BigInt>,
    }
}

table! {
    snapshots (seq_from) {
        seq_from -> BigInt,
        register -> Text,
        observed_on -> Text,
        source -> Text,
        digest -> Binary,
        extent -> Text,
    }
}

table! {
    claim_imports (digest) {
        digest -> Binary,
        started_at -> BigInt,
        updated_at -> BigInt,
        rows_read -> BigInt,
        state -> Text,
    }
}

table! {
    claim_batches (number) {
        number -> BigInt,
        source -> Text,
        source_key -> Text,
        method -> Text,
        strength -> SmallInt,
        visibility -> SmallInt,
        seed -> Binary,
        verified_at -> Nullable<BigInt>,
        seq_from -> BigInt,
        part_of -> BigInt,
    }
}

table! {
    claims (number) {
        number -> BigInt,
        class -> Integer,
        controller -> Binary,
        memo -> Text,
        network -> Integer,
        account_key -> Binary,
        vasp -> BigInt,
        batch -> BigInt,
        position -> Integer,
        role -> SmallInt,
        confidence -> Nullable<SmallInt>,
        asserted_at -> Nullable<BigInt>,
        expires_at -> Nullable<BigInt>,
        seq_to -> Nullable<BigInt>,
    }
}

table! {
    documents (seq_from) {
        seq_from -> BigInt,
        kind -> Text,
        version -> Text,
        observed_on -> Text,
        source -> Text,
        digest -> Binary,
        body -> Text,
    }
}

table! {
    wrapped_keys (name) {
        name -> Text,
        master_version -> Integer,
        wrapped -> Binary,
    }
}

table! {
    audit_head (id) {
        id -> SmallInt,
        number -> BigInt,
        hash -> Binary,
    }
}

table! {
    audit_events (number) {
        number -> BigInt,
        at -> BigInt,
        organisation -> Nullable<Text>,
        actor -> Nullable<Text>,
        credential -> Nullable<Text>,
        action -> Text,
        subject -> Nullable<Text>,
        outcome -> Text,
        salt -> Nullable<Binary>,
        payload -> Nullable<Text>,
        commitment -> Binary,
        hash -> Binary,
    }
}

table! {
    idempotency (user_id, method, path, key) {
        user_id -> Text,
        method -> Text,
        path -> Text,
        key -> Text,
        request_digest -> Binary,
        status -> SmallInt,
        etag -> Nullable<Text>,
        body -> Text,
        created_at -> BigInt,
    }
}

table! {
    submissions (vasp, organisation) {
        vasp -> Text,
        organisation -> Text,
        status -> Text,
        version -> BigInt,
        body -> Text,
        approved -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

table! {
    cases (id) {
        id -> Text,
        vasp -> Nullable<Text>,
        status -> Text,
        risk -> SmallInt,
        version -> BigInt,
        opened_at -> BigInt,
        due_at -> BigInt,
        assignee -> Nullable<Text>,
        closed_at -> Nullable<BigInt>,
        outcome -> Nullable<Text>,
    }
}

table! {
    case_triggers (case_id, number) {
        case_id -> Text,
        number -> Integer,
        kind -> Text,
        detail -> Text,
        at -> BigInt,
    }
}

table! {
    case_entries (case_id, number) {
        case_id -> Text,
        number -> Integer,
        kind -> Text,
        actor -> Nullable<Text>,
        at -> BigInt,
        body -> Text,
    }
}

table! {
    evidence (id) {
        id -> Text,
        vasp -> Text,
        attribute -> Text,
        value_digest -> Nullable<Binary>,
        method -> Text,
        source -> Text,
        reference -> Nullable<Text>,
        document -> Nullable<Text>,
        verifier -> Nullable<Text>,
        case_id -> Nullable<Text>,
        verified_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        expiry_noted -> Nullable<BigInt>,
        seq_from -> Nullable<BigInt>,
        seq_to -> Nullable<BigInt>,
    }
}

table! {
    member_domains (vasp, organisation, domain) {
        vasp -> Text,
        organisation -> Text,
        domain -> Text,
        covers_subdomains -> Bool,
        token -> Text,
        state -> Text,
        version -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        expires_at -> BigInt,
        proven_at -> Nullable<BigInt>,
        proven_by -> Nullable<Text>,
        dnssec -> Nullable<Text>,
        failing_since -> Nullable<BigInt>,
        next_look_at -> Nullable<BigInt>,
        last_look_at -> Nullable<BigInt>,
        last_look -> Nullable<Text>,
        evidence -> Nullable<Text>,
    }
}

joinable!(change_payloads -> changes (sequence));
joinable!(claims -> claim_batches (batch));
joinable!(users -> organisations (organisation));
joinable!(api_keys -> users (owner));
joinable!(client_certificates -> users (owner));
allow_tables_to_appear_in_same_query!(changes, change_payloads);
joinable!(claim_batch_readers -> claim_batches (batch));
allow_tables_to_appear_in_same_query!(
    claims,
    claim_controllers,
    claim_batches,
    claim_batch_readers,
    member_claims,
    claim_disputes,
    waiting_claims
);
joinable!(role_grants -> users (user_id));
joinable!(sessions -> users (user_id));
joinable!(enrolments -> users (user_id));
joinable!(oidc_links -> users (user_id));
joinable!(case_triggers -> cases (case_id));
joinable!(held_rows -> held_files (file));
allow_tables_to_appear_in_same_query!(held_rows, held_files);
allow_tables_to_appear_in_same_query!(
    api_keys,
    client_certificates,
    users,
    organisations,
    role_grants,
    sessions,
    enrolments,
    oidc_links,
    proposals
);
allow_tables_to_appear_in_same_query!(cases, case_triggers);
allow_tables_to_appear_in_same_query!(prechecks, precheck_outcomes);
allow_tables_to_appear_in_same_query!(organisations, prechecks, precheck_counts);
allow_tables_to_appear_in_same_query!(cases, challenges);
allow_tables_to_appear_in_same_query!(delegations, organisations);
allow_tables_to_appear_in_same_query!(watches, organisations);
joinable!(webhook_deliveries -> webhooks (webhook));
joinable!(webhooks -> organisations (organisation));
allow_tables_to_appear_in_same_query!(webhook_deliveries, webhooks, organisations);

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::sql_types::Text;
    use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

    /// The source text of these files.
    const FILES: [&str; 17] = [
        include_str!("schema.rs"),
        include_str!("lei_schema.rs"),
        include_str!("schema/ca.rs"),
        include_str!("schema/certificates.rs"),
        include_str!("schema/public_challenges.rs"),
        include_str!("schema/of_claims.rs"),
        include_str!("schema/of_members.rs"),
        include_str!("schema/of_policies.rs"),
        include_str!("schema/people.rs"),
        include_str!("schema/private.rs"),
        include_str!("schema/probing.rs"),
        include_str!("schema/questionnaires.rs"),
        include_str!("schema/screening.rs"),
        include_str!("schema/sources.rs"),
        include_str!("schema/trust.rs"),
        include_str!("schema/two_people.rs"),
        include_str!("schema/watch.rs"),
    ];

    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }

    /// Returns the columns of Diesel's tables, each as `table.column Type`.
    fn written() -> Vec<String> {
        let mut found = Vec::new();
        let tables = FILES.iter().flat_map(|file| file.split("\ntable! {\n").skip(1));
        for table in tables {
            let (name, columns) = table.split_once(" (").unwrap();
            let columns = columns.split("\n    }\n").next().unwrap().lines().skip(1);
            let column = |line: &str| line.trim().trim_end_matches(',').replace(" ->", "");
            found.extend(columns.map(|line| format!("{}.{}", name.trim(), column(line))));
        }
        found
    }

    /// Returns the columns of the database, in the order of each table.
    fn kept() -> Vec<String> {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite")).unwrap() {
            conn.batch_execute(&std::fs::read_to_string(entry.unwrap().path().join("up.sql")).unwrap()).unwrap();
        }
        let sql = "SELECT t.name || '.' || c.name || ' ' || CASE c.\"notnull\" WHEN 0 THEN 'Nullable<' ELSE '' END || \
                   CASE WHEN c.type = 'INTEGER' AND c.pk = 1 AND t.wr = 0 THEN 'BigInt' WHEN c.type = 'TEXT' THEN 'Text' \
                     WHEN c.type = 'BLOB' THEN 'Binary' WHEN c.type = 'SMALLINT' THEN 'SmallInt' WHEN c.type = 'INTEGER' THEN 'Integer' \
                     WHEN c.type = 'BIGINT' THEN 'BigInt' WHEN c.type = 'BOOLEAN' THEN 'Bool' END || \
                   CASE c.\"notnull\" WHEN 0 THEN '>' ELSE '' END AS line \
                   FROM pragma_table_list t, pragma_table_xinfo(t.name) c \
                   WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid";
        let lines: Vec<Line> = sql_query(sql).load(&mut conn).unwrap();
        lines.into_iter().map(|row| row.line).collect()
    }

    #[test]
    fn the_tables_of_the_program_are_those_of_the_database_column_by_column() {
        let by_table = |line: &String| line.split('.').next().unwrap().to_owned();
        let mut written = written();
        written.sort_by_key(by_table);

        assert_eq!(written, kept());
    }
}
