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

/// What calls these servers and trusts their keys.
pub(crate) fn laboratory(root: &RootKey, authority: &Authority, web: &WebServer) -> Laboratory {
    Laboratory {
        callable: Some(web.address.ip()),
        https_port: web.address.port(),
        http_port: None,
        tls_roots: vec![authority.der.clone()],
        dns_roots: root.anchors(),
    }
}

impl Internet {
    /// Starts the servers; the names lead to the web server.
    pub(crate) fn start(hosts: &[&str]) -> Self {
        let (root, authority) = (RootKey::generate(), Authority::new());
        let web = WebServer::start(&authority, hosts);
        let resolvers = [(); 2].map(|()| NameServer::start(&Names::default(), Some(&root)));
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let internet = Self { web, resolvers, hosts, root, authority };
        internet.publish(&[]);
        internet
    }

    /// Makes what calls it.
    pub(crate) fn outbound(&self) -> Outbound {
        let laboratory = laboratory(&self.root, &self.authority, &self.web);
        Outbound::within(laboratory, &self.resolvers.each_ref().map(|resolver| resolver.address)).unwrap()
    }

    /// Makes what calls it, and by HTTP this port.
    pub(crate) fn outbound_with_http(&self, port: u16) -> Outbound {
        let laboratory = Laboratory { http_port: Some(port), ..laboratory(&self.root, &self.authority, &self.web) };
        Outbound::within(laboratory, &self.resolvers.each_ref().map(|resolver| resolver.address)).unwrap()
    }

    /// Makes what calls it and asks these resolvers instead.
    pub(crate) fn outbound_asking(&self, resolvers: &[SocketAddr]) -> Outbound {
        Outbound::within(laboratory(&self.root, &self.authority, &self.web), resolvers).unwrap()
    }

    /// The authority that is trusted there.
    pub(crate) fn authority(&self) -> Authority {
        self.authority.clone()
    }

    /// Has both resolvers know these texts and no other: name and text.
    pub(crate) fn publish(&self, texts: &[(&str, &str)]) {
        self.resolvers.iter().for_each(|resolver| resolver.set(&self.names(texts)));
    }

    /// The names that lead to the web server, and these texts.
    pub(crate) fn names(&self, texts: &[(&str, &str)]) -> Names {
        let names = self.hosts.iter().fold(Names::default(), |names, host| names.address(host, "127.0.0.1"));
        texts.iter().fold(names, |names, (name, text)| names.text(name, text))
    }
}
