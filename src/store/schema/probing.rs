//! The table of probed endpoints.

use diesel::table;

table! {
    endpoint_probes (endpoint) {
        endpoint -> Text,
        vasp -> Text,
        host -> Text,
        place -> Text,
        published -> Text,
        next_at -> BigInt,
        asked_at -> Nullable<BigInt>,
        version -> BigInt,
        state -> Text,
    }
}
