use policy::Purpose;

struct Marketing;

impl Purpose for Marketing {
    const ID: &'static str = "marketing";
    const MEANS: &'static str = "To sell more.";
}

fn main() {}
