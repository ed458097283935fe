use policy::inventory::sealed::PersonEmail;
use policy::purpose::Support;
use keyring::{Permit, Sealed, Slot, Keyring};

fn view(keyring: &Keyring, email: &Sealed<PersonEmail>) {
    let permit = Permit::<Support> { audited: true, purpose: std::marker::PhantomData };
    let _ = keyring.open_field(Slot(70_000), b"row", email, &permit);
}

fn main() {}
