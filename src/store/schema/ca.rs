//! The tables of the registry's certificate authority, and of members' keys for encrypted and signed messages.

use diesel::table;

table! {
    ca_issuers (id) {
        id -> Text,
        kind -> Text,
        number -> BigInt,
        certificate -> Binary,
        sealed_key -> Nullable<Binary>,
        state -> Text,
        not_before -> BigInt,
        not_after -> BigInt,
    }
}

table! {
    ca_crls (issuer) {
        issuer -> Text,
        number -> BigInt,
        this_update -> BigInt,
        next_update -> BigInt,
        der -> Binary,
    }
}

table! {
    issued_certificates (serial) {
        serial -> Text,
        issuer -> Text,
        client_certificate -> Nullable<Text>,
        server_certificate -> Nullable<Text>,
        vasp -> Text,
        organisation -> Text,
        user_id -> Text,
        sha256 -> Binary,
        spki_sha256 -> Binary,
        der -> Binary,
        not_before -> BigInt,
        not_after -> BigInt,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        reason -> Nullable<Text>,
    }
}

table! {
    message_key_challenges (id) {
        id -> Text,
        vasp -> Text,
        organisation -> Text,
        key_use -> Text,
        jwk -> Text,
        thumbprint -> Text,
        challenge -> Text,
        answer_sha256 -> Nullable<Binary>,
        overlap_secs -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

table! {
    message_key_thumbprints (thumbprint) {
        thumbprint -> Text,
        vasp -> Text,
    }
}
