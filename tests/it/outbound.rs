//! What calls out, against real DNS and HTTPS servers on loopback: resolvers that lie, fall silent or change their mind, and
//! web servers that send the registry elsewhere or keep it busy.

mod files;
mod lookups;

use vasp_outbound::Outbound;

use crate::support::Internet;

/// A name that the tests' root signs.
const HOST: &str = "vasp.example.com";

/// Servers, and what calls them.
struct World {
    internet: Internet,
    outbound: Outbound,
}

impl World {
    /// The web server has a certificate for `HOST`, and is where `HOST` and `www.HOST` lead.
    fn new() -> Self {
        Self::on(Internet::start(&[HOST, "www.vasp.example.com"]))
    }

    fn on(internet: Internet) -> Self {
        Self { outbound: internet.outbound(), internet }
    }
}
