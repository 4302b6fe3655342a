//! TLS on the way out: only to whom the name belongs. The certificates in `tls/` are for this test
//! alone, and nobody trusts them elsewhere.

use super::hostile::{Rebinding, to};
use online::webhooks::sender::{Sender, Unsent};
use std::sync::Arc;
use tieout_online::outbound::Outbound;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

const ROOT: &[u8] = include_bytes!("tls/root.pem");
const HOOKS: &[u8] = include_bytes!("tls/hooks.pem");
const KEY: &[u8] = include_bytes!("tls/tests-only-key.pem");

/// A server that speaks TLS as `hooks.example.com`, and takes one request on each connection.
async fn server() -> u16 {
    let chain = vec![CertificateDer::from_pem_slice(HOOKS).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let mut read = [0; 4_096];
                let _ = stream.read(&mut read).await;
                let answer = b"HTTP/1.1 204 X\r\ncontent-length: 0\r\n\r\n";
                let _ = stream.write_all(answer).await;
            });
        }
    });
    port
}

fn outbound(trusts: bool) -> Outbound {
    let mut roots = RootCertStore::empty();
    if trusts {
        roots
            .add(CertificateDer::from_pem_slice(ROOT).unwrap())
            .unwrap();
    }
    let resolver = Rebinding::new(&[&["127.0.0.1"]]);
    Outbound::with(Arc::new(resolver), roots, true)
}

#[tokio::test]
async fn only_who_proves_to_be_the_name_gets_anything() {
    let port = server().await;
    let url = format!("https://hooks.example.com:{port}/in");
    let sent = outbound(true).send(to(&url)).await;
    assert_eq!(sent.map(|answered| answered.status), Ok(204));
    assert_eq!(outbound(false).send(to(&url)).await, Err(Unsent::NoTls));
    let other = format!("https://other.example.com:{port}/in");
    assert_eq!(outbound(true).send(to(&other)).await, Err(Unsent::NoTls));
}
