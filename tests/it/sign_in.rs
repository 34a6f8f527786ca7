//! People sign in: enrolment links, passwords, second factors, sessions, back-off. Clocks are moved, never waited for.

mod back_off;
mod enrolment;
mod factors;
mod known_addresses;
mod oidc;
mod pages;
mod provider;
mod second_factor_theft;
mod secrecy;
mod session_keys;
mod sessions;
pub(crate) mod world;
