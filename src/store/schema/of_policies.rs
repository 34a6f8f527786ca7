//! Policies of organisations, and how long their pre-checks are kept.

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
    precheck_retentions (organisation) {
        organisation -> Text,
        days -> Nullable<Integer>,
        version -> BigInt,
        erased_to -> Text,
    }
}
