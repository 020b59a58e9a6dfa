// The colours that were chosen in the page.
const theme = localStorage.getItem("pigeonhole-theme");
if (theme === "light" || theme === "dark")
  document.documentElement.dataset.theme = theme;

const id = location.pathname.split("/").at(-1);
const decisions = {
  ACCEPT: "accepted by the limit that its owner set",
  REVIEW: "a person should look",
  NONE_OF_THESE: "unlike the photos it learned from",
};

const photo = document.querySelector("#photo");
const answer = document.querySelector("#answer");

/** The newest question; answers to earlier ones are not shown. */
let asked = 0;

async function ask(file) {
  const question = ++asked;
  URL.revokeObjectURL(photo.src);
  photo.src = URL.createObjectURL(file);
  photo.hidden = false;
  answer.textContent = "Looking at it…";
  const said = await answerTo(file);
  if (question === asked) answer.replaceChildren(...said);
}

/** The answer for a photo, or the reason why there is none. */
async function answerTo(file) {
  try {
    const response = await fetch(`../v1/functions/${id}/invoke?topK=1`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      credentials: "omit", // so that nobody is asked for more than the link
      body: file,
    });
    const { detail, label, confidence, decision } = await response.json();
    if (response.status === 404)
      return ["This is no longer shared. Ask its owner for a new link."];
    if (!response.ok) return [detail];
    const name = document.createElement("strong");
    name.dir = "auto";
    name.textContent = label;
    return [name, `${percent(confidence)} sure: ${decisions[decision]}.`];
  } catch {
    return ["The server does not answer. Try again."];
  }
}

/** As on the other pages: 100 % and 0 % only for exactly 1 and 0. */
function percent(rate) {
  const rounded = Math.round(rate * 100);
  if (rounded === 100 && rate < 1) return "> 99 %";
  if (rounded === 0 && rate > 0) return "< 1 %";
  return `${rounded} %`;
}

function take(files) {
  if (files.length > 0) void ask(files[0]);
}

for (const [button, input] of [
  ["#take", "#camera"],
  ["#choose", "#file"],
]) {
  const picker = document.querySelector(input);
  document
    .querySelector(button)
    .addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => {
    take(picker.files);
    picker.value = "";
  });
}

// Not every browser can show every phone's photos.
photo.addEventListener("error", () => (photo.hidden = true));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files);
});
addEventListener("paste", (event) => take(event.clipboardData.files));
