//! The table behind new versions of the rulebook.

use diesel::table;

table! {
    rulebook_proposals (id) {
        id -> Text,
        state -> Text,
        version -> Text,
        observed_on -> Text,
        source -> Text,
        digest -> Binary,
        base -> Binary,
        body -> Text,
        difference -> Text,
        proposed_at -> BigInt,
        first_by -> Nullable<Text>,
        first_with -> Nullable<Text>,
        first_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        reason -> Nullable<Text>,
    }
}
