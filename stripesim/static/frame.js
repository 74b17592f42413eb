"use strict";
// Inside the stand-in's own frames. Heard is only the page that opened the frame, and answered only to it.
(() => {
  const { frame, origin, language } = document.body.dataset;
  const tell = (said) => parent.postMessage({ stripesim: true, ...said }, origin);

  const ask = async (path, said) => {
    try {
      const answer = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ locale: language, ...said }),
      });
      return await answer.json();
    } catch {
      return { error: { type: "api_connection_error", message: "TEST MODE: the stand-in for Stripe does not answer." } };
    }
  };

  const acts = {
    retrieve: (said) => ask("/v3/intents", said),
    confirm: (said) => ask("/v3/intents/confirm", said),
  };

  if (frame === "payment") {
    const form = document.querySelector("form");
    const fields = ["number", "expiry", "cvc", "postal_code"];
    const typed = () => Object.fromEntries(new FormData(form));

    const mark = (sentences) => {
      for (const name of fields) {
        document.getElementById(`${name}-wrong`).textContent = sentences[name] ?? "";
        form.elements[name].toggleAttribute("aria-invalid", name in sentences);
        if (name in sentences) form.elements[name].setAttribute("aria-invalid", "true");
      }
      const first = fields.find((name) => name in sentences);
      if (first) form.elements[first].focus();
      measure();
    };

    const make = async (said) => {
      const made = await ask("/v3/tokens", { card: typed(), ...said });
      mark(made.error?.fields ?? {});
      return made;
    };

    const style = ({ theme, variables = {} } = {}) => {
      const root = document.documentElement;
      root.classList.toggle("dark", theme === "night");
      root.classList.toggle("light", theme !== "night");
      const names = {
        colorPrimary: "--accent", colorBackground: "--ground", colorText: "--text", colorTextSecondary: "--quiet",
        colorDanger: "--wrong", borderRadius: "--radius",
      };
      for (const [name, property] of Object.entries(names)) {
        if (name in variables) root.style.setProperty(property, variables[name]);
      }
    };

    acts.token = make;
    acts.check = async (said) => {
      const { error } = await ask("/v3/cards", { card: typed(), ...said });
      mark(error?.fields ?? {});
      return error ? { error } : { selectedPaymentMethod: "card" };
    };
    acts.focus = async () => form.elements.number.focus();
    acts.clear = async () => form.reset();
    acts.style = async ({ appearance }) => style(appearance);

    const measure = () => tell({ told: "height", height: Math.ceil(document.documentElement.offsetHeight) });
    new ResizeObserver(measure).observe(document.documentElement);

    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", (event) => {
      if (event.target.name === "number") group(event.target);
      if (event.target.name === "expiry") slash(event.target, event.inputType);
      const { number, expiry, cvc } = typed();
      const complete = number.length > 13 && expiry.length > 3 && cvc.length > 2;
      tell({ told: "change", complete, empty: !number && !expiry && !cvc });
    });
    form.addEventListener("focusin", () => tell({ told: "focus" }));
    form.addEventListener("focusout", () => tell({ told: "blur" }));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") tell({ told: "escape" });
    });
  }

  // Only where the caret is at the end: whoever corrects in the middle is left alone.
  function group(input) {
    if (input.selectionStart !== input.value.length) return;
    const digits = input.value.replace(/\D/g, "").slice(0, 19);
    const parts = /^3[47]/.test(digits) ? digits.match(/^(.{1,4})(.{1,6})?(.{1,5})?/)?.slice(1) : digits.match(/.{1,4}/g);
    input.value = (parts ?? []).filter(Boolean).join(" ");
  }

  function slash(input, how) {
    if (how?.startsWith("delete") || input.selectionStart !== input.value.length) return;
    if (/^(0[1-9]|1[0-2])$/.test(input.value)) input.value += " / ";
    else if (/^[2-9]$/.test(input.value)) input.value = `0${input.value} / `;
  }

  addEventListener("message", async ({ source, origin: from, data }) => {
    if (source !== parent || from !== origin || data?.stripesim !== true || !Object.hasOwn(acts, data.act)) return;
    tell({ answers: data.number, said: (await acts[data.act](data.said ?? {})) ?? null });
  });
  tell({ told: "ready" });
})();
