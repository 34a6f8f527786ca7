//! Schemas of the API for values that are written as text: ids, times, countries. Behind the feature `schema`; a type's macro is
//! used beside the type, mostly through `serde_as_text!`. The API's document writes such a schema where a value of it stands.

/// Gives types that are written as text their schema, with a format and an example if they have one.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! text_schema {
    ($($name:ty $(: $format:ident)? $(= $example:expr)?),*) => {$(
        const _: () = {
            use $crate::closed_list::needs::utoipa::openapi::RefOr;
            use $crate::closed_list::needs::utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
            use $crate::closed_list::needs::utoipa::{PartialSchema, ToSchema};

            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    let text = ObjectBuilder::new().schema_type(Type::String);
                    $(
                        use $crate::closed_list::needs::utoipa::openapi::schema::{KnownFormat, SchemaFormat};
                        let text = text.format(Some(SchemaFormat::KnownFormat(KnownFormat::$format)));
                    )?
                    $(let text = text.examples([$example]);)?
                    text.into()
                }
            }

            impl ToSchema for $name {
                fn name() -> ::std::borrow::Cow<'static, str> {
                    ::std::borrow::Cow::Borrowed(stringify!($name))
                }
            }
        };
    )*};
}
/// Without the feature `schema` there is nothing.
#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! text_schema {
    ($($any:tt)*) => {};
}
