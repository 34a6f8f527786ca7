//! The tables of what organisations watch, their alerts, and where the alerts are sent.

use diesel::table;

table! {
    watches (organisation, vasp) {
        organisation -> Text,
        vasp -> Text,
        asked -> SmallInt,
        relied_at -> Nullable<BigInt>,
        jurisdiction -> Nullable<Text>,
        sequence -> BigInt,
        findings -> Nullable<Binary>,
        version -> BigInt,
        created_at -> BigInt,
    }
}

table! {
    relied_destinations (organisation, token) {
        organisation -> Text,
        token -> Binary,
        account -> Nullable<Binary>,
        vasp -> Text,
        sealed -> Binary,
        status -> Text,
        precheck -> Text,
        relied_at -> BigInt,
        sequence -> BigInt,
        version -> BigInt,
    }
}

table! {
    alerts (id) {
        id -> Text,
        organisation -> Text,
        severity -> Text,
        vasp -> Nullable<Text>,
        opposing_vasp -> Nullable<Text>,
        sealed -> Binary,
        raised_at -> BigInt,
        acknowledged_at -> Nullable<BigInt>,
        acknowledged_by -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    webhooks (id) {
        id -> Text,
        organisation -> Text,
        url -> Text,
        kinds -> Text,
        min_severity -> Text,
        description -> Text,
        state -> Text,
        secret -> Binary,
        old_secret -> Nullable<Binary>,
        old_secret_until -> Nullable<BigInt>,
        failing_since -> Nullable<BigInt>,
        version -> BigInt,
        created_by -> Text,
        created_at -> BigInt,
        deleted_at -> Nullable<BigInt>,
    }
}

table! {
    webhook_deliveries (id) {
        id -> Text,
        webhook -> Text,
        alert -> Nullable<Text>,
        sealed -> Binary,
        created_at -> BigInt,
        state -> Text,
        attempts -> SmallInt,
        next_at -> Nullable<BigInt>,
        leased_until -> Nullable<BigInt>,
        last_at -> Nullable<BigInt>,
        last_status -> Nullable<SmallInt>,
        last_error -> Nullable<Text>,
    }
}
