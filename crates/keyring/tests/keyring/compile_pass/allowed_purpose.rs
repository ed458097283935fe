use policy::inventory::sealed::{IndexBucketPairs, PersonEmail};
use policy::purpose::Writing;
use keyring::{Permit, OpenError, Sealed, Slot, Keyring};

fn send_email(keyring: &Keyring, to: &Sealed<PersonEmail>) -> Result<usize, OpenError> {
    Ok(keyring.open_field(Slot(70_000), b"row", to, &Permit::<Writing>::audited())?.text().len())
}

fn read_index(keyring: &Keyring, pairs: &Sealed<IndexBucketPairs>) -> Result<usize, OpenError> {
    Ok(keyring.open_field(Slot(70_000), b"row", pairs, &Permit::operating())?.bytes().len())
}

fn main() {
    let _ = (send_email, read_index);
}
