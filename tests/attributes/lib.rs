//! The attribute `#[on_every_database]` of the tests in `tests/it`. A test says what it begins with as its parameter; the attribute makes
//! that from a fresh database of each kind. Which kinds there are is in `tests/it/support/database.rs`.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{FnArg, ItemFn, Path, parse_macro_input};

/// Makes a function a test that runs on every database. Its parameter is a fresh database: `fn name(database: Database)`; or, with a path as
/// the attribute's argument, what that function makes of a fresh database: `#[on_every_database(World::start)] fn name(world: World)`.
#[proc_macro_attribute]
pub fn on_every_database(make: TokenStream, test: TokenStream) -> TokenStream {
    let make = if make.is_empty() { None } else { Some(parse_macro_input!(make as Path)) };
    test_of(make.as_ref(), &parse_macro_input!(test as ItemFn)).into()
}

fn test_of(make: Option<&Path>, test: &ItemFn) -> Tokens {
    let ItemFn { attrs, sig, block, .. } = test;
    let (name, statements) = (&sig.ident, &block.stmts);
    let Some(FnArg::Typed(parameter)) = sig.inputs.first().filter(|_| sig.inputs.len() == 1) else {
        return quote!(::core::compile_error!("a test on every database has one parameter: what it begins with"););
    };
    let (pattern, kind) = (&parameter.pat, &parameter.ty);
    let begun = make.map_or_else(|| quote!(database), |make| quote!(#make(database)));
    quote! {
        #(#attrs)*
        #[test]
        fn #name() {
            crate::support::on_every_database(|database| {
                let #pattern: #kind = #begun;
                #(#statements)*
            });
        }
    }
}
