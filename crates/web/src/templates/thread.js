"use strict";
// A link to a conversation carries its code behind the #, where no server sees it. It goes into the field, and out of
// the address, so that it stands in no history.

function take() {
  const field = document.getElementById("code");
  const typed = location.hash.slice(1);
  if (!field || !typed) return;
  history.replaceState(null, "", location.pathname);
  field.value = typed.slice(0, 80);
  field.form.querySelector("button").focus();
}

take();
addEventListener("hashchange", take);
