// Stripe's fields for a new card. With this file or Stripe's missing, a new card is entered on Stripe's own page.
(function () { "use strict";
  var d = document, by = d.getElementById.bind(d), place = by("card-fields"), form = place && place.closest("form"), ready;
  if (!form || !window.Stripe) return;
  var said = place.dataset, note = by("card-hosted"), wrong = by("card-wrong"), token = form.elements.token || form.elements.ctoken, keeping = by("card-keeping"), save = form.elements.save, billing = by("card-billing");
  var stripe = window.Stripe(said.key, { locale: said.language });
  var told = { mode: said.mode, currency: "usd", paymentMethodTypes: ["card"], appearance: looks() };
  if (said.amount) told.amount = parseInt(said.amount, 10); else told.setupFutureUsage = "off_session";
  var elements = stripe.elements(told);
  var fields = elements.create("payment", { wallets: { applePay: "never", googlePay: "never" }, terms: { card: "never" } });
  fields.on("ready", function () { ready = true; show(); }); fields.mount(place);
  // As our pages look, in the light and in the dark.
  function looks() {
    var root = d.documentElement, style = getComputedStyle(root), theme = root.dataset.theme;
    function of(name) { return style.getPropertyValue("--" + name).trim(); }
    var dark = theme ? theme === "dark" : window.matchMedia("(prefers-color-scheme: dark)").matches;
    return { theme: dark ? "night" : "stripe", variables: { colorPrimary: of("brand"), colorBackground: of("surface"), colorText: of("ink"), colorTextSecondary: of("ink-soft"), colorDanger: of("alert") } };
  }
  function isNew() { var chosen = form.querySelector("input[name=card]:checked"); return !chosen || chosen.value === "new"; }
  function show() { note.hidden = ready || !isNew(); place.hidden = !isNew(); if (billing) billing.hidden = !ready || !isNew() || (save && !save.checked); if (keeping) keeping.hidden = !isNew(); }
  // The address goes to Stripe with the card; its country and postal code are asked for in Stripe's own fields.
  function params() {
    var told = said.back ? { return_url: said.back } : {}, address = {};
    if (billing && !billing.hidden) [].forEach.call(billing.querySelectorAll("input"), function (one) { if (one.value.trim()) address[one.dataset.billing] = one.value.trim(); });
    if (Object.keys(address).length) told.payment_method_data = { billing_details: { address: address } };
    return told;
  }
  function refuse(sentence) {
    wrong.className = "err"; wrong.textContent = sentence; form.sent = false; by("status").textContent = "";
    [].forEach.call(form.querySelectorAll("[data-busy]"), function (button) { button.removeAttribute("data-busy"); });
  }
  form.addEventListener("change", show); show();
  form.addEventListener("submit", function (e) {
    if (!ready || !isNew()) return;
    e.preventDefault(); wrong.textContent = wrong.className = "";
    if (said.amount) elements.update({ setupFutureUsage: save && save.checked ? "off_session" : null });
    elements.submit().then(function (checked) {
      return checked.error ? checked : stripe.createConfirmationToken({ elements: elements, params: params() });
    }).then(function (made) {
      if (made.error) return refuse(made.error.message);
      token.value = made.confirmationToken.id; form.submit();
    }).catch(function () { refuse(said.away); });
  });
})();
