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

use crate::key::KeyError;

/// The halves of a key, as they stand in its text: the number, and the point without compression.
pub(crate) type Halves<'a> = (&'a [u8], &'a [u8]);

/// Reads an `ECPrivateKey`. Its curve may be left out.
pub(crate) fn sec1(der: &[u8]) -> Result<Halves<'_>, KeyError> {
    let mut fields = whole(der)?;
    if take(INTEGER, &mut fields)? != [1] {
        return Err(KeyError::Malformed);
    }
    let private = take(OCTET_STRING, &mut fields)?;
    if let Ok(mut curve) = take(CURVE, &mut fields)
        && take(OID, &mut curve) != Ok(P256)
    {
        return Err(KeyError::OtherCurve);
    }
    if private.len() != 32 {
        return Err(KeyError::OtherCurve);
    }
    let Ok(mut public) = take(PUBLIC, &mut fields) else { return Err(KeyError::NoPublicHalf) };
    // The first byte of a bit string counts the bits at its end that do not belong to it.
    match take(BIT_STRING, &mut public)? {
        [0, point @ ..] if point.len() == 65 => Ok((private, point)),
        _ => Err(KeyError::Malformed),
    }
}

/// Reads a `PrivateKeyInfo`.
pub(crate) fn pkcs8(der: &[u8]) -> Result<Halves<'_>, KeyError> {
    let mut fields = whole(der)?;
    let ([0 | 1], mut algorithm) = (take(INTEGER, &mut fields)?, take(SEQUENCE, &mut fields)?) else {
        return Err(KeyError::Malformed);
    };
    if take(OID, &mut algorithm) != Ok(EC_PUBLIC_KEY) || take(OID, &mut algorithm) != Ok(P256) {
        return Err(KeyError::OtherCurve);
    }
    sec1(take(OCTET_STRING, &mut fields)?)
}

/// The fields of the sequence that is all of this.
fn whole(der: &[u8]) -> Result<&[u8], KeyError> {
    let mut rest = der;
    let fields = take(SEQUENCE, &mut rest)?;
    if rest.is_empty() { Ok(fields) } else { Err(KeyError::Malformed) }
}

/// Takes the contents of the first field, if it has this tag. Not repeated at each of its calls.
#[inline(never)]
fn take<'a>(tag: u8, fields: &mut &'a [u8]) -> Result<&'a [u8], KeyError> {
    let (contents, rest) = element(tag, fields).ok_or(KeyError::Malformed)?;
    *fields = rest;
    Ok(contents)
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
