"use strict";
// Two optional conveniences. The script computes a proof of work (ALTCHA v2, PBKDF2) while the visitor types, so that a
// message with a link isn't held as suspected spam. It reports files that are too large before they are sent.
// It reads nothing from the browser and sends nothing but the form.

const MB = 1024 * 1024;
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function solve(challenge) {
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const method = { name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost };
  for (let counter = 0; ; counter += 1) {
    new DataView(password.buffer).setUint32(start.length, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(method, key, keyLength * 8));
    if (derivedKey.startsWith(keyPrefix)) return { counter, derivedKey };
  }
}

function checkFileSizes(input) {
  input.addEventListener("change", () => {
    const files = Array.from(input.files);
    const large = files.find((file) => file.size > 10 * MB);
    const total = files.reduce((sum, file) => sum + file.size, 0);
    let problem = "";
    if (files.length > 10) problem = "You can send up to 10 files. Send the rest with a second message.";
    else if (large) problem = `“${large.name}” is larger than 10 MB.`;
    else if (total > 25 * MB) problem = "The files are larger than 25 MB in total. Send some of them with a second message.";
    input.setCustomValidity(problem);
    if (problem) input.reportValidity();
  });
}

function addProofOfWork(form) {
  let working;
  const work = () => {
    working ??= solve(JSON.parse(form.dataset.challenge)).then((solution) => {
      form.elements.proof_of_work.value = JSON.stringify({ challenge: JSON.parse(form.dataset.challenge), solution });
    });
    return working;
  };
  form.addEventListener("input", () => work().catch(() => {}), { once: true });
  form.addEventListener("submit", (event) => {
    if (form.elements.proof_of_work.value || form.dataset.waited) return;
    event.preventDefault();
    form.querySelector("#wait").textContent = "Please wait a moment …";
    const timeout = new Promise((done) => setTimeout(done, 15000));
    Promise.race([work(), timeout]).catch(() => {}).then(() => {
      form.dataset.waited = "yes";
      form.requestSubmit();
    });
  });
}

document.querySelectorAll("input[type=file]").forEach(checkFileSizes);
const form = document.querySelector("form[data-challenge]");
if (form && form.dataset.challenge && window.crypto && crypto.subtle) addProofOfWork(form);
