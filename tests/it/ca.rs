//! The registry's certificate authority, looked at by OpenSSL: what it issues to whom, what it revokes, and its CRLs. The clock is
//! moved by hand; OpenSSL is told the time.

mod command_line;
mod crls;
mod issuing;
mod races;
mod refusals;
pub(crate) mod world;

use self::world::{Openssl, World};
