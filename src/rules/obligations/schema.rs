//! The schema of the actions for missing data, which cannot be derived. The API's documents use it.

use std::borrow::Cow;

use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Schema};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::{BeneficiaryAction, MissingDataActions, OriginatorAction};

impl PartialSchema for MissingDataActions {
    /// An empty list is valid for both sides, so this is `anyOf`; a derived schema would be `oneOf`.
    fn schema() -> RefOr<Schema> {
        let side = |name: &str| ArrayBuilder::new().items(Ref::from_schema_name(name));
        let sides = AnyOfBuilder::new()
            .item(side(&OriginatorAction::name()))
            .item(side(&BeneficiaryAction::name()))
            .description(Some("What the side does when data is missing: the sender's actions or the receiver's"));
        sides.into()
    }
}

impl ToSchema for MissingDataActions {
    fn name() -> Cow<'static, str> {
        "MissingDataActions".into()
    }

    fn schemas(all: &mut Vec<(String, RefOr<Schema>)>) {
        all.push((OriginatorAction::name().into_owned(), OriginatorAction::schema()));
        all.push((BeneficiaryAction::name().into_owned(), BeneficiaryAction::schema()));
    }
}
