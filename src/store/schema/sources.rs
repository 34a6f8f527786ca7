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
