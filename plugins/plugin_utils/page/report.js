"use strict";
const all = (within = "") => document.querySelectorAll(`${within} details`);
const set = (open, within) => all(within).forEach((one) => { one.open = open; });
document.getElementById("open-all")?.addEventListener("click", () => set(true, ".arithmetic"));
document.getElementById("close-all")?.addEventListener("click", () => set(false, ".arithmetic"));
document.getElementById("buttons")?.removeAttribute("hidden");
let opened = [];
addEventListener("beforeprint", () => { opened = [...all()].filter((one) => !one.open); set(true); });
addEventListener("afterprint", () => { opened.forEach((one) => { one.open = false; }); opened = []; });
const reveal = () => {
  const target = document.getElementById(location.hash.slice(1));
  const hiding = target?.closest("details");
  if (hiding && !hiding.open) { hiding.open = true; target.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
reveal();
