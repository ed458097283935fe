use policy::inventory::sealed::PersonEmail;
use keyring::Opened;

fn show(email: Opened<PersonEmail>) -> String {
    format!("{email} {email:?}")
}

fn main() {}
