use policy::purpose::{Access, Support, Writing};
use policy::{Column, Field, Holds, OpenFor};
use keyring::{Permit, Sealed, Slot, Keyring};

struct Name;

impl Field for Name {
    const COLUMN: Column =
        Column { table: "person", column: "name", holds: Holds::Personal, description: "", opens_for: &["support"] };
    const COMPARTMENT: &'static str = "details";
}

impl OpenFor<Support> for Name {}
impl OpenFor<Access> for Name {}

fn send_email(keyring: &Keyring, name: &Sealed<Name>) {
    let _ = keyring.open_field(Slot(70_000), b"row", name, &Permit::<Writing>::audited());
}

fn main() {}
