//! The tables of GLEIF's records, the same in both databases. They are not joined to other tables.

use diesel::table;

table! {
    lei_records (number) {
        number -> BigInt,
        lei -> Text,
        observed_on -> Text,
        source -> Text,
        body -> Text,
        seq_from -> BigInt,
        seq_to -> Nullable<BigInt>,
    }
}

table! {
    lei_looks (seq_from) {
        seq_from -> BigInt,
        observed_on -> Text,
        source -> Text,
        all_but -> SmallInt,
        leis -> Text,
    }
}
