//! Policies of organisations, how long their pre-checks are kept, and what must not be erased.

use diesel::table;

table! {
    policies (organisation, name, version) {
        organisation -> Text,
        name -> Text,
        version -> Integer,
        body -> Text,
        revision_from -> BigInt,
    }
}

table! {
    policy_activations (organisation, revision_from) {
        organisation -> Text,
        revision_from -> BigInt,
        revision_to -> Nullable<BigInt>,
        name -> Text,
        version -> Integer,
    }
}

table! {
    precheck_retentions (organisation, revision_from) {
        organisation -> Text,
        revision_from -> BigInt,
        revision_to -> Nullable<BigInt>,
        days -> Nullable<Integer>,
    }
}

table! {
    legal_holds (organisation, id) {
        organisation -> Text,
        id -> Text,
        placed_at -> BigInt,
        lifted_at -> Nullable<BigInt>,
        sealed -> Binary,
    }
}
