//! What is kept of certificates beside the facts that publish them, as both databases have it; joined to no other table.

use diesel::table;

table! {
    certificate_chains (id) {
        id -> Text,
        vasp -> BigInt,
        chain -> Binary,
        expiry_noted -> SmallInt,
        list_due -> BigInt,
    }
}

table! {
    certificate_holders (sha256) {
        sha256 -> Text,
        vasp -> BigInt,
    }
}

table! {
    certificate_lists (certificate) {
        certificate -> Text,
        list -> Binary,
    }
}
