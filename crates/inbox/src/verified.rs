use crate::{headers::Headers, own::Own};

/// Whether our own server says `dmarc=pass` for the domain of the address in From.
pub fn verified(headers: &Headers, address: &str, own: &Own) -> bool {
    let _ = (headers, address, own);
    false
}
