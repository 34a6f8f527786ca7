//! What organisations keep for themselves.

use diesel::table;

table! {
    private_states (organisation) {
        organisation -> Text,
        revision -> BigInt,
    }
}
