//! The tables of members' claims: their owners, who may see them, challenges, disputes, and counts.

use diesel::table;

table! {
    member_claims (number) {
        number -> BigInt,
        organisation -> Text,
        network -> Integer,
        account_key -> Binary,
        memo -> Text,
        replaces -> Nullable<BigInt>,
        replaced_by -> Nullable<BigInt>,
        ended_because -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
    }
}

table! {
    claim_batch_readers (batch, organisation) {
        batch -> BigInt,
        organisation -> Text,
    }
}

table! {
    claim_challenges (nonce) {
        nonce -> Binary,
        organisation -> Text,
        claim -> BigInt,
        text_sha256 -> Binary,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    claim_disputes (id) {
        id -> Text,
        case_id -> Text,
        kind -> Text,
        network -> Integer,
        account_key -> Binary,
        memo -> Text,
        claim -> BigInt,
        against -> Nullable<BigInt>,
        organisation -> Text,
        reason -> Nullable<Text>,
        opened_at -> BigInt,
        outcome -> Nullable<Text>,
        closed_at -> Nullable<BigInt>,
    }
}

table! {
    sub_accounts (id) {
        id -> Text,
        network -> Integer,
        account_key -> Binary,
        memo -> Text,
        owner -> Text,
        holder -> Text,
        named_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        refused_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        seq_from -> Nullable<BigInt>,
        seq_to -> Nullable<BigInt>,
    }
}

table! {
    waiting_claims (number) {
        number -> BigInt,
        vasp -> BigInt,
        batch -> BigInt,
        network -> Integer,
        account_key -> Binary,
        class -> Integer,
        controller -> Binary,
        role -> SmallInt,
        visibility -> SmallInt,
        said_at -> BigInt,
        expires_at -> BigInt,
        told -> SmallInt,
    }
}

table! {
    claim_usage (claim, day) {
        claim -> BigInt,
        day -> Text,
        asked -> BigInt,
    }
}

table! {
    not_found_budgets (organisation, day, counts) {
        organisation -> Text,
        day -> Text,
        counts -> Text,
        sketch -> Binary,
        alarmed_at -> Nullable<BigInt>,
        claimed -> BigInt,
    }
}
