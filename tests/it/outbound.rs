//! What calls out, against real DNS and HTTPS servers on loopback: resolvers that lie, fall silent or change their mind, and
//! web servers that send the registry elsewhere or keep it busy.

mod files;
mod lookups;

use vasp_outbound::Outbound;

use crate::support::{Authority, NameServer, Names, RootKey, WebServer, laboratory};

/// A name that the tests' root signs.
const HOST: &str = "vasp.example.com";

/// Two resolvers that say the same, a web server that they lead to, and what calls them.
struct World {
    outbound: Outbound,
    web: WebServer,
    resolvers: [NameServer; 2],
    names: Names,
    root: RootKey,
    authority: Authority,
}

impl World {
    /// The web server has a certificate for `HOST`, and is where `HOST` and `www.HOST` lead.
    fn new() -> Self {
        let authority = Authority::new();
        let hosts = [HOST, "www.vasp.example.com"];
        let web = WebServer::start(&authority, &hosts);
        Self::with(authority, web, |names| hosts.iter().fold(names, |names, host| names.address(host, "127.0.0.1")))
    }

    fn with(authority: Authority, web: WebServer, names: impl FnOnce(Names) -> Names) -> Self {
        let root = RootKey::generate();
        let names = names(Names::default());
        let resolvers = [(); 2].map(|()| NameServer::start(&names, Some(&root)));
        let laboratory = laboratory(&root, &authority, &web);
        let outbound = Outbound::within(laboratory, &resolvers.each_ref().map(|resolver| resolver.address)).unwrap();
        Self { outbound, web, resolvers, names, root, authority }
    }

    fn set_names(&self, names: &Names) {
        self.resolvers.iter().for_each(|resolver| resolver.set(names));
    }
}
