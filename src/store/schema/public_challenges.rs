//! The table of public challenges.

use diesel::table;

table! {
    challenges (id) {
        id -> Text,
        vasp -> Text,
        field -> Text,
        case_id -> Text,
        at -> BigInt,
    }
}
