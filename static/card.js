// Puts Stripe's fields into the form that says data-card. Without this file, the card is typed on Stripe's own page.
(function () { "use strict";
  var d = document, form = d.querySelector("form[data-card]"), dark = window.matchMedia && window.matchMedia("(prefers-color-scheme: dark)").matches;
  if (!form || !window.Stripe) return;
  var theme = d.documentElement.dataset.theme, place = form.querySelector("[data-card-fields]"), plain = form.querySelector("[data-card-plain]");
  var wrong = form.querySelector("[data-card-error]"), token = form.elements.ctoken, asked = form.dataset;
  var stripe = window.Stripe(asked.card, { locale: d.documentElement.lang });
  var wanted = { mode: asked.cardMode, currency: "usd", paymentMethodTypes: ["card"], appearance: { theme: (theme ? theme === "dark" : dark) ? "night" : "stripe" } };
  if (asked.cardMode === "payment") wanted.amount = Number(asked.cardAmount); else wanted.setupFutureUsage = "off_session";
  var elements = stripe.elements(wanted), fields = elements.create("payment", { wallets: { applePay: "never", googlePay: "never", link: "never" } });
  fields.mount(place); plain.hidden = true;
  function refuse(error) {
    wrong.textContent = error.message; wrong.hidden = false; form.sent = false;
    [].forEach.call(form.querySelectorAll("[data-busy]"), function (button) { delete button.dataset.busy; });
  }
  form.addEventListener("submit", function (e) {
    if (token.value || e.defaultPrevented) return;
    e.preventDefault(); wrong.hidden = true;
    elements.submit().then(function (said) {
      return said.error ? said : stripe.createConfirmationToken({ elements: elements });
    }).then(function (said) {
      if (said.error) { refuse(said.error); return; }
      token.value = said.confirmationToken.id; form.submit();
    }).catch(refuse);
  });
  window.addEventListener("pageshow", function (e) { if (e.persisted) token.value = ""; });
})();
