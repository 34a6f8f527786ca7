//! The table of screening hits.

use diesel::table;

table! {
    screening_hits (id) {
        id -> Text,
        vasp -> Text,
        list -> Text,
        uid -> Text,
        about -> Text,
        matched_by -> Text,
        matched -> Text,
        listed -> Text,
        name -> Text,
        programs -> Text,
        score -> SmallInt,
        entry_sha256 -> Text,
        status -> Text,
        version -> BigInt,
        found_at -> BigInt,
        changed_at -> BigInt,
    }
}
