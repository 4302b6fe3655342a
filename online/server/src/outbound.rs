//! The way out for webhooks: one request, to an address that was looked at before anything was
//! sent there.
//!
//! A name is resolved, every address it leads to must be public, and the connection goes to one of
//! those very addresses: what the name leads to a moment later does not matter. No redirect is
//! followed, an answer is read no further than it is kept, and everything together may take
//! [`PATIENCE`]. A connection that is still good serves the next request to the same host.

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use online::webhooks::address::is_public;
use online::webhooks::pump::MOST_AT_A_TIME;
use online::webhooks::sender::{Answered, KEPT_BYTES, Outgoing, PATIENCE, Sender, Unsent};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Addresses of a name that are tried; a name may have thousands.
const ADDRESSES: usize = 3;

/// For how long one address may take to accept: then there is time for another.
const CONNECT: Duration = Duration::from_secs(4);

/// Bytes of the head of an answer.
const HEAD_BYTES: usize = 16 << 10;

/// Headers of an answer.
const HEADERS: usize = 64;

/// Bytes of an answer that are read for the sake of the connection; one that says more is not used
/// again.
const DRAINED: usize = 16 << 10;

/// For how long the body of an answer may take: the endpoint has said what counts.
const BODY: Duration = Duration::from_secs(2);

/// Connections that are kept for the next request, of one host and of all.
const IDLE_OF_ONE: usize = MOST_AT_A_TIME;
const IDLE: usize = 512;

/// For how long a connection is kept and used: so long after a name has moved, the old address
/// still gets something.
const USED: Duration = Duration::from_secs(60);

/// What a name leads to.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// Its addresses.
    ///
    /// # Errors
    /// Where there are none.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// What the machine's own resolver says.
struct OfThisMachine;

#[async_trait]
impl Resolver for OfThisMachine {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(lookup_host((host, port)).await?.collect())
    }
}

/// A connection, and when it was made.
struct Open {
    send: SendRequest<Full<Bytes>>,
    made: Instant,
}

/// Sends webhooks.
pub struct Outbound {
    resolver: Arc<dyn Resolver>,
    /// Made with the first request that needs it: reading whom a machine trusts takes longer than
    /// all else at the start.
    tls: OnceCell<TlsConnector>,
    local: bool,
    idle: Mutex<BTreeMap<String, Vec<Open>>>,
}

/// Where a request goes.
struct Target<'a> {
    secure: bool,
    /// As the URL has it, without brackets.
    host: &'a str,
    port: u16,
    /// What the header `Host` says, and connections are kept by.
    authority: &'a str,
}

impl<'a> Target<'a> {
    fn of(url: &'a Uri, local: bool) -> Option<Target<'a>> {
        let secure = match url.scheme_str()? {
            "https" => true,
            "http" if local => false,
            _ => return None,
        };
        let host = url.host()?;
        Some(Target {
            secure,
            host: host.trim_start_matches('[').trim_end_matches(']'),
            port: url.port_u16().unwrap_or(if secure { 443 } else { 80 }),
            authority: url.authority()?.as_str(),
        })
    }
}

impl Outbound {
    /// One that trusts whom this machine trusts. `local` lets it send to this machine as well, and
    /// without TLS.
    pub fn of_this_machine(local: bool) -> Outbound {
        Outbound {
            resolver: Arc::new(OfThisMachine),
            tls: OnceCell::new(),
            local,
            idle: Mutex::default(),
        }
    }

    /// One with a resolver and roots of its own.
    pub fn with(resolver: Arc<dyn Resolver>, roots: RootCertStore, local: bool) -> Outbound {
        Outbound {
            tls: OnceCell::new_with(Some(trusting(roots))),
            resolver,
            ..Outbound::of_this_machine(local)
        }
    }

    /// What speaks TLS.
    async fn tls(&self) -> Result<&TlsConnector, Unsent> {
        let made = async || {
            let read = tokio::task::spawn_blocking(|| trusting(roots_of_this_machine()));
            read.await.map_err(|_| Unsent::NoTls)
        };
        self.tls.get_or_try_init(made).await
    }

    async fn exchange(&self, asked: &Outgoing) -> Result<Answered, Unsent> {
        let target = Target::of(&asked.url, self.local).ok_or(Unsent::Refused)?;
        let request = request(&target, asked).ok_or(Unsent::Refused)?;
        if let Some(open) = self.take(target.authority)
            && let Ok(answered) = self.ask(&target, open, request.clone()).await
        {
            return Ok(answered);
        }
        // A connection that was kept may have ended meanwhile: another is asked the same.
        let open = self.connect(&target).await?;
        self.ask(&target, open, request).await
    }

