use policy::inventory::sealed::PersonEmail;
use vault::Opened;

fn export(email: Opened<PersonEmail>) -> Option<String> {
    serde_json::to_string(&email).ok()
}

fn main() {}
