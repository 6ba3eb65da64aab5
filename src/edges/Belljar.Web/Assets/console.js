"use strict";

// The page works without this; with it, rows appear as they happen.
(() => {
  const list = document.getElementById("events");
  const live = document.getElementById("live");
  if (!list || !live || !list.dataset.stream) {
    return;
  }

  const most = 600;
  const title = document.title;
  const holder = document.createElement("template");
  const seen = new Set(Array.from(list.children, row => row.dataset.seq));
  let unread = 0;
  let spoken = 0;
  let last = "";
  let timer = 0;

  const say = text => {
    if (live.textContent !== text) {
      live.textContent = text;
    }
  };

  // A screen reader hears one sentence for a burst, not each row of it.
  const speak = () => {
    timer = 0;
    say(spoken === 1 ? `Live. New: ${last}` : `Live. ${spoken} new events; the latest: ${last}`);
    spoken = 0;
  };

  const add = html => {
    holder.innerHTML = html;
    const row = holder.content.querySelector("li.event");
    if (!row || seen.has(row.dataset.seq)) {
      return;
    }

    seen.add(row.dataset.seq);
    row.classList.add("new");
    list.prepend(row);
    while (list.children.length > most) {
      seen.delete(list.lastElementChild.dataset.seq);
      list.lastElementChild.remove();
    }

    document.getElementById("nothing")?.remove();
    last = row.querySelector(".what").textContent;
    spoken += 1;
    timer ||= setTimeout(speak, 1500);
    if (document.hidden) {
      unread += 1;
      document.title = `(${unread}) ${title}`;
    }
  };

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      unread = 0;
      document.title = title;
    }
  });

  const source = new EventSource(list.dataset.stream);
  source.addEventListener("row", event => add(event.data));
  source.addEventListener("open", () => {
    live.classList.add("on");
    say("Live. New events appear at the top.");
  });
  source.addEventListener("error", () => {
    live.classList.remove("on");
    say(source.readyState === EventSource.CLOSED
      ? "Not live: the console refused the connection. Load the page again."
      : "Not live: the connection is lost. Trying again; nothing will be missed.");
  });
})();
