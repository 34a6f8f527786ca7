//! The address of a server that first loads data. It is taken before that, so that a port that is in use is told at once; and links lead there.

use std::error::Error;
use std::net::SocketAddr;

use socket2::Socket;

use crate::serve::hold;
use vasp_outbound::BaseUrl;
use vasp_words::error_chain::error_chain;

/// Takes an address. Returns what holds it, and the address with its port, which the system chose if the port was 0.
pub(super) fn take_address(listen: SocketAddr) -> Result<(Socket, SocketAddr), Box<dyn Error>> {
    let held = hold(listen).map_err(|error| format!("{}; name another port with --listen", error_chain(&error)))?;
    let address = held.local_addr()?.as_socket().unwrap_or(listen);
    Ok((held, address))
}

/// Returns the URL of links for people.
pub(super) fn links_to(listen: SocketAddr) -> BaseUrl {
    format!("http://{listen}").parse().unwrap_or_default()
}
