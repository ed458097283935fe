"use strict";
// Two kindnesses, and nothing that the page needs: a riddle is solved while somebody types (ALTCHA v2, PBKDF2), so that
// a message with a link in it isn't taken for an advertisement; and files that are too large are named before they are
// sent. Nothing is read from the browser and nothing is sent but the form.

const MB = 1024 * 1024;
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function solve(riddle) {
  const { nonce, salt, cost, keyLength, keyPrefix } = riddle.parameters;
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

function sizes(input) {
  input.addEventListener("change", () => {
    const files = Array.from(input.files);
    const large = files.find((file) => file.size > 10 * MB);
    const all = files.reduce((sum, file) => sum + file.size, 0);
    let says = "";
    if (files.length > 10) says = "These are more than 10 files. Send some of them with a second message.";
    else if (large) says = `“${large.name}” is larger than 10 MB.`;
    else if (all > 25 * MB) says = "Together these files are larger than 25 MB. Send some of them with a second message.";
    input.setCustomValidity(says);
    if (says) input.reportValidity();
  });
}

function puzzle(form) {
  let working;
  const work = () => {
    working ??= solve(JSON.parse(form.dataset.riddle)).then((solution) => {
      form.elements.work.value = JSON.stringify({ challenge: JSON.parse(form.dataset.riddle), solution });
    });
    return working;
  };
  form.addEventListener("input", () => work().catch(() => {}), { once: true });
  form.addEventListener("submit", (event) => {
    if (form.elements.work.value || form.dataset.waited) return;
    event.preventDefault();
    form.querySelector("#wait").textContent = "One moment …";
    const most = new Promise((done) => setTimeout(done, 15000));
    Promise.race([work(), most]).catch(() => {}).then(() => {
      form.dataset.waited = "yes";
      form.requestSubmit();
    });
  });
}

document.querySelectorAll("input[type=file]").forEach(sizes);
const form = document.querySelector("form[data-riddle]");
if (form && form.dataset.riddle && window.crypto && crypto.subtle) puzzle(form);
