//! The tables of organisations' private state.

use diesel::table;

table! {
    private_states (organisation) {
        organisation -> Text,
        revision -> BigInt,
    }
}

table! {
    hit_decisions (organisation, revision_from) {
        organisation -> Text,
        revision_from -> BigInt,
        revision_to -> Nullable<BigInt>,
        sealed -> Binary,
    }
}

table! {
    vasp_lists (organisation, revision_from) {
        organisation -> Text,
        revision_from -> BigInt,
        revision_to -> Nullable<BigInt>,
        sealed -> Binary,
    }
}

table! {
    relationships (id, revision_from) {
        id -> Text,
        revision_from -> BigInt,
        organisation -> Text,
        revision_to -> Nullable<BigInt>,
        sealed -> Binary,
    }
}

table! {
    approval_rules (id, revision_from) {
        id -> Text,
        revision_from -> BigInt,
        organisation -> Text,
        revision_to -> Nullable<BigInt>,
        sealed -> Binary,
    }
}

table! {
    prechecks (organisation, id) {
        organisation -> Text,
        id -> Text,
        recorded_at -> BigInt,
        sequence -> BigInt,
        sealed -> Binary,
        recommendation -> Nullable<Text>,
        codes -> Nullable<Text>,
        counterparty -> Nullable<Text>,
        policy -> Nullable<Text>,
        request_digest -> Nullable<Text>,
        verdict_digest -> Nullable<Text>,
        evidence_digest -> Nullable<Text>,
        destination -> Nullable<Binary>,
        erased_at -> Nullable<BigInt>,
        floor_days -> Integer,
        floor_by -> Text,
        kept_until -> BigInt,
    }
}

table! {
    precheck_counts (organisation, day, first) {
        organisation -> Text,
        day -> Text,
        first -> Text,
        recorded -> BigInt,
    }
}

table! {
    precheck_outcomes (organisation, precheck, number) {
        organisation -> Text,
        precheck -> Text,
        number -> Integer,
        recorded_at -> BigInt,
        ends -> SmallInt,
        sealed -> Binary,
    }
}

table! {
    report_links (secret_sha256) {
        secret_sha256 -> Binary,
        organisation -> Text,
        precheck -> Text,
        created_by -> Text,
        created_with -> Text,
        expires_at -> BigInt,
    }
}
