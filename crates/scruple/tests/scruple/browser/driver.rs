//! A browser that is controlled through chromedriver (W3C WebDriver), with or without JavaScript. It can reach only
//! this machine.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::send;

/// Returns the path of chromedriver.
pub fn chromedriver() -> String {
    std::env::var("SCRUPLE_TEST_CHROMEDRIVER").unwrap_or("chromedriver".into())
}

pub struct Browser {
    at: SocketAddr,
    session: String,
    process: Child,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ending the session ends the browser. Killing chromedriver alone would leave the browser running.
        if let Ok(mut stream) = TcpStream::connect(self.at) {
            let head = format!("DELETE {} HTTP/1.1\r\nHost: {}\r\n\r\n", self.session, self.at);
            let asked = stream.write_all(head.as_bytes()).and_then(|()| stream.read(&mut [0; 64]));
            asked.expect("a driver that answers");
        }
        self.process.kill().expect("a driver of ours");
        self.process.wait().expect("a driver of ours");
    }
}

/// Reads the port from chromedriver's output.
fn port(process: &mut Child) -> u16 {
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    for line in lines.map_while(Result::ok) {
        if let Some((_, port)) = line.split_once("successfully on port ") {
            return port.trim_end_matches('.').parse().unwrap();
        }
    }
    panic!("chromedriver didn't start");
}

fn capabilities(downloads: &Path, scripts: bool, agent: Option<&str>) -> Value {
    let mut capabilities = json!({"capabilities": {"alwaysMatch": {
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        "goog:chromeOptions": {
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900",
                "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
            "prefs": {
                "profile.default_content_setting_values.javascript": if scripts { 1 } else { 2 },
                "download.default_directory": downloads,
                "download.prompt_for_download": false,
            },
        },
    }}});
    if let Some(agent) = agent {
        let options = &mut capabilities["capabilities"]["alwaysMatch"]["goog:chromeOptions"];
        options["args"].as_array_mut().unwrap().push(json!(format!("--user-agent={agent}")));
    }
    capabilities
}

impl Browser {
    /// Starts a browser without JavaScript.
    pub async fn start(chromedriver: &str, downloads: &Path) -> Self {
        Self::begin(chromedriver, downloads, false, None).await
    }

    /// Starts a browser with JavaScript.
    pub async fn with_scripts(chromedriver: &str, downloads: &Path) -> Self {
        Self::begin(chromedriver, downloads, true, None).await
    }

    /// Starts a browser with another user agent, because its own one says that it is automated.
    pub async fn with_user_agent(agent: &str, chromedriver: &str, downloads: &Path, scripts: bool) -> Self {
        Self::begin(chromedriver, downloads, scripts, Some(agent)).await
    }

