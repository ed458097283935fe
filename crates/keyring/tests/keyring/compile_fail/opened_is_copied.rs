use policy::inventory::sealed::PersonEmail;
use keyring::Opened;

fn keep(email: &Opened<PersonEmail>) -> Opened<PersonEmail> {
    email.clone()
}

fn main() {}
