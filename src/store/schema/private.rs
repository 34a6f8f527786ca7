//! The tables of organisations' private state.

use diesel::table;

table! {
    private_states (organisation) {
        organisation -> Text,
        revision -> BigInt,
    }
}

table! {
    relationships (id, revision_from) {
        id -> Text,
        revision_from -> BigInt,
        organisation -> Text,
        revision_to -> Nullable<BigInt>,
        sealed -> Binary,
    }
}
