//! A double of an authority: RFC 8555 as far as a client can tell, and what a test authority from
//! elsewhere cannot be brought to say.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread::JoinHandle,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer},
};

use super::protocol::{Answer, Script, World};
use crate::{harness::PATIENCE, tls::provider};

/// An authority with a server of its own; it ends when dropped.
pub(super) struct Authority {
    address: SocketAddr,
    root: CertificateDer<'static>,
    pem: String,
    world: Arc<Mutex<World>>,
    issued: Receiver<()>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Authority {
    pub(super) fn start(script: Script) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap();
        let (der, pem) = (root.der().clone(), root.pem());
        let issuer = Issuer::new(params, key);
        let config = config(&issuer);

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (told, issued) = channel();
        let world = World::new(script, format!("https://{address}"), issuer);
        let world = Arc::new(Mutex::new(world));
        let ended = Arc::<AtomicBool>::default();
        let of_thread = (Arc::clone(&world), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            let (world, ended) = of_thread;
            for stream in listener.incoming() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                // A client that is gone is no fault of the authority's.
                let _gone = serve(stream.unwrap(), Arc::clone(&config), &world, &told);
            }
        });
        Self { address, root: der, pem, world, issued, ended, thread: Some(thread) }
    }

    pub(super) fn directory(&self) -> String {
        format!("https://{}/directory", self.address)
    }

    /// Who vouches for it, and for whom it vouches.
    pub(super) fn root(&self) -> &CertificateDer<'static> {
        &self.root
    }

    pub(super) fn write_root(&self, path: &Path) {
        std::fs::write(path, &self.pem).unwrap();
    }

    /// Where it looks whether a name is ours: it waits until it knows.
    pub(super) fn look_at(&self, tls: SocketAddr, http: Option<SocketAddr>) {
        self.world().look_at(tls, http);
    }

    /// Waits until a certificate was fetched.
    #[track_caller]
    pub(super) fn issued(&self) {
        self.issued.recv_timeout(PATIENCE).unwrap();
    }

    /// What it saw, and what it says.
    pub(super) fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes it up.
        let _woken = TcpStream::connect(self.address);
        let ended = self.thread.take().unwrap().join();
        if !std::thread::panicking() {
            ended.unwrap();
        }
    }
}

fn config(issuer: &Issuer<'_, KeyPair>) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let made = params.signed_by(&key, issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], key);
    Arc::new(config.unwrap())
}

/// One request on one connection.
fn serve(
    tcp: TcpStream,
    config: Arc<ServerConfig>,
    world: &Mutex<World>,
    told: &Sender<()>,
) -> std::io::Result<()> {
    tcp.set_read_timeout(Some(PATIENCE))?;
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), tcp);
    let mut read = Vec::new();
    let (line, content) = loop {
        let mut room = [0; 4096];
        match stream.read(&mut room)? {
            0 => return Ok(()),
            count => read.extend_from_slice(&room[..count]),
        }
        if let Some(request) = whole(&read) {
            break request;
        }
    };
    let is_fetch = line.starts_with("POST /certificate");
    let Answer { status, fields, content } = loop {
        // Asked again while it is not known where to look.
        let answer = world.lock().unwrap().answer(&line, &content);
        if let Some(answer) = answer {
            break answer;
        }
        std::thread::yield_now();
    };
    let length = content.len();
    let head = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    // RFC 9110 section 9.3.2.
    if !line.starts_with("HEAD ") {
        stream.write_all(content.as_bytes())?;
    }
    stream.conn.send_close_notify();
    stream.flush()?;
    if is_fetch && status.starts_with("200") {
        // The test may have seen enough.
        let _gone = told.send(());
    }
    Ok(())
}

/// The line and the content of a request that is there in whole.
fn whole(read: &[u8]) -> Option<(String, Vec<u8>)> {
    let text = String::from_utf8_lossy(read).into_owned();
    let (head, _) = text.split_once("\r\n\r\n")?;
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let length = fields.clone().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let content = read.get(head.len() + 4..head.len() + 4 + length)?;
    Some((head.lines().next()?.to_owned(), content.to_vec()))
}
