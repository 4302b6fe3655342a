//! One document, fetched over HTTP: the keys of an issuer.

use axum::body::{Body, to_bytes};
use http::{Request, Uri, header};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// For how long a document may take, from the name's look-up to its last byte.
const TIME: Duration = Duration::from_secs(5);

/// Bytes of a document at most: a set of keys has a few thousand.
const BYTES: usize = 64 << 10;

/// Fetches documents; over TLS from whom the given certificates vouch for.
#[derive(Clone)]
pub struct Fetch(TlsConnector);

impl Fetch {
    /// Trusts what the system trusts; the variable `SSL_CERT_FILE` names another file.
    ///
    /// # Errors
    /// Why there is nobody to trust.
    pub fn by_system() -> Result<Fetch, String> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        match roots.is_empty() {
            true => Err("the system has no certificates to trust".to_owned()),
            false => Fetch::by(roots),
        }
    }

    /// Trusts these.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn by(roots: RootCertStore) -> Result<Fetch, String> {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Fetch(TlsConnector::from(Arc::new(config))))
    }

    /// The document at an address. It is not looked for elsewhere: another answer than 200 is an
    /// error, a redirection as well.
    ///
    /// # Errors
    /// Why it was not fetched.
    pub async fn get(&self, address: &str) -> Result<Vec<u8>, String> {
        let work = self.fetched(address);
        let ended = tokio::time::timeout(TIME, work).await;
        ended.map_err(|_| format!("no answer within {} s", TIME.as_secs()))?
    }

    async fn fetched(&self, address: &str) -> Result<Vec<u8>, String> {
        let uri: Uri = address.parse().map_err(|_| "is no address".to_owned())?;
        let host = uri.host().ok_or("has no host")?;
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let tls = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let stream = TcpStream::connect((bare, port)).await;
        let stream = stream.map_err(|e| e.to_string())?;
        if !tls {
            return asked(stream, &uri).await;
        }
        let name = ServerName::try_from(bare.to_owned()).map_err(|e| e.to_string())?;
        let stream = self.0.connect(name, stream).await;
        asked(stream.map_err(|e| e.to_string())?, &uri).await
    }
}

async fn asked(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    uri: &Uri,
) -> Result<Vec<u8>, String> {
    let shaken = handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|e| e.to_string())?;
    // It ends with the sender, which this function has.
    tokio::spawn(async move { drop(connection.await) });
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |all| all.as_str());
    let request = Request::get(path)
        .header(header::HOST, authority)
        .header(header::ACCEPT, "application/json")
        .body(Body::empty())
        .map_err(|e| e.to_string())?;
    let response = sender.send_request(request).await;
    let response = response.map_err(|e| e.to_string())?;
    if response.status() != 200 {
        return Err(format!("answered {}", response.status().as_u16()));
    }
    let body = to_bytes(Body::new(response.into_body()), BYTES).await;
    let body = body.map_err(|_| format!("is cut off, or has more than {BYTES} bytes"))?;
    Ok(body.to_vec())
}
