//! API schemas of values that are written as text: ids, times, countries. They need the feature `schema`. The macro is called
//! beside the type, mostly through `serde_as_text!`. The API description inlines such a schema wherever the type is used.

/// Implements the schema of types that are written as text, with an optional format, pattern and example:
/// `Name: Format as ("pattern") = "example"`. `@list Name "documentation"…` implements that of a closed list.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! text_schema {
    (@list $name:ident $($doc:literal)*) => {
        impl $crate::closed_list::needs::utoipa::PartialSchema for $name {
            fn schema() -> $crate::closed_list::needs::utoipa::openapi::RefOr<
                $crate::closed_list::needs::utoipa::openapi::Schema,
            > {
                $crate::closed_list::schema::<Self>(&[$($doc),*])
            }
        }

        impl $crate::closed_list::needs::utoipa::ToSchema for $name {
            fn name() -> ::std::borrow::Cow<'static, str> {
                ::std::borrow::Cow::Borrowed(<Self as $crate::closed_list::ClosedList>::NAME)
            }
        }
    };
    ($($name:ty $(: $format:ident)? $(as ($pattern:expr))? $(= $example:expr)?),*) => {$(
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
                    $(let text = text.pattern(Some($pattern));)?
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
/// Without the feature `schema`, this macro does nothing.
#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! text_schema {
    ($($any:tt)*) => {};
}
