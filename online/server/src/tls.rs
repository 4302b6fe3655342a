//! TLS, where no gateway stands before the server: 1.3, and 1.2 for those who know no other.

use desk::failure::{Failure, Result};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// What accepts TLS with these certificates.
///
/// # Errors
/// Exit status 2 where a file is none of them.
pub fn acceptor(certificates: &Path, key: &Path) -> Result<TlsAcceptor> {
    let wrong = |path: &Path, why: &dyn std::fmt::Display| {
        let path = settlement::foreign::path(path);
        Failure::usage(format!("{path}: {why}")).remedy("name a file in PEM")
    };
    let read = CertificateDer::pem_file_iter(certificates).map_err(|e| wrong(certificates, &e))?;
    let chain: Vec<_> = read
        .collect::<std::result::Result<_, _>>()
        .map_err(|e| wrong(certificates, &e))?;
    let own = PrivateKeyDer::from_pem_file(key).map_err(|e| wrong(key, &e))?;
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, own));
    let mut config = config.map_err(|e| wrong(certificates, &e))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
