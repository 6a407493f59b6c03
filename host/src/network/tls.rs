use std::{
    io,
    sync::{Arc, OnceLock},
};

use anyhow::{Context, Result, bail};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use wasmtime_wasi_http::Error;

use super::{Network, connect::Stream};

/// TLS on top of a connection, with the authorities that are trusted.
pub(super) struct Tls {
    extra: Vec<CertificateDer<'static>>,
    /// Made for the first request that needs it: reading the machine's own authorities takes time.
    config: OnceLock<Arc<ClientConfig>>,
}

impl Tls {
    pub(super) fn new(network: &Network) -> Result<Self> {
        let mut extra = Vec::new();
        if let Some(pem) = &network.extra_ca_pem {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                extra.push(certificate.context("the extra authorities aren't PEM")?);
            }
            if extra.is_empty() {
                bail!("there is no certificate among the extra authorities");
            }
            // What can't be an authority is better said now than as a failed connection.
            let mut store = RootCertStore::empty();
            for certificate in &extra {
                store.add(certificate.clone()).context("an extra authority can't be used")?;
            }
        }
        Ok(Self { extra, config: OnceLock::new() })
    }

    pub(super) async fn connect(
        &self,
        host: &str,
        stream: Box<dyn Stream>,
    ) -> Result<TlsStream<Box<dyn Stream>>, Error> {
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).map_err(|_| Error::HttpRequestUriInvalid)?;
        let config = self.config.get_or_init(|| Arc::new(self.configure()));
        TlsConnector::from(config.clone()).connect(name, stream).await.map_err(cause)
    }

    fn configure(&self) -> ClientConfig {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
        // Of a machine's own authorities those that can be read: they come on top of Mozilla's.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(self.extra.iter().cloned());
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        #[expect(clippy::expect_used, reason = "ring has the suites of both default versions")]
        let builder = builder.with_safe_default_protocol_versions().expect("ring speaks TLS 1.2 and 1.3");
        builder.with_root_certificates(roots).with_no_client_auth()
    }
}

/// A certificate that isn't trusted has a name of its own in WASI; wasmtime's sender doesn't use it.
fn cause(error: io::Error) -> Error {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(_)) => Error::TlsCertificateError,
        _ => Error::Tls(error),
    }
}
