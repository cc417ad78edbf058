// Use the theme of the surrounding Airflow page, else the one last chosen there, else the system's.
"use strict";
(() => {
  const ofParent = () => {
    try {
      const classes = window.parent === window ? [] : [...window.parent.document.documentElement.classList];
      return classes.find(name => name === "dark" || name === "light");
    } catch {
      return undefined; // the surrounding page is of another site
    }
  };
  const chosen = () => ["dark", "light"].find(name => name === localStorage.getItem("theme"));
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.theme = ofParent() ?? chosen() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  if (ofParent()) {
    new MutationObserver(apply).observe(window.parent.document.documentElement, { attributeFilter: ["class"] });
  }
})();
