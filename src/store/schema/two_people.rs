//! The tables of decisions that need two people, including imported rulebooks.

use diesel::table;

table! {
    proposals (id) {
        id -> Text,
        kind -> Text,
        subject -> Text,
        number -> Integer,
        organisation -> Text,
        state -> Text,
        content -> Binary,
        proposed_by -> Text,
        proposed_with -> Text,
        proposed_at -> BigInt,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
    }
}

table! {
    rulebook_imports (id) {
        id -> Text,
        state -> Text,
        version -> Text,
        observed_on -> Text,
        source -> Text,
        digest -> Binary,
        base -> Binary,
        body -> Text,
        difference -> Text,
        imported_at -> BigInt,
    }
}
