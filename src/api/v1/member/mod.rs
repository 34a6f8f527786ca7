//! What organisations keep themselves: `/v1/member/…`.

pub(crate) mod api_keys;
pub(crate) mod delegations;
pub(crate) mod users;
