//! Routes for resolving, networks, and reading addresses.

pub(crate) mod address_parse;
pub(crate) mod address_view;
mod asked;
mod batch;
pub(crate) mod brand;
pub(crate) mod compact;
pub(crate) mod network_view;
pub(crate) mod networks;
mod payment_uri_view;
pub(crate) mod quick;
pub(crate) mod resolution;
pub(crate) mod view;

pub(crate) use address_view::AddressReadingView;
pub(crate) use network_view::NetworkView;
pub(crate) use payment_uri_view::PaymentUriView;
pub(crate) use view::ResolutionView;
