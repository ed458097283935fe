use policy::inventory::sealed::PersonEmail;
use policy::purpose::Support;
use keyring::{Permit, Sealed, Slot, Vault};

fn look(vault: &Vault, email: &Sealed<PersonEmail>) {
    let leave = Permit::<Support> { journalled: true, purpose: std::marker::PhantomData };
    let _ = vault.open_field(Slot(70_000), b"row", email, &leave);
}

fn main() {}
