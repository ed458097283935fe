//! The command line as its people meet it: the built binary in a folder of its own, on either engine.

mod shop;

mod backup;
mod checks;
mod figures;
mod house;
mod keyring;
mod licence;
#[path = "../../../web/tests/handlers/figures.rs"]
mod made_up;
mod person;
mod product;
mod provider;
mod signing;
mod site;
mod threads;
mod tokens;
mod visits;