    async fn ask(
        &self,
        target: &Target<'_>,
        mut open: Open,
        request: Request<Full<Bytes>>,
    ) -> Result<Answered, Unsent> {
        let answer = open.send.send_request(request).await;
        let answer = answer.map_err(|_| Unsent::Broken)?;
        let status = answer.status().as_u16();
        let wait = answer.headers().get(header::RETRY_AFTER);
        let retry_after = wait.and_then(|value| value.to_str().ok().map(str::to_owned));
        let (beginning, whole) = beginning(answer.into_body()).await;
        if whole {
            self.keep(target.authority, open);
        }
        Ok(Answered {
            status,
            retry_after,
            beginning,
        })
    }

    async fn connect(&self, target: &Target<'_>) -> Result<Open, Unsent> {
        let found = self.resolver.resolve(target.host, target.port).await;
        let found = found.map_err(|_| Unsent::NoSuchName)?;
        if found.is_empty() {
            return Err(Unsent::NoSuchName);
        }
        let here = |at: &SocketAddr| self.local && at.ip().to_canonical().is_loopback();
        // One address that is not public is enough: a name that leads inside is nobody's hook.
        if !found.iter().all(|at| is_public(at.ip()) || here(at)) {
            return Err(Unsent::Refused);
        }
        let mut stream = None;
        for at in found.iter().take(ADDRESSES) {
            let connected = tokio::time::timeout(CONNECT, TcpStream::connect(at)).await;
            if let Ok(Ok(connected)) = connected {
                stream = Some(connected);
                break;
            }
        }
        let stream = stream.ok_or(Unsent::NoConnection)?;
        // Small requests leave at once.
        let _ = stream.set_nodelay(true);
        if !target.secure {
            return shake(stream).await;
        }
        let name = ServerName::try_from(target.host.to_owned()).map_err(|_| Unsent::NoTls)?;
        let stream = self.tls().await?.connect(name, stream).await;
        shake(stream.map_err(|_| Unsent::NoTls)?).await
    }

    fn take(&self, authority: &str) -> Option<Open> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle.get_mut(authority)?;
        let good = |open: &Open| open.send.is_ready() && open.made.elapsed() < USED;
        while let Some(open) = kept.pop() {
            if good(&open) {
                return Some(open);
            }
        }
        idle.remove(authority);
        None
    }

    fn keep(&self, authority: &str, open: Open) {
        if open.send.is_closed() || open.made.elapsed() >= USED {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.values().map(Vec::len).sum::<usize>() >= IDLE {
            idle.clear();
        }
        let kept = idle.entry(authority.to_owned()).or_default();
        if kept.len() < IDLE_OF_ONE {
            kept.push(open);
        }
    }
}

/// Whom this machine trusts.
fn roots_of_this_machine() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (trusted, _) = roots.add_parsable_certificates(found.certs);
    if trusted == 0 {
        tracing::warn!("this machine trusts nobody: no webhook will go out by TLS");
    }
    roots
}

/// TLS with whoever `roots` vouch for.
fn trusting(roots: RootCertStore) -> TlsConnector {
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has the versions that it is built with");
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// The request as it goes over the connection; `None` where it has no form.
fn request(target: &Target<'_>, asked: &Outgoing) -> Option<Request<Full<Bytes>>> {
    let path = asked.url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(if path.is_empty() { "/" } else { path })
        .header(header::HOST, target.authority)
        .header(
            header::USER_AGENT,
            concat!("tieout/", env!("CARGO_PKG_VERSION")),
        );
    for (name, value) in &asked.headers {
        let name = HeaderName::from_static(name);
        request = request.header(name, HeaderValue::from_str(value).ok()?);
    }
    request.body(Full::new(asked.body.clone())).ok()
}

/// Speaks HTTP/1.1 on a connection.
async fn shake(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<Open, Unsent> {
    let mut builder = Builder::new();
    builder.max_buf_size(HEAD_BYTES).max_headers(HEADERS);
    let (send, connection) = builder
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Unsent::Broken)?;
    // It ends with the last request on it.
    tokio::spawn(connection);
    let made = Instant::now();
    Ok(Open { send, made })
}

/// The beginning of a body, and whether it was read to its end.
async fn beginning(mut body: Incoming) -> (Vec<u8>, bool) {
    let (mut kept, mut read) = (Vec::new(), 0_usize);
    let until = tokio::time::Instant::now() + BODY;
    loop {
        let frame = match tokio::time::timeout_at(until, body.frame()).await {
            Ok(None) => return (kept, true),
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(_))) | Err(_) => return (kept, false),
        };
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = KEPT_BYTES - kept.len();
        kept.extend_from_slice(&data[..data.len().min(room)]);
        read += data.len();
        if read > DRAINED {
            return (kept, false);
        }
    }
}

#[async_trait]
impl Sender for Outbound {
    async fn send(&self, request: Outgoing) -> Result<Answered, Unsent> {
        let exchange = self.exchange(&request);
        let answered = tokio::time::timeout(PATIENCE, exchange).await;
        answered.unwrap_or(Err(Unsent::TooSlow))
    }

    fn is_local(&self) -> bool {
        self.local
    }
}
