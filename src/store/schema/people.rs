//! The tables of people who sign in and of what they may do, as both databases have them.

use diesel::table;

table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        secret_sha256 -> Binary,
        method -> Text,
        limited -> SmallInt,
        created_at -> BigInt,
        expires_at -> BigInt,
        last_used_at -> BigInt,
    }
}

table! {
    passwords (user_id) {
        user_id -> Text,
        phc -> Text,
        changed_at -> BigInt,
    }
}

table! {
    totp (user_id) {
        user_id -> Text,
        sealed -> Nullable<Binary>,
        confirmed_at -> Nullable<BigInt>,
        last_step -> BigInt,
        pending_sealed -> Nullable<Binary>,
    }
}

table! {
    recovery_codes (user_id, code_sha256) {
        user_id -> Text,
        code_sha256 -> Binary,
        used_at -> Nullable<BigInt>,
    }
}

table! {
    enrolments (user_id) {
        user_id -> Text,
        secret_sha256 -> Binary,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    sign_in_attempts (subject) {
        subject -> Binary,
        failures -> BigInt,
        last_at -> BigInt,
        blocked_until -> BigInt,
    }
}

table! {
    oidc_links (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> Text,
        linked_at -> BigInt,
    }
}

table! {
    oidc_flows (state_sha256) {
        state_sha256 -> Binary,
        provider -> Text,
        sealed -> Binary,
        expires_at -> BigInt,
    }
}

table! {
    role_grants (id) {
        id -> Text,
        user_id -> Text,
        role -> Text,
        state -> Text,
        proposed_by -> Nullable<Text>,
        proposed_at -> BigInt,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        proposed_with -> Nullable<Text>,
    }
}

table! {
    delegations (id) {
        id -> Text,
        grantor -> Text,
        grantee -> Text,
        scopes -> Text,
        created_by -> Text,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}
