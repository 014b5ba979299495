//! What a handshake needs, from the settings and the files they name.

use std::fmt;
use std::io;
use std::sync::Arc;

use redarium_core::config::Config;
use redarium_core::config::TlsAuthClients;
use rustls::CertificateError;
use rustls::ClientConfig;
use rustls::DigitallySignedStruct;
use rustls::Error;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::SignatureScheme;
use rustls::SupportedProtocolVersion;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::server::NoServerSessionStorage;
use rustls::server::ServerSessionMemoryCache;
use rustls::server::WebPkiClientVerifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::TlsConnector;

use super::Stream;
use super::certificates::Identity;
use super::certificates::authorities;
use super::ciphers::suites;
use super::ciphers::versions;

/// The two sides of a handshake. Connections made with it live on when it is replaced.
#[derive(Clone)]
pub struct Tls {
    acceptor: TlsAcceptor,
    /// Without authorities there is nobody who could vouch for a server that is dialed.
    connector: Option<TlsConnector>,
}

impl Tls {
    /// Whether the settings ask for TLS anywhere.
    pub fn is_wanted(config: &Config) -> bool {
        config.tls_port > 0 || config.tls_replication || config.tls_cluster
    }

    /// Reads the files that the settings name.
    ///
    /// # Errors
    /// What is missing or wrong, worded as Redis does where it has words for it.
    pub fn load(config: &Config) -> Result<Self, String> {
        let provider = Arc::new(CryptoProvider {
            cipher_suites: suites(&config.tls_ciphers, &config.tls_ciphersuites)?,
            ..ring::default_provider()
        });
        let versions = versions(&config.tls_protocols)?;
        let (own, roots) = (identity(config)?, roots(config)?);
        let as_client = client_identity(config)?;
        let server = server(config, &provider, &versions, roots.clone(), own)?;
        let connector = match roots {
            Some(roots) => Some(client(&provider, &versions, roots, as_client)?.into()),
            None => None,
        };
        Ok(Self { acceptor: server.into(), connector })
    }

    /// # Errors
    /// The peer does not get through the handshake.
    pub async fn accept(&self, socket: TcpStream) -> io::Result<Stream> {
        self.acceptor.accept(socket).await.map(Stream::from)
    }

    /// # Errors
    /// As [`Tls::accept`].
    pub async fn connect(&self, socket: TcpStream) -> io::Result<Stream> {
        let connector = self.connector.as_ref().ok_or(io::ErrorKind::Unsupported)?;
        // Only an address is known for certain, and names are not looked at, see `AnyName`.
        let name = ServerName::IpAddress(socket.peer_addr()?.ip().into());
        connector.connect(name, socket).await.map(Stream::from)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Keys stay out of logs.
        f.write_str("Tls")
    }
}

fn roots(config: &Config) -> Result<Option<Arc<RootCertStore>>, String> {
    let (file, folder) = (&config.tls_ca_cert_file, &config.tls_ca_cert_dir);
    if !file.is_empty() || !folder.is_empty() {
        return authorities(file, folder).map(|roots| Some(Arc::new(roots)));
    }
    let needed = config.tls_auth_clients != TlsAuthClients::No
        || config.tls_replication
        || config.tls_cluster;
    if needed {
        return Err(
            "Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, \
                    tls-replication or tls-auth-clients are enabled!"
                .into(),
        );
    }
    Ok(None)
}

fn identity(config: &Config) -> Result<Identity, String> {
    if config.tls_cert_file.is_empty() {
        return Err("No tls-cert-file configured!".into());
    }
    if config.tls_key_file.is_empty() {
        return Err("No tls-key-file configured!".into());
    }
    Identity::load(&config.tls_cert_file, &config.tls_key_file)
}

/// What is shown to a master: a certificate of its own, or else the server's.
fn client_identity(config: &Config) -> Result<Identity, String> {
    if config.tls_client_cert_file.is_empty() {
        return identity(config);
    }
    Identity::load(&config.tls_client_cert_file, &config.tls_client_key_file)
}

fn server(
    config: &Config,
    provider: &Arc<CryptoProvider>,
    versions: &[&'static SupportedProtocolVersion],
    roots: Option<Arc<RootCertStore>>,
    own: Identity,
) -> Result<Arc<ServerConfig>, String> {
    let builder = ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .map_err(words)?;
    let builder = match roots.filter(|_| config.tls_auth_clients != TlsAuthClients::No) {
        None => builder.with_no_client_auth(),
        Some(roots) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider.clone());
            let verifier = match config.tls_auth_clients {
                TlsAuthClients::Optional => verifier.allow_unauthenticated(),
                TlsAuthClients::Yes | TlsAuthClients::No => verifier,
            };
            builder.with_client_cert_verifier(verifier.build().map_err(words)?)
        }
    };
    let mut server = builder.with_single_cert(own.chain, own.key).map_err(words)?;
    server.ignore_client_order = config.tls_prefer_server_ciphers;
    let sessions = config.tls_session_cache_size as usize;
    server.session_storage = match config.tls_session_caching && sessions > 0 {
        true => ServerSessionMemoryCache::new(sessions),
        false => Arc::new(NoServerSessionStorage {}),
    };
    Ok(Arc::new(server))
}

fn client(
    provider: &Arc<CryptoProvider>,
    versions: &[&'static SupportedProtocolVersion],
    roots: Arc<RootCertStore>,
    own: Identity,
) -> Result<Arc<ClientConfig>, String> {
    let inner = WebPkiServerVerifier::builder_with_provider(roots, provider.clone());
    let verifier = AnyName(inner.build().map_err(words)?);
    let mut client = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .map_err(words)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_client_auth_cert(own.chain, own.key)
        .map_err(words)?;
    client.enable_sni = false;
    Ok(Arc::new(client))
}

fn words(error: impl fmt::Display) -> String {
    format!("Failed to configure TLS: {error}")
}

/// Asks that a server's certificate comes from one of the authorities, whatever names are in it: as
/// Redis does, whose nodes know each other by addresses that certificates rarely hold.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        revocation: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        use CertificateError::NotValidForName;
        use CertificateError::NotValidForNameContext;
        let verified = self.0.verify_server_cert(certificate, others, name, revocation, now);
        match verified {
            // The name is looked at last: all else is right.
            Err(Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. })) => {
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
