//! Takes the address of a server before the server loads its data, so that a port in use is reported at once.

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

/// Returns the address as the base URL of the links that people get.
pub(super) fn links_to(listen: SocketAddr) -> BaseUrl {
    format!("http://{listen}").parse().unwrap_or_default()
}
