//! The tables of signing keys, the hashes of the log's tree, and the signed checkpoints.

use diesel::table;

table! {
    signing_keys (id) {
        id -> Text,
        purpose -> Text,
        name -> Text,
        public_key -> Binary,
        master_version -> Integer,
        wrapped -> Binary,
        started_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

table! {
    log_tiles (level, number) {
        level -> SmallInt,
        number -> BigInt,
        hashes -> Binary,
    }
}

table! {
    checkpoints (size) {
        size -> BigInt,
        root -> Binary,
        note -> Text,
    }
}
