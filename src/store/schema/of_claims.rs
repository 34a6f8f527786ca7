//! The tables beside `claims` by which claims are found.

use diesel::table;

table! {
    claim_controllers (class, controller, claim) {
        class -> Integer,
        controller -> Binary,
        claim -> BigInt,
    }
}

table! {
    claim_classes (id) {
        id -> SmallInt,
        digest -> Binary,
    }
}
