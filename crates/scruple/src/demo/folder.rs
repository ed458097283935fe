//! The temporary folder of the demo: data, keyring and configuration.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::licensing::issue::Signers;
use store::Db;

/// A private temporary folder, which is deleted with its content.
pub struct DemoFolder(PathBuf);

impl DemoFolder {
    /// Creates the folder with mode 0700.
    pub fn create() -> Result<Self, Box<dyn Error>> {
        let path = std::env::temp_dir().join(format!("scruple-demo-{}", &random_text()?[..12]));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|e| format!("the temporary folder {}: {}", path.display(), e.kind()))?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The configuration file, for commands that run beside the demo.
    pub fn configuration(&self) -> PathBuf {
        self.0.join("scruple.toml")
    }

    /// The file with the public signing keys, which a vendor ships with the program.
    pub fn public_keys(&self) -> PathBuf {
        self.0.join("shop.pub")
    }

    /// The web server log to import.
    pub fn log(&self) -> PathBuf {
        self.0.join("access.log")
    }

    /// Writes the web server log.
    pub fn write_log(&self, lines: &str) -> Result<(), Box<dyn Error>> {
        Ok(write_private(&self.log(), lines)?)
    }

    /// Writes the configuration, with secrets for this run.
    pub fn write_configuration(&self, listen: SocketAddr) -> Result<(), Box<dyn Error>> {
        let (data, keyring) = (quoted(&self.0.join("data"))?, quoted(&self.0.join("keyring"))?);
        let (validation, checkout) = (random_text()?, random_text()?);
        // With a product number of four digits, a checkout key of 28 bytes makes 32.
        let (key, vector) = (&checkout[..28], &checkout[28..44]);
        let text = format!(
            "# The temporary store of the demo.\n\
             [server]\nlisten = \"{listen}\"\n\n\
             [data]\nfolder = {data}\n\n\
             [keyring]\nreplicas = [{keyring}]\n\n\
             [vendor]\nname = \"Lantern Software\"\n\n\
             [paypro]\nvalidation_key = \"{validation}\"\ncheckout_key = \"{key}\"\ncheckout_vector = \"{vector}\"\n\n\
             [mail]\nfrom = \"Lantern Software <licences@lantern.example>\"\n"
        );
        Ok(write_private(&self.configuration(), &text)?)
    }

    /// Writes the public signing keys.
    pub async fn write_public_keys(&self, db: &Db) -> Result<(), Box<dyn Error>> {
        let signers = Signers::load(&mut db.read().await?).await?;
        Ok(write_private(&self.public_keys(), &signers.public.to_string())?)
    }

    /// Deletes the folder now, and reports an error.
    pub fn remove(self) -> Result<(), Box<dyn Error>> {
        // The database may create a file meanwhile; then the second attempt deletes it.
        let removed = fs::remove_dir_all(&self.0).or_else(|_| fs::remove_dir_all(&self.0));
        match removed {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(format!("the demo's folder {} is still there: {}", self.0.display(), e.kind()).into())
            }
            _ => Ok(()),
        }
    }
}

impl Drop for DemoFolder {
    fn drop(&mut self) {
        // After `remove` the folder is gone already. After a panic an error cannot be reported.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// 256 random bits in hexadecimal digits.
fn random_text() -> Result<String, Box<dyn Error>> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes))?;
    let mut text = String::with_capacity(64);
    bytes.iter().try_for_each(|byte| write!(text, "{byte:02x}"))?;
    Ok(text)
}

/// A path as a TOML string, which has the same escapes as JSON.
fn quoted(path: &Path) -> Result<String, Box<dyn Error>> {
    let text = path.to_str().ok_or("the temporary folder's path is not UTF-8: set TMPDIR to another")?;
    Ok(serde_json::to_string(text)?)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?.write_all(text.as_bytes())
}
