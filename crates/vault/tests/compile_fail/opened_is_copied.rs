use policy::inventory::sealed::PersonEmail;
use vault::Opened;

fn keep(email: &Opened<PersonEmail>) -> Opened<PersonEmail> {
    email.clone()
}

fn main() {}
