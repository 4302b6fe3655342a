//! TLS: 1.3 and 1.2 are spoken, nothing older, and nothing in the clear.

use super::world::{KEY, With, World, all};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tieout_online::fetch::Fetch;
use tieout_online::tls::acceptor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/certificates")
        .join(name)
}

async fn world() -> World {
    let tls = acceptor(&file("server.pem"), &file("server-key.pem")).unwrap();
    let tls = Some(tls);
    World::with(With {
        tls,
        ..With::default()
    })
    .await
}

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(file("server.pem")).unwrap();
    roots.add(certificate).unwrap();
    roots
}

/// Asks for a page over one version of TLS; answers the version and the answer.
async fn asked(
    world: &World,
    version: &'static SupportedProtocolVersion,
) -> (ProtocolVersion, String) {
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots())
        .with_no_client_auth();
    let stream = TcpStream::connect(world.at).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await.unwrap();
    let spoken = stream.get_ref().1.protocol_version().unwrap();
    let request = format!(
        "GET /v1/payments HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         authorization: Bearer {KEY}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    (spoken, String::from_utf8(answer).unwrap())
}

#[tokio::test]
async fn both_versions_of_today_are_spoken() {
    let world = world().await;
    for (version, spoken) in [
        (&TLS13, ProtocolVersion::TLSv1_3),
        (&TLS12, ProtocolVersion::TLSv1_2),
    ] {
        let (found, answer) = asked(&world, version).await;
        assert_eq!(found, spoken);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
}

/// A greeting of a client that knows nothing newer than `minor` (1 is TLS 1.0, 2 is 1.1): two
/// suites of that time, no extensions. RFC 4346, 7.4.1.2.
fn greeting(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]); // random
    hello.push(0); // no session
    hello.extend([0, 4, 0xc0, 0x14, 0x00, 0x2f]); // two suites
    hello.extend([1, 0]); // no compression
    let length = u8::try_from(hello.len()).unwrap();
    let mut message = vec![1, 0, 0, length];
    message.extend(hello);
    let length = u8::try_from(message.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length];
    record.extend(message);
    record
}

#[tokio::test]
async fn nothing_older_is_spoken_and_nothing_in_the_clear() {
    let world = world().await;
    for minor in [0, 1, 2] {
        let mut stream = TcpStream::connect(world.at).await.unwrap();
        stream.write_all(&greeting(minor)).await.unwrap();
        let answer = all(&mut stream).await;
        // A fatal alert: protocol_version (70) or handshake_failure (40).
        assert_eq!(answer.first(), Some(&21), "{minor}: {answer:?}");
        assert!(matches!(answer[5..], [2, 70 | 40]), "{minor}: {answer:?}");
    }
    let answer = world
        .raw(b"GET /health/live HTTP/1.1\r\nhost: test\r\n\r\n")
        .await;
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
}

#[tokio::test]
async fn a_document_comes_only_from_whom_somebody_vouches_for() {
    let world = world().await;
    let at = format!("https://localhost:{}/health/live", world.at.port());
    let known = Fetch::by(roots()).unwrap().get(&at).await;
    assert_eq!(known.as_deref(), Ok(&br#"{"live":true}"#[..]));
    let stranger = Fetch::by_system().unwrap().get(&at).await.unwrap_err();
    assert!(stranger.contains("certificate"), "{stranger}");
    let plain = at.replace("https", "http");
    assert!(Fetch::by(roots()).unwrap().get(&plain).await.is_err());
}

#[test]
fn what_is_no_certificate_is_named() {
    let none = acceptor(&file("README.md"), &file("server-key.pem")).map(drop);
    let none = none.unwrap_err();
    assert_eq!(none.status as u8, 2);
    let missing = acceptor(&file("server.pem"), &file("none.pem"))
        .map(drop)
        .unwrap_err();
    assert!(missing.message.contains("none.pem"), "{}", missing.message);
    let swapped = acceptor(&file("server-key.pem"), &file("server.pem"));
    assert!(swapped.is_err());
}
