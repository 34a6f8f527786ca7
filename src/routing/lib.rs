//! The attributes of handlers: `#[get("/path")]` and its like. Each is actix-web's attribute of the same name. It also implements
//! `Routed` for the handler, and `Described` from the types of its arguments: so what the OpenAPI document says of credentials and headers is what the
//! extractors ask for, and no handler can be routed without it. The traits are in `registry/http`. Without the app's feature
//! `describe` there is no description, and the derives of utoipa are the empty ones at the end of this file.

use proc_macro::TokenStream;
use proc_macro2::{Ident, Span, TokenStream as Tokens};
use quote::quote;
use syn::{FnArg, ItemFn, Type, parse_macro_input};

macro_rules! attributes {
    ($($name:ident)*) => {$(
        /// Routes a handler, as actix-web's attribute of this name does, and describes what its extractors ask for.
        #[proc_macro_attribute]
        pub fn $name(place: TokenStream, handler: TokenStream) -> TokenStream {
            routed(stringify!($name), &place.into(), parse_macro_input!(handler as ItemFn)).into()
        }
    )*};
}

attributes! { get post put patch delete }

/// Returns the handler under actix-web's attribute, its method and path, and its description.
fn routed(method: &str, path: &Tokens, handler: ItemFn) -> Tokens {
    let (name, attribute) = (&handler.sig.ident, Ident::new(method, Span::call_site()));
    let id = name.to_string();
    let types: Vec<&Type> = handler.sig.inputs.iter().filter_map(type_of).collect();
    quote! {
        #[::actix_web::#attribute(#path)]
        #handler

        impl crate::http::routed::Routed for #name {
            const METHOD: &'static str = #method;
            const PATH: &'static str = #path;
        }

        #[cfg(feature = "describe")]
        impl crate::http::described::Described for #name {
            const OPERATION_ID: &'static str = #id;

            fn describe(operation: &mut ::utoipa::openapi::path::Operation) {
                #(<#types as crate::http::described::Describes>::describe(operation);)*
            }
        }
    }
}

/// Returns the type of an argument; a handler has no `self`.
fn type_of(argument: &FnArg) -> Option<&Type> {
    if let FnArg::Typed(argument) = argument { Some(&argument.ty) } else { None }
}

/// Stands for utoipa's attribute of this name in a program that does not describe itself.
#[proc_macro_attribute]
pub fn path(_: TokenStream, handler: TokenStream) -> TokenStream {
    handler
}

/// Stands for utoipa's derive of this name in a program that does not describe itself.
#[proc_macro_derive(ToSchema, attributes(schema))]
pub fn to_schema(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Stands for utoipa's derive of this name in a program that does not describe itself.
#[proc_macro_derive(IntoParams, attributes(into_params, param))]
pub fn into_params(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
