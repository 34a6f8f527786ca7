//! The tables of held rows, of amendments of the table of authorities, and of what was imported.

use diesel::table;

table! {
    held_files (id) {
        id -> Text,
        register -> Text,
        observed_on -> Text,
        source -> Text,
        digest -> Binary,
        is_whole -> Bool,
        held_at -> BigInt,
    }
}

table! {
    held_rows (file, number) {
        file -> Text,
        number -> Integer,
        line -> BigInt,
        authority -> Text,
        spelling -> Text,
        country -> Nullable<Text>,
        why -> Text,
        cells -> Text,
        case_id -> Text,
        settled_at -> Nullable<BigInt>,
    }
}

table! {
    authority_amendments (id) {
        id -> Text,
        state -> Text,
        source -> Text,
        digest -> Binary,
        base -> Binary,
        body -> Text,
        difference -> Text,
        notes -> Text,
        made_by -> Nullable<Text>,
        made_at -> BigInt,
    }
}

table! {
    imports (id) {
        id -> Text,
        format -> Text,
        file -> Text,
        digest -> Nullable<Binary>,
        observed_on -> Nullable<Text>,
        imported_by -> Text,
        source -> Nullable<Text>,
        at -> BigInt,
        outcome -> Text,
        reason -> Nullable<Text>,
        rows_read -> BigInt,
        taken -> BigInt,
        unchanged -> BigInt,
        repeated -> BigInt,
        rejected -> BigInt,
        held -> BigInt,
        flagged -> BigInt,
        records_new -> BigInt,
        records_other -> BigInt,
        vanished -> BigInt,
        links -> Nullable<BigInt>,
        sequence -> BigInt,
    }
}

table! {
    import_rows (import, number) {
        import -> Text,
        number -> Integer,
        outcome -> Text,
        line -> BigInt,
        place -> Nullable<Text>,
        reason -> Text,
        text -> Text,
    }
}

table! {
    source_states (id) {
        id -> Text,
        paused -> Bool,
        tried_at -> Nullable<BigInt>,
        succeeded_at -> Nullable<BigInt>,
        changed_at -> Nullable<BigInt>,
        known_through -> Nullable<Text>,
        file -> Nullable<Text>,
        digest -> Nullable<Binary>,
        rows_read -> Nullable<BigInt>,
        failure -> Nullable<Text>,
        failures -> Integer,
        next_look_at -> Nullable<BigInt>,
        validators -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    source_snapshots (source, digest) {
        source -> Text,
        digest -> Binary,
        file -> Text,
        observed_on -> Nullable<Text>,
        fetched_at -> BigInt,
        size_bytes -> BigInt,
        body -> Nullable<Binary>,
    }
}
