//! A small Internet on loopback: two resolvers that say the same, and one web server for a few hosts.

use std::net::SocketAddr;

use vasp_outbound::{Laboratory, Outbound};

use super::{Authority, NameServer, Names, RootKey, WebServer};

/// The servers; they stop when this is dropped.
pub(crate) struct Internet {
    /// The web server.
    pub web: WebServer,
    /// The resolvers.
    pub resolvers: [NameServer; 2],
    hosts: Vec<String>,
    root: RootKey,
    authority: Authority,
}

impl Internet {
    /// Starts the servers; the names lead to the web server.
    pub(crate) fn start(hosts: &[&str]) -> Self {
        let authority = Authority::new();
        let web = WebServer::start(&authority, hosts);
        Self::with(authority, web, hosts)
    }

    /// Starts resolvers whose names lead to a web server, where an authority is trusted.
    pub(crate) fn with(authority: Authority, web: WebServer, hosts: &[&str]) -> Self {
        let root = RootKey::generate();
        let resolvers = [(); 2].map(|()| NameServer::start(&Names::default(), Some(&root)));
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let internet = Self { web, resolvers, hosts, root, authority };
        internet.publish(&[]);
        internet
    }

    /// Makes what calls it.
    pub(crate) fn outbound(&self) -> Outbound {
        self.outbound_with(|_| ())
    }

    /// Makes what calls it, but for a change.
    pub(crate) fn outbound_with(&self, change: impl FnOnce(&mut Laboratory)) -> Outbound {
        let mut laboratory = self.laboratory();
        change(&mut laboratory);
        Outbound::within(laboratory, &self.resolvers.each_ref().map(|resolver| resolver.address)).unwrap()
    }

    /// Makes what calls it and asks these resolvers instead.
    pub(crate) fn outbound_asking(&self, resolvers: &[SocketAddr]) -> Outbound {
        Outbound::within(self.laboratory(), resolvers).unwrap()
    }

    fn laboratory(&self) -> Laboratory {
        Laboratory {
            callable: Some(self.web.address.ip()),
            https_port: self.web.address.port(),
            http_port: None,
            tls_roots: vec![self.authority.der.clone()],
            dns_roots: self.root.anchors(),
        }
    }

    /// The authority that is trusted there.
    pub(crate) fn authority(&self) -> Authority {
        self.authority.clone()
    }

    /// Has both resolvers know these texts and no other: name and text.
    pub(crate) fn publish(&self, texts: &[(&str, &str)]) {
        self.set_names(&self.names(texts));
    }

    /// Has both resolvers know these names and no other.
    pub(crate) fn set_names(&self, names: &Names) {
        self.resolvers.iter().for_each(|resolver| resolver.set(names));
    }

    /// The names that lead to the web server, and these texts.
    pub(crate) fn names(&self, texts: &[(&str, &str)]) -> Names {
        let names = self.hosts.iter().fold(Names::default(), |names, host| names.address(host, "127.0.0.1"));
        texts.iter().fold(names, |names, (name, text)| names.text(name, text))
    }
}
