//! Ciphers by OpenSSL's names, and versions of the protocol, as the settings spell them.

use rustls::SupportedCipherSuite;
use rustls::SupportedProtocolVersion;
use rustls::crypto::ring::cipher_suite as suite;
use rustls::version::TLS12;
use rustls::version::TLS13;

/// `tls-protocols`: words separated by spaces; nothing for all.
///
/// # Errors
/// A word that is no version, or one that is given up for its weakness.
pub fn versions(setting: &str) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    if setting.is_empty() {
        return Ok(vec![&TLS12, &TLS13]);
    }
    let version = |word: &str| match word.to_ascii_lowercase().as_str() {
        "tlsv1.2" => Ok(&TLS12),
        "tlsv1.3" => Ok(&TLS13),
        "tlsv1" | "tlsv1.1" => {
            Err(format!("Redarium does not speak {word}: it is broken. Use TLSv1.2 or TLSv1.3."))
        }
        _ => Err("Invalid tls-protocols specified. Use a combination of 'TLSv1.2' and 'TLSv1.3'."
            .to_owned()),
    };
    setting.split(' ').filter(|word| !word.is_empty()).map(version).collect()
}

/// `tls-ciphers`, which are those of TLS 1.2, and `tls-ciphersuites`, which are those of 1.3: names
/// separated by colons, the best first; nothing for all.
///
/// # Errors
/// A name that is not known: rustls has no weak ciphers, and none of OpenSSL's selection language.
pub fn suites(old: &str, new: &str) -> Result<Vec<SupportedCipherSuite>, String> {
    let mut found = chosen(new, TLS13_SUITES)?;
    found.extend(chosen(old, TLS12_SUITES)?);
    Ok(found)
}

type Names = [(&'static str, SupportedCipherSuite)];

fn chosen(setting: &str, known: &Names) -> Result<Vec<SupportedCipherSuite>, String> {
    if setting.is_empty() || setting == "DEFAULT" {
        return Ok(known.iter().map(|(_, suite)| *suite).collect());
    }
    let find = |name: &str| {
        let found = known.iter().find(|(own, _)| *own == name).map(|(_, suite)| *suite);
        found.ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            format!("Failed to configure ciphers: {name} is none of {}", names.join(":"))
        })
    };
    setting.split(':').map(find).collect()
}

const TLS13_SUITES: &Names = &[
    ("TLS_AES_256_GCM_SHA384", suite::TLS13_AES_256_GCM_SHA384),
    ("TLS_AES_128_GCM_SHA256", suite::TLS13_AES_128_GCM_SHA256),
    ("TLS_CHACHA20_POLY1305_SHA256", suite::TLS13_CHACHA20_POLY1305_SHA256),
];

const TLS12_SUITES: &Names = &[
    ("ECDHE-ECDSA-AES256-GCM-SHA384", suite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384),
    ("ECDHE-ECDSA-AES128-GCM-SHA256", suite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", suite::TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256),
    ("ECDHE-RSA-AES256-GCM-SHA384", suite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384),
    ("ECDHE-RSA-AES128-GCM-SHA256", suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256),
    ("ECDHE-RSA-CHACHA20-POLY1305", suite::TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_named() {
        for (setting, expect) in [
            ("", &[&TLS12, &TLS13][..]),
            ("TLSv1.3", &[&TLS13]),
            ("tlsv1.2  TLSV1.3", &[&TLS12, &TLS13]),
        ] {
            assert_eq!(versions(setting).unwrap(), expect, "{setting}");
        }
        for wrong in ["TLSv1", "TLSv1.1 TLSv1.2", "SSLv3", "TLSv1.2,TLSv1.3"] {
            assert!(versions(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ciphers_are_named_and_keep_their_order() {
        assert_eq!(suites("", "").unwrap().len(), 9);
        let two = suites("ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256").unwrap();
        let expect =
            [suite::TLS13_AES_128_GCM_SHA256, suite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256];
        assert_eq!(two, expect);
        assert!(suites("DEFAULT:!MEDIUM", "").is_err());
        assert!(suites("", "ECDHE-RSA-AES128-GCM-SHA256").is_err());
    }
}
