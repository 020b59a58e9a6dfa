// The colours that were chosen in the page.
const theme = localStorage.getItem("pigeonhole-theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;

const form = document.querySelector("form");
const said = document.querySelector("#said");

/** Address within the page to return to; a fragment that is no address is a login code. */
let back = "";

async function logIn(given) {
  said.textContent = "Logging in…";
  try {
    const response = await fetch("login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(given),
    });
    if (response.ok) return location.replace(`./${back}`);
    said.textContent = (await response.json()).errors[0].message;
  } catch {
    said.textContent = "The server does not answer.";
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void logIn({ key: document.querySelector("#key").value });
});

function takeCode() {
  const code = location.hash.slice(1);
  if (!code) return;
  if (code.startsWith("/")) {
    back = location.hash;
    said.textContent = "Log in to open this address.";
    return;
  }
  history.replaceState(null, "", location.pathname); // it is used up: keep it out of the history
  void logIn({ code });
}

addEventListener("hashchange", takeCode);
takeCode();
