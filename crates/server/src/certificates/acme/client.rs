//! HTTP with the authority, each request on a connection of its own (RFC 8555 section 6.1: always
//! within TLS).
//!
//! Orders are rare, so nothing is kept open. The answer is bounded in size and time: an authority
//! that misbehaves costs an attempt, not the server.

use std::{
    error::Error as StdError,
    fmt, fs, io,
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use crate::certificates::failure::TlsError;

/// The client that asks the authority.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// The roots that the authority is trusted by.
    tls: Arc<ClientConfig>,
    /// The moment at which the authority wants to be asked again, as it said in the last refusal.
    told: Arc<Mutex<Option<SystemTime>>>,
}

impl Client {
    /// One that trusts the certificates in a file, or what the system trusts.
    ///
    /// # Errors
    /// The file cannot be read or holds none, or the system trusts nobody.
    pub(super) fn new(roots: Option<&Path>) -> Result<Self, TlsError> {
        let roots = roots.map_or_else(of_the_system, in_file)?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Engine)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(config), told: Arc::default() })
    }

    /// For how long the authority does not want to be asked, once.
    pub(super) fn told(&self) -> Option<Duration> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner).take();
        told.and_then(|until| until.duration_since(SystemTime::now()).ok())
    }

    /// Asks within the time, and notes Retry-After of a refusal.
    async fn ask(self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let uri = request.uri().clone();
        let failed = |why: String| Error::Other(Box::new(Unasked { uri: uri.clone(), why }));
        let answered = timeout(LONGEST, self.exchange(request)).await;
        let answered = answered.map_err(|_| failed("no answer within 30 seconds".to_owned()))?;
        let response = answered.map_err(|cause| failed(cause.to_string()))?;
        let refused = response.status().is_client_error() || response.status().is_server_error();
        if refused {
            let until = response.headers().get(header::RETRY_AFTER).and_then(moment);
            *self.told.lock().unwrap_or_else(PoisonError::into_inner) = until;
            if !is_problem(&response) {
                return Err(failed(format!(
                    "answered {}, and not as an ACME server does",
                    response.status()
                )));
            }
        }
        Ok(BytesResponse::from(response.map(Full::new)))
    }

    /// One connection, TLS and request. Another scheme than `https` is refused, whatever a
    /// directory says.
    async fn exchange(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Result<Response<Bytes>, Box<dyn StdError + Send + Sync>> {
        let uri = request.uri();
        if uri.scheme_str() != Some("https") {
            return Err("it is no https URL".into());
        }
        let host = uri.host().ok_or("it names no host")?;
        let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let tcp = TcpStream::connect((bare.as_str(), uri.port_u16().unwrap_or(443))).await?;
        let name = ServerName::try_from(bare)?;
        let tls = TlsConnector::from(Arc::clone(&self.tls)).connect(name, tcp).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(tls)).await?;
        let answering = async {
            let response = sender.send_request(in_origin_form(request)?).await?;
            let (head, body) = response.into_parts();
            let content = Limited::new(body, ANSWER_BYTES_MAX).collect().await?.to_bytes();
            Ok(Response::from_parts(head, content))
        };
        tokio::pin!(answering);
        tokio::select! {
            answer = &mut answering => answer,
            // The answer may have come with the end of the connection.
            ended = connection => { ended?; answering.await }
        }
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        Box::pin(self.clone().ask(request))
    }
}

/// RFC 9112 section 3.2.1.
fn in_origin_form(
    mut request: Request<BodyWrapper<Bytes>>,
) -> Result<Request<BodyWrapper<Bytes>>, Box<dyn StdError + Send + Sync>> {
    let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
    *request.uri_mut() = target.parse()?;
    request.headers_mut().insert(header::HOST, HeaderValue::from_str(&authority)?);
    request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
    Ok(request)
}

/// RFC 8555 section 6.7: errors are told as problem documents.
fn is_problem(response: &Response<Bytes>) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("application/problem+json") && response.status() >= StatusCode::BAD_REQUEST
}

/// Of Retry-After (RFC 9110 section 10.2.3).
fn moment(value: &HeaderValue) -> Option<SystemTime> {
    let text = value.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return SystemTime::now().checked_add(Duration::from_secs(seconds));
    }
    let moment = methodical_semantics::timestamp::Timestamp::from_http_date(text)?;
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(moment.seconds().try_into().ok()?))
}

/// The roots of a file that the operator named.
fn in_file(path: &Path) -> Result<RootCertStore, TlsError> {
    let pem = fs::read(path).map_err(|cause| TlsError::Unreadable(path.to_owned(), cause))?;
    let found = CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok);
    trusting(found).ok_or_else(|| TlsError::NoCertificate(path.to_owned()))
}

/// The roots that the system trusts.
fn of_the_system() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let why = found.errors.first().map(ToString::to_string);
    trusting(found.certs).ok_or_else(|| {
        TlsError::NoRoots(io::Error::other(why.unwrap_or_else(|| "it has none".to_owned())))
    })
}

/// Nothing if none of them can be used.
fn trusting(
    certificates: impl IntoIterator<Item = CertificateDer<'static>>,
) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    (!roots.is_empty()).then_some(roots)
}

/// The reason for which there is no answer.
#[derive(Debug)]
struct Unasked {
    /// The URL that was asked.
    uri: Uri,
    /// The reason, for the operator.
    why: String,
}

impl fmt::Display for Unasked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.uri, self.why)
    }
}

impl StdError for Unasked {}

/// RFC 8555 section 6.1: clients name themselves.
const USER_AGENT: &str = concat!("methodical/", env!("CARGO_PKG_VERSION"));
/// The time that one request may take.
const LONGEST: Duration = Duration::from_secs(30);
/// Octets of an answer: the chains of certificates that there are have some ten thousand.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;
