//! The command line as its people meet it: the built binary in a folder of its own, on either engine.

mod shop;

mod backup;
mod doctor_and_prove;
mod figures;
mod every_command;
mod keyring;
mod licence;
#[path = "../../../web/tests/handlers/figures.rs"]
mod made_up;
mod person;
mod product;
mod paypro;
mod signing_keys;
mod site;
mod conversations;
mod tokens;
mod visits;
