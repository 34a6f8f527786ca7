//! The method and path of each handler, for the header `Allow`. The attributes of `vasp_routing` implement it.

/// A handler of the table of routes.
pub(crate) trait Routed {
    /// The method, in small letters.
    const METHOD: &'static str;
    /// The path, with its parts in braces as actix-web reads them.
    const PATH: &'static str;
}
