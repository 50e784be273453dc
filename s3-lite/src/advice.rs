//! What to do about an error, where that is known. Pure.

use crate::error::Identity;
use crate::fault::Fault;

pub(crate) fn for_fault(fault: &Fault, identity: Option<&Identity>) -> Option<String> {
    let key = match identity {
        Some(Identity::Key { access_key_id, provenance }) => Some((access_key_id, provenance)),
        _ => None,
    };
    if fault.is_wrong_region()
        && let Some(region) = &fault.region
    {
        return Some(format!("set the region to {region}"));
    }
    Some(match (fault.code.as_deref(), key) {
        (Some("InvalidAccessKeyId"), Some((id, source))) => {
            format!(
                "this service does not know the key {id} from {source}: correct it there, or choose another endpoint or source"
            )
        }
        (Some("SignatureDoesNotMatch"), Some((id, source))) => {
            format!("the secret that belongs to {id} is wrong: correct it in {source}")
        }
        (Some("ExpiredToken" | "TokenRefreshRequired"), Some((_, source))) => {
            format!("the session from {source} has ended: sign in again, or renew it there")
        }
        (Some("InvalidToken"), Some((_, source))) => {
            format!("the session token from {source} does not belong to its key: renew both together")
        }
        (Some("RequestTimeTooSkewed"), _) => "set this machine's clock; it differs by more than 15 minutes".to_owned(),
        (Some("NoSuchBucket"), _) => "check the bucket's name and the endpoint".to_owned(),
        _ if fault.status == 403 => match identity {
            Some(Identity::Anonymous) => "the request was not signed: use a client with credentials".to_owned(),
            Some(Identity::Key { access_key_id, provenance }) => {
                format!("allow it in the policies of {access_key_id} (from {provenance}), or choose another identity")
            }
            None => return None,
        },
        _ => return None,
    })
}
