use policy::inventory::sealed::{BucketPairs, PersonEmail};
use policy::purpose::Writing;
use keyring::{Permit, OpenError, Sealed, Slot, Vault};

fn letter(vault: &Vault, to: &Sealed<PersonEmail>) -> Result<usize, OpenError> {
    Ok(vault.open_field(Slot(70_000), b"row", to, &Permit::<Writing>::journalled())?.text().len())
}

fn index(vault: &Vault, pairs: &Sealed<BucketPairs>) -> Result<usize, OpenError> {
    Ok(vault.open_field(Slot(70_000), b"row", pairs, &Permit::operating())?.bytes().len())
}

fn main() {
    let _ = (letter, index);
}
