//! The tables of organisations and their people: what they may do, how they sign in, and what they submit.

use diesel::table;

table! {
    credential_uses (credential) {
        credential -> Text,
        used_on -> Text,
    }
}

table! {
    member_documents (id) {
        id -> Text,
        organisation -> Text,
        kind -> Text,
        media_type -> Text,
        sha256 -> Binary,
        size_bytes -> BigInt,
        issued_on -> Nullable<Text>,
        expires_on -> Nullable<Text>,
        sealed_about -> Binary,
        created_by -> Text,
        created_at -> BigInt,
    }
}

table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        secret_sha256 -> Binary,
        limited -> SmallInt,
        expires_at -> BigInt,
        last_used_at -> BigInt,
        authenticated_at -> Nullable<BigInt>,
    }
}

table! {
    passwords (user_id) {
        user_id -> Text,
        phc -> Text,
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
    sign_in_addresses (account, address) {
        account -> Binary,
        address -> Binary,
        last_at -> BigInt,
    }
}

table! {
    oidc_links (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> Text,
        linked_with -> Nullable<Text>,
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
    organisations (id) {
        id -> Text,
        name -> Text,
        kind -> Text,
        vasp -> Nullable<Text>,
        version -> BigInt,
        created_at -> BigInt,
        closed_at -> Nullable<BigInt>,
        own_address_budget -> Nullable<BigInt>,
    }
}

table! {
    users (id) {
        id -> Text,
        organisation -> Text,
        name -> Text,
        email -> Nullable<Text>,
        kind -> Text,
        state -> Text,
        disabled_from -> Nullable<Text>,
        version -> BigInt,
        created_by -> Nullable<Text>,
        created_with -> Nullable<Text>,
        link_held_by -> Nullable<Text>,
        founder -> SmallInt,
        created_at -> BigInt,
    }
}

table! {
    api_keys (id) {
        id -> Text,
        owner -> Text,
        name -> Text,
        scopes -> Text,
        secret_sha256 -> Binary,
        certificate_sha256 -> Nullable<Binary>,
        origins -> Nullable<Text>,
        created_by -> Nullable<Text>,
        created_with -> Nullable<Text>,
        replaced_by -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    client_certificates (id) {
        id -> Text,
        owner -> Text,
        name -> Text,
        scopes -> Text,
        sha256 -> Binary,
        spki_sha256 -> Binary,
        subject -> Text,
        issuer -> Text,
        serial -> Text,
        key -> Text,
        not_before -> BigInt,
        not_after -> BigInt,
        issued_by_registry -> SmallInt,
        created_by -> Text,
        created_with -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

table! {
    role_grants (id) {
        id -> Text,
        user_id -> Text,
        role -> Text,
        state -> Text,
        ended_at -> Nullable<BigInt>,
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
