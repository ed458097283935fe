//! The command line as its people meet it: the built binary in a folder of its own, on either engine.

mod shop;

mod backup;
mod conversations;
mod doctor_and_prove;
mod every_command;
mod figures;
mod keyring;
mod licence;
#[path = "../../../web/tests/handlers/figures.rs"]
mod made_up;
mod paypro;
mod person;
mod product;
mod signing_keys;
mod site;
mod tokens;
mod visits;
