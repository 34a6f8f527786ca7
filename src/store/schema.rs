//! The tables, as both databases have them.

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
        register -> Text,
        observed_on -> Text,
        source -> Text,
        digest -> Binary,
        entities -> BigInt,
        seq_from -> BigInt,
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
        row_count -> BigInt,
        root -> Binary,
        seed -> Binary,
        verified_at -> Nullable<BigInt>,
        seq_from -> BigInt,
    }
}

table! {
    claims (network, account_key, memo, number) {
        network -> Integer,
        account_key -> Binary,
        memo -> Text,
        number -> BigInt,
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
        kind -> Text,
        version -> Text,
        observed_on -> Text,
        source -> Text,
        digest -> Binary,
        body -> Text,
        seq_from -> BigInt,
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
    organisations (id) {
        id -> Text,
        name -> Text,
        kind -> Text,
        vasp -> Nullable<Text>,
        created_at -> BigInt,
    }
}

table! {
    users (id) {
        id -> Text,
        organisation -> Text,
        name -> Text,
        created_at -> BigInt,
    }
}

table! {
    api_keys (id) {
        id -> Text,
        owner -> Text,
        scopes -> Text,
        secret_sha256 -> Binary,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    prechecks (id) {
        id -> Text,
        organisation -> Text,
        recorded_at -> BigInt,
        sequence -> BigInt,
        sealed -> Binary,
    }
}

joinable!(change_payloads -> changes (sequence));
joinable!(claims -> claim_batches (batch));
joinable!(users -> organisations (organisation));
joinable!(api_keys -> users (owner));
allow_tables_to_appear_in_same_query!(changes, change_payloads);
allow_tables_to_appear_in_same_query!(claims, claim_batches);
allow_tables_to_appear_in_same_query!(api_keys, users, organisations);
