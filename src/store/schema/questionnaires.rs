//! The tables of VASPs' answers about themselves, and of who may read them.

use diesel::table;

table! {
    questionnaire_drafts (organisation) {
        organisation -> Text,
        vasp -> Text,
        version -> BigInt,
        questionnaire -> Text,
        sealed -> Binary,
        updated_at -> BigInt,
    }
}

table! {
    questionnaire_submissions (id) {
        id -> Text,
        organisation -> Text,
        vasp -> Text,
        number -> BigInt,
        questionnaire -> Text,
        submitted_at -> BigInt,
        submitted_by -> Text,
        document_sha256 -> Binary,
        sealed -> Binary,
        sealed_facts -> Binary,
        withdrawn_at -> Nullable<BigInt>,
        revision_from -> BigInt,
        revision_to -> Nullable<BigInt>,
    }
}

table! {
    questionnaire_access (id) {
        id -> Text,
        organisation -> Text,
        grantee -> Text,
        sections -> Nullable<Text>,
        ownership -> SmallInt,
        expires_at -> BigInt,
        created_by -> Text,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        revision_from -> BigInt,
        revision_to -> Nullable<BigInt>,
    }
}

table! {
    questionnaire_requests (id) {
        id -> Text,
        organisation -> Text,
        vasp -> Text,
        asker -> Text,
        sections -> Nullable<Text>,
        ownership -> SmallInt,
        reason -> Text,
        state -> Text,
        created_at -> BigInt,
        decided_at -> Nullable<BigInt>,
    }
}
