const form = document.querySelector("form");
const said = document.querySelector("#said");

async function logIn(given) {
  said.textContent = "Logging in…";
  try {
    const response = await fetch("/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(given),
    });
    if (response.ok) return location.replace("/");
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
  history.replaceState(null, "", location.pathname); // it is used up: keep it out of the history
  void logIn({ code });
}

addEventListener("hashchange", takeCode);
takeCode();
