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
    policy_proposals (id) {
        id -> Text,
        organisation -> Text,
        name -> Nullable<Text>,
        version -> Nullable<Integer>,
        looser -> Text,
        digest -> Text,
        reason -> Text,
        state -> Text,
        proposed_by -> Text,
        proposed_with -> Text,
        proposed_at -> BigInt,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
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
