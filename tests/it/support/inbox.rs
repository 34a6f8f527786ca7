//! A mail server on loopback that keeps what it is sent, or takes nothing.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use vasp_outbound::{Mailer, Outbound};

/// A mail server of a test's own.
pub(crate) struct Inbox {
    pub address: SocketAddr,
    mails: Arc<Mutex<Vec<String>>>,
    is_full: Arc<Mutex<bool>>,
}

impl Inbox {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (mails, is_full): (Arc<Mutex<Vec<String>>>, Arc<Mutex<bool>>) = Default::default();
        let (kept, full) = (Arc::clone(&mails), Arc::clone(&is_full));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                drop(converse(&stream, &kept, *full.lock().unwrap()));
            }
        });
        Self { address, mails, is_full }
    }

    /// A mail server that accepts connections and says nothing.
    pub(crate) fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || listener.incoming().collect::<Vec<_>>());
        Self { address, mails: Arc::default(), is_full: Arc::default() }
    }

    /// What came, whole, oldest first.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    /// What calls out, mail to here.
    pub(crate) fn outbound(&self) -> Outbound {
        let server = format!("smtp://{}", self.address).parse().unwrap();
        let mailer = Mailer::new(&server, &"The registry <registry@example.org>".parse().unwrap()).unwrap();
        Outbound::public(&["192.0.2.1:53".parse().unwrap(), "192.0.2.2:53".parse().unwrap()]).unwrap().mailing(mailer)
    }

    /// Has the server take no mail, or take it again.
    pub(crate) fn fill(&self, full: bool) {
        *self.is_full.lock().unwrap() = full;
    }
}

/// Source: RFC 5321, appendix D.
fn converse(stream: &TcpStream, mails: &Mutex<Vec<String>>, full: bool) -> std::io::Result<()> {
    let (mut writer, mut lines) = (stream, BufReader::new(stream).lines());
    writer.write_all(b"220 inbox.example\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let answer = match line.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
            "MAIL" if full => "452 4.3.1 no room",
            "DATA" => {
                writer.write_all(b"354 go on\r\n")?;
                let mail: Vec<String> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                mails.lock().unwrap().push(mail.join("\n"));
                "250 taken"
            }
            "QUIT" => return writer.write_all(b"221 bye\r\n"),
            _ => "250 inbox.example",
        };
        writer.write_all(format!("{answer}\r\n").as_bytes())?;
    }
    Ok(())
}
