//! The tables of certificates beside the facts that publish them, the same in both databases. They are not joined to other tables.

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
    certificate_lists (certificate) {
        certificate -> Text,
        list -> Binary,
    }
}

table! {
    key_holders (spki_sha256) {
        spki_sha256 -> Binary,
        vasp -> BigInt,
        is_compromised -> SmallInt,
    }
}
