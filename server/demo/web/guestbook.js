const list = document.querySelector("#entries");
const form = document.querySelector("#write");

function shown(entry) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  const time = document.createElement("time");
  name.textContent = entry.name;
  time.textContent = entry.writtenAt;
  item.append(name, " ", time, document.createElement("br"), entry.message);
  return item;
}

async function refresh() {
  const answer = await fetch("/entries");
  list.replaceChildren(...(await answer.json()).map(shown));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const entry = Object.fromEntries(new FormData(form));
  const answer = await fetch("/entries", { method: "POST", body: JSON.stringify(entry) });
  if (answer.ok) {
    form.reset();
    await refresh();
  } else {
    alert((await answer.json()).error);
  }
});

await refresh();
