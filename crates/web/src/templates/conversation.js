"use strict";
// A link to a conversation contains the access code in its fragment (behind the #), which browsers never send to a
// server. This script moves the code into the form field and removes it from the address, so that the browser's
// history doesn't keep it.

function moveCodeIntoField() {
  const field = document.getElementById("code");
  const code = location.hash.slice(1);
  if (!field || !code) return;
  history.replaceState(null, "", location.pathname);
  field.value = code.slice(0, 80);
  field.form.querySelector("button").focus();
}

moveCodeIntoField();
addEventListener("hashchange", moveCodeIntoField);
