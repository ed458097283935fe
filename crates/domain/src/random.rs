//! Random numbers of the operating system.

use store::Error;
use zeroize::Zeroizing;

/// Returns random bytes.
///
/// # Errors
/// When the operating system supplies none.
pub(crate) fn random_bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| Error::no_randomness())?;
    Ok(bytes)
}
