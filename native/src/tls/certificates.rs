//! Certificates and keys from PEM files.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem;
use rustls::pki_types::pem::PemObject;

use crate::os;

/// A certificate with those that vouch for it, and its key.
#[derive(Debug)]
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

impl Identity {
    /// # Errors
    /// A file cannot be read, or holds no such thing.
    pub fn load(cert_file: &str, key_file: &str) -> Result<Self, String> {
        let chain = certificates(Path::new(cert_file))
            .map_err(|reason| format!("Failed to load certificate: {cert_file}: {reason}"))?;
        let key = PrivateKeyDer::from_pem_file(key_file).map_err(|error| {
            format!("Failed to load private key: {key_file}: {}", words(&error, "private key"))
        })?;
        Ok(Self { chain, key })
    }
}

/// Those whom certificates have to come from: a file of them, all files of a folder, or both.
///
/// # Errors
/// The file or the folder cannot be read, or there is none that can be used.
pub fn authorities(file: &str, folder: &str) -> Result<RootCertStore, String> {
    let place = if file.is_empty() { folder } else { file };
    let failed = |reason: String| {
        format!("Failed to configure CA certificate(s) file/directory: {place}: {reason}")
    };
    let mut roots = RootCertStore::empty();
    if !file.is_empty() {
        roots.add_parsable_certificates(certificates(Path::new(file)).map_err(failed)?);
    }
    if !folder.is_empty() {
        for path in files(folder).map_err(failed)? {
            // Keys and notes may lie beside them.
            roots.add_parsable_certificates(certificates(&path).unwrap_or_default());
        }
    }
    if roots.is_empty() {
        return Err(failed("no certificate of an authority".into()));
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(found) if found.is_empty() => Err("no certificate in it".into()),
        Ok(found) => Ok(found),
        Err(error) => Err(words(&error, "certificate")),
    }
}

fn files(folder: &str) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(|error| os::words(&error))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    // Folders come in no order; what is tried first should not be chance.
    paths.sort();
    Ok(paths)
}

fn words(error: &pem::Error, wanted: &str) -> String {
    match error {
        pem::Error::Io(error) => os::words(error),
        pem::Error::NoItemsFound => format!("no {wanted} in it that is not encrypted"),
        error => error.to_string(),
    }
}
