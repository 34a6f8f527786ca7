//! View types for the domain's closed lists of values: same names, in the order given. If a value decides something, the worst comes
//! first, because generated clients take the first value as default.

/// Makes a view of a closed list of values: the same names, in the case and order given here.
macro_rules! mirrored {
    ($case:tt: $($(#[$meta:meta])* $view:ident of $domain:ty { $($(#[$rename:meta])? $value:ident),* $(,)? })*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
        #[serde(rename_all = $case)]
        $(#[$meta])*
        pub(crate) enum $view { $($(#[$rename])? $value,)* }

        impl From<$domain> for $view {
            fn from(value: $domain) -> Self {
                type Domain = $domain;
                match value { $(Domain::$value => Self::$value,)* }
            }
        }
    )*};
}
pub(crate) use mirrored;
