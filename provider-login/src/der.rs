//! The two encodings of an elliptic curve's private key, of one curve: P-256. Pure.
//!
//! Only what these two need of DER is here, which is less than any crate for it brings:
//!
//! ```text
//! ECPrivateKey   ::= SEQUENCE { INTEGER 1, OCTET STRING private, [0] { OID curve }?, [1] { BIT STRING public }? }
//! PrivateKeyInfo ::= SEQUENCE { INTEGER 0 | 1, SEQUENCE { OID ecPublicKey, OID curve }, OCTET STRING ECPrivateKey, ... }
//! ```
//!
//! Specification: RFC 5915 (SEC1), RFC 5958 (PKCS#8), RFC 5480 (the identifiers).

use zeroize::Zeroizing;

use crate::key::KeyError;

/// The halves of a key: the number, and the point without compression.
pub(crate) struct Halves {
    pub(crate) private: Zeroizing<[u8; 32]>,
    pub(crate) public: [u8; 65],
}

/// Reads an `ECPrivateKey`. Its curve may be left out.
pub(crate) fn sec1(der: &[u8]) -> Result<Halves, KeyError> {
    let (mut fields, rest) = element(SEQUENCE, der).ok_or(KeyError::Malformed)?;
    if !rest.is_empty() || take(INTEGER, &mut fields) != Some(&[1]) {
        return Err(KeyError::Malformed);
    }
    let private = take(OCTET_STRING, &mut fields).ok_or(KeyError::Malformed)?;
    if let Some(mut curve) = take(CURVE, &mut fields)
        && take(OID, &mut curve) != Some(P256)
    {
        return Err(KeyError::OtherCurve);
    }
    let private = <[u8; 32]>::try_from(private).ok().map(Zeroizing::new).ok_or(KeyError::OtherCurve)?;
    let mut public = take(PUBLIC, &mut fields).ok_or(KeyError::NoPublicHalf)?;
    // The first byte of a bit string counts the bits at its end that do not belong to it.
    let public = take(BIT_STRING, &mut public).and_then(|bits| bits.strip_prefix(&[0])).ok_or(KeyError::Malformed)?;
    let public = <[u8; 65]>::try_from(public).ok().ok_or(KeyError::Malformed)?;
    Ok(Halves { private, public })
}

/// Reads a `PrivateKeyInfo`.
pub(crate) fn pkcs8(der: &[u8]) -> Result<Halves, KeyError> {
    let (mut fields, rest) = element(SEQUENCE, der).ok_or(KeyError::Malformed)?;
    if !rest.is_empty() || !matches!(take(INTEGER, &mut fields), Some([0 | 1])) {
        return Err(KeyError::Malformed);
    }
    let mut algorithm = take(SEQUENCE, &mut fields).ok_or(KeyError::Malformed)?;
    if take(OID, &mut algorithm) != Some(EC_PUBLIC_KEY) || take(OID, &mut algorithm) != Some(P256) {
        return Err(KeyError::OtherCurve);
    }
    sec1(take(OCTET_STRING, &mut fields).ok_or(KeyError::Malformed)?)
}

/// Takes the contents of the first field, if it has this tag.
fn take<'a>(tag: u8, fields: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (contents, rest) = element(tag, fields)?;
    *fields = rest;
    Some(contents)
}

/// The contents of the element at the beginning, if it has this tag, and what follows it.
fn element(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match der {
        [first, length @ 0..=0x7f, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, 0x81, length @ 0x80..=0xff, rest @ ..] if *first == tag => (usize::from(*length), rest),
        [first, 0x82, high @ 1..=0xff, low, rest @ ..] if *first == tag => {
            (usize::from(u16::from_be_bytes([*high, *low])), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const CURVE: u8 = 0xa0;
pub(crate) const PUBLIC: u8 = 0xa1;

/// 1.2.840.10045.2.1
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.2.840.10045.3.1.7
pub(crate) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