    async fn begin(chromedriver: &str, downloads: &Path, scripts: bool, agent: Option<&str>) -> Self {
        let mut process = Command::new(chromedriver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver");
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port(&mut process)));
        let mut browser = Self { at, session: String::new(), process };
        let session = browser.call("POST", "/session", capabilities(downloads, scripts, agent)).await;
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        browser
    }

    async fn try_call(&self, method: &str, path: &str, body: Value) -> Result<Value, String> {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let path = format!("{}{path}", self.session);
        let answer = send(self.at, method, &path, &[("Content-Type", "application/json")], &body).await;
        let mut value: Value = serde_json::from_str(&answer.body).unwrap();
        if answer.status == 200 {
            Ok(value["value"].take())
        } else {
            Err(value["value"]["message"].to_string())
        }
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> Value {
        self.try_call(method, path, body).await.unwrap_or_else(|why| panic!("{method} {path}: {why}"))
    }

    pub async fn go(&self, url: &str) {
        self.call("POST", "/url", json!({"url": url})).await;
    }

    pub async fn url(&self) -> String {
        self.call("GET", "/url", Value::Null).await.as_str().unwrap().to_owned()
    }

    async fn find(&self, css: &str) -> Result<String, String> {
        let found = self.try_call("POST", "/element", json!({"using": "css selector", "value": css})).await?;
        let id = found.as_object().unwrap().values().next().unwrap();
        Ok(format!("/element/{}", id.as_str().unwrap()))
    }

    async fn element(&self, css: &str) -> String {
        match self.find(css).await {
            Ok(element) => element,
            Err(why) => panic!("{css} at {}: {why}", self.url().await),
        }
    }

    pub async fn has(&self, css: &str) -> bool {
        self.find(css).await.is_ok()
    }

    pub async fn click(&self, css: &str) {
        let element = self.element(css).await;
        self.call("POST", &format!("{element}/click"), json!({})).await;
    }

    /// Clicks an element that leads to another page, and waits until the old page is gone.
    pub async fn follow(&self, css: &str) {
        let old = self.element("html").await;
        self.click(css).await;
        let until = Instant::now() + Duration::from_secs(20);
        while self.try_call("GET", &format!("{old}/name"), Value::Null).await.is_ok() {
            assert!(Instant::now() < until, "{css} leads nowhere");
        }
    }

    pub async fn type_into(&self, css: &str, text: &str) {
        let element = self.element(css).await;
        self.call("POST", &format!("{element}/value"), json!({"text": text})).await;
    }

    /// Presses keys at the focus. Tab and Enter have their codes of WebDriver.
    pub async fn press(&self, keys: &str) {
        let strokes =
            keys.chars().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})));
        let actions =
            json!({"actions": [{"type": "key", "id": "keys", "actions": strokes.collect::<Vec<_>>()}]});
        self.call("POST", "/actions", actions).await;
    }

    /// Returns an attribute of the focused element, or an empty text.
    pub async fn focused(&self, attribute: &str) -> String {
        let active = self.call("GET", "/element/active", Value::Null).await;
        let id = active.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        let value = self.call("GET", &format!("/element/{id}/attribute/{attribute}"), Value::Null).await;
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Returns the text of an element, or `None` while another page loads.
    pub async fn text_if_there(&self, css: &str) -> Option<String> {
        let element = self.find(css).await.ok()?;
        let text = self.try_call("GET", &format!("{element}/text"), Value::Null).await.ok()?;
        text.as_str().map(str::to_owned)
    }

    pub async fn text(&self, css: &str) -> String {
        let element = self.element(css).await;
        self.call("GET", &format!("{element}/text"), Value::Null).await.as_str().unwrap().to_owned()
    }

    /// Returns a property of an element as text.
    pub async fn property(&self, css: &str, name: &str) -> String {
        let element = self.element(css).await;
        let value = self.call("GET", &format!("{element}/property/{name}"), Value::Null).await;
        value.as_str().unwrap().to_owned()
    }

    /// Returns name and value of each cookie of this page.
    pub async fn cookies(&self) -> Vec<(String, String)> {
        let cookies = self.call("GET", "/cookie", Value::Null).await;
        let text = |cookie: &Value, name: &str| cookie[name].as_str().unwrap().to_owned();
        cookies.as_array().unwrap().iter().map(|c| (text(c, "name"), text(c, "value"))).collect()
    }

    /// Returns the messages of the browser's console since the last call.
    pub async fn console_messages(&self) -> Vec<String> {
        self.log("browser").await
    }

    /// Returns the URL of every request since the last call.
    pub async fn requests(&self) -> Vec<String> {
        let lines = self.log("performance").await;
        let events = lines.iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let sent = events.filter(|e| e["message"]["method"] == "Network.requestWillBeSent");
        sent.map(|e| e["message"]["params"]["request"]["url"].as_str().unwrap().to_owned()).collect()
    }

    /// Sends a command of the Chrome DevTools Protocol.
    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.call("POST", "/goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// Sets the width of the window and the preferred colour scheme.
    pub async fn set_appearance(&self, width: u32, dark: bool) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = json!({"name": "prefers-color-scheme", "value": if dark { "dark" } else { "light" }});
        self.devtools("Emulation.setEmulatedMedia", json!({"features": [scheme]})).await;
    }

    /// Takes a screenshot as PNG, of the whole page or of the part in the window, and saves it in the folder that
    /// `SCRUPLE_TEST_PICTURES` names.
    pub async fn save_screenshot(&self, name: &str, whole: bool) {
        let parameters = json!({"format": "png", "captureBeyondViewport": whole});
        let screenshot = self.devtools("Page.captureScreenshot", parameters).await;
        let screenshot =
            data_encoding::BASE64.decode(screenshot["data"].as_str().unwrap().as_bytes()).unwrap();
        assert!(screenshot.starts_with(b"\x89PNG") && screenshot.len() > 10_000, "{name}");
        if let Ok(folder) = std::env::var("SCRUPLE_TEST_PICTURES") {
            std::fs::write(format!("{folder}/{name}.png"), screenshot).unwrap();
        }
    }

    /// Runs a script and returns its result. A promise is awaited.
    pub async fn run(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", json!({"script": script, "args": []})).await
    }

    /// Moves the pointer onto an element.
    pub async fn point_at(&self, css: &str) {
        let element = self.element(css).await;
        let origin =
            json!({"element-6066-11e4-a52e-4f735466cecf": element.strip_prefix("/element/").unwrap()});
        let moved = json!({"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": origin});
        let actions = json!({"actions": [{"type": "pointer", "id": "mouse", "actions": [moved]}]});
        self.call("POST", "/actions", actions).await;
    }

    async fn log(&self, kind: &str) -> Vec<String> {
        let lines = self.call("POST", "/se/log", json!({"type": kind})).await;
        lines.as_array().unwrap().iter().map(|line| line["message"].as_str().unwrap().to_owned()).collect()
    }
}

/// Waits until a download is complete, and returns its text.
pub async fn wait_for_download(path: &Path) -> String {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        // The browser first creates an empty file, and replaces it when the download is complete.
        if let Ok(text) = std::fs::read_to_string(path)
            && !text.is_empty()
        {
            return text;
        }
        assert!(Instant::now() < until, "{} never came", path.display());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
