use policy::inventory::sealed::PersonEmail;
use vault::Opened;

fn show(email: Opened<PersonEmail>) -> String {
    format!("{email} {email:?}")
}

fn main() {}
