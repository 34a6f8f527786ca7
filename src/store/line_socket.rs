//! Finds a connection's socket among the sockets of the process, because Diesel does not expose it, and shuts it. The thread that waits on
//! the socket then gets an error at once. On systems without `/proc` it finds none.

use std::collections::HashSet;

use nix::sys::socket::{Shutdown, SockaddrIn, SockaddrIn6, SockaddrStorage, getpeername, shutdown};

/// A socket of this process: its file number, and the kernel's inode, which no later socket has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct LineSocket {
    number: i32,
    inode: u64,
}

/// Returns the sockets of this process.
pub(super) fn sockets() -> HashSet<LineSocket> {
    let files = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
    let numbers = files.filter_map(|file| file.file_name().to_str()?.parse().ok());
    numbers.filter_map(|number| Some(LineSocket { number, inode: inode(number)? })).collect()
}

/// Source: proc_pid_fd(5): a link to `socket:[inode]`.
fn inode(number: i32) -> Option<u64> {
    let target = std::fs::read_link(format!("/proc/self/fd/{number}")).ok()?;
    target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

impl LineSocket {
    /// Tells whether its other end has one of these ports, or is PostgreSQL's local socket for one of them.
    ///
    /// Source: PostgreSQL 15 manual, section 20.3.1, `unix_socket_directories`: `.s.PGSQL.nnnn`.
    pub(super) fn leads_to(self, ports: &[u16]) -> bool {
        let Ok(end) = getpeername::<SockaddrStorage>(self.number) else { return false };
        let port = end.as_sockaddr_in().map(SockaddrIn::port);
        let port = port.or_else(|| end.as_sockaddr_in6().map(SockaddrIn6::port));
        let local =
            || end.as_unix_addr().and_then(|end| end.path()?.file_name()?.to_str()?.strip_prefix(".s.PGSQL.")?.parse().ok());
        port.or_else(local).is_some_and(|port| ports.contains(&port))
    }

    /// Shuts it in both directions; `true` if it still existed.
    pub(super) fn shut(self) -> bool {
        inode(self.number) == Some(self.inode) && shutdown(self.number, Shutdown::Both).is_ok()
    }
}

/// Returns the ports in an address; PostgreSQL's default port if it names none.
pub(super) fn ports(url: &str) -> Vec<u16> {
    const POSTGRESQL: u16 = 5432;
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (servers, query) = rest.split_once('?').unwrap_or((rest, ""));
    let servers = servers.split_once('/').map_or(servers, |(servers, _)| servers);
    let servers = servers.rsplit_once('@').map_or(servers, |(_, servers)| servers);
    let said = query.split('&').filter_map(|option| option.strip_prefix("port=")).flat_map(|ports| ports.split(','));
    let at = servers.split(',').filter_map(|server| server.rsplit_once(':').map(|(_, port)| port));
    let ports: Vec<u16> = at.chain(said).filter_map(|port| port.parse().ok()).collect();
    let of_process = || std::env::var("PGPORT").ok().and_then(|port| port.parse().ok()).unwrap_or(POSTGRESQL);
    if ports.is_empty() { vec![of_process()] } else { ports }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// Source: PostgreSQL 15 manual, section 34.1.1.2, the forms of connection URIs.
    #[test]
    fn ports_of_an_address_are_read_wherever_they_stand() {
        assert_eq!(ports("postgresql://user:se:cret@localhost:5433/mydb?connect_timeout=10"), [5433]);
        assert_eq!(ports("postgres://host1:123,host2:456/somedb?target_session_attrs=any"), [123, 456]);
        assert_eq!(ports("postgres://[2001:db8::1234]:5444/database"), [5444]);
        assert_eq!(ports("postgres:///dbname?host=/var/lib/postgresql&port=5555"), [5555]);
        assert_eq!(ports("postgres://user@%2Fvar%2Flib/name"), [5432]);
    }

    #[test]
    fn a_socket_is_found_by_its_other_end_and_shut_for_whoever_waits_on_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let before = sockets();
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let found: Vec<LineSocket> = sockets().into_iter().filter(|it| !before.contains(it) && it.leads_to(&[port])).collect();
        assert_eq!(found.len(), 1);

        let waits = std::thread::spawn(move || std::io::Read::read(&mut stream, &mut [0; 8]).unwrap());
        assert!(found[0].shut());
        assert_eq!(waits.join().unwrap(), 0, "the end of what is read");
        assert!(!LineSocket { inode: found[0].inode + 1, ..found[0] }.shut(), "another socket by the same number");
    }
}
