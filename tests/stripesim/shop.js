"use strict";
// As the portal does it: a form of Stripe's, a token, a sentence. With a secret the card is set up, or its owner asked.
const { theme, secret } = document.body.dataset;
const stripe = Stripe("pk_test_sim_for_tests", { locale: document.documentElement.lang });
const said = document.getElementById("said");
const mode = secret.startsWith("seti") ? { mode: "setup", currency: "usd" } : { mode: "payment", amount: 1500, currency: "usd" };
const elements = stripe.elements({ ...mode, appearance: { theme } });
elements.create("payment").on("ready", () => said.textContent ||= "ready").mount("#card");

document.getElementById("go").addEventListener("click", async () => {
  if (secret.startsWith("pi")) {
    const { error, paymentIntent } = await stripe.handleNextAction({ clientSecret: secret });
    said.textContent = error?.message ?? paymentIntent.status;
    return;
  }
  const { error: unready } = await elements.submit();
  if (unready) return void (said.textContent = unready.message);
  if (secret) {
    const confirmParams = { return_url: `${location.origin}/return` };
    const { error } = await stripe.confirmSetup({ elements, clientSecret: secret, confirmParams });
    said.textContent = error.message;
    return;
  }
  const params = { payment_method_data: { billing_details: { name: "Maya Reyes" } } };
  const { error, confirmationToken } = await stripe.createConfirmationToken({ elements, params });
  said.textContent = error?.message ?? confirmationToken.id;
});
