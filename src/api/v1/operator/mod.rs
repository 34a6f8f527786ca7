//! What the registry's own people do: `/v1/operator/…`.

pub(crate) mod organisations;
pub(crate) mod role_grants;
pub(crate) mod users;
