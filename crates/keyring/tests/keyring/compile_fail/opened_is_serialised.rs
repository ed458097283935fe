use policy::inventory::sealed::PersonEmail;
use keyring::Opened;

fn export(email: Opened<PersonEmail>) -> Option<String> {
    serde_json::to_string(&email).ok()
}

fn main() {}
