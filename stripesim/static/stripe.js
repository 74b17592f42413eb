"use strict";
// TEST MODE: a stand-in for Stripe's script. What is typed stays in a frame of the stand-in's own origin.
(() => {
  const home = new URL(document.currentScript.src).origin;
  const RESULT = { payment_intent: "paymentIntent", setup_intent: "setupIntent" };

  class IntegrationError extends Error {
    name = "IntegrationError";
  }

  // A frame, and what is asked of it. Only messages from that frame and its origin are heard.
  class Frame {
    #number = 0;
    #waiting = new Map();
    #hear;

    constructor(path, words, told) {
      this.element = document.createElement("iframe");
      const query = new URLSearchParams({ origin: location.origin, ...words });
      this.element.src = `${home}${path}?${query}`;
      this.element.title = "TEST MODE";
      this.element.setAttribute("allow", "payment *");
      this.ready = new Promise((resolve) => {
        this.#hear = ({ source, origin, data }) => {
          if (source !== this.element.contentWindow || origin !== home || data?.stripesim !== true) return;
          if ("answers" in data) {
            this.#waiting.get(data.answers)?.(data.said);
            this.#waiting.delete(data.answers);
          } else {
            if (data.told === "ready") resolve();
            told?.(data);
          }
        };
      });
      addEventListener("message", this.#hear);
    }

    async ask(act, said) {
      await this.ready;
      const number = ++this.#number;
      return new Promise((resolve) => {
        this.#waiting.set(number, resolve);
        this.element.contentWindow.postMessage({ stripesim: true, act, said, number }, home);
      });
    }

    remove() {
      removeEventListener("message", this.#hear);
      this.element.remove();
    }
  }

  class PaymentElement {
    #elements;
    #heard = new Map();

    constructor(elements, options) {
      this.#elements = elements;
      this.options = options;
    }

    mount(where) {
      const place = typeof where === "string" ? document.querySelector(where) : where;
      if (!place) throw new IntegrationError(`The selector you specified (${where}) applies to no DOM elements.`);
      this.unmount();
      const { appearance = {}, locale = "auto" } = this.#elements.options;
      const language = locale === "auto" ? document.documentElement.lang : locale;
      const words = { theme: appearance.theme ?? "stripe", locale: language };
      this.frame = new Frame("/v3/payment", words, (data) => this.#told(data));
      const frame = this.frame.element;
      frame.title = language.startsWith("es") ? "Datos de la tarjeta, TEST MODE" : "Card information, TEST MODE";
      Object.assign(frame.style, { border: "0", width: "100%", height: "26rem", display: "block" });
      place.replaceChildren(frame);
      if (appearance.variables) this.frame.ask("style", { appearance });
    }

    #told(data) {
      if (data.told === "height") this.frame.element.style.height = `${data.height}px`;
      const event = { elementType: "payment", value: { type: "card" }, collapsed: false };
      if (data.told === "change") Object.assign(event, { complete: data.complete, empty: data.empty });
      for (const act of this.#heard.get(data.told) ?? []) act(event);
    }

    on(name, act) {
      this.#heard.set(name, [...(this.#heard.get(name) ?? []), act]);
      return this;
    }

    off(name, act) {
      this.#heard.set(name, (this.#heard.get(name) ?? []).filter((one) => act && one !== act));
      return this;
    }

    once(name, act) {
      const first = (event) => (this.off(name, first), act(event));
      return this.on(name, first);
    }

    focus() { this.frame?.ask("focus"); }
    clear() { this.frame?.ask("clear"); }
    update(options) { Object.assign(this.options, options); }
    collapse() {}

    unmount() {
      this.frame?.remove();
      this.frame = undefined;
    }

    destroy() {
      this.unmount();
      this.#elements.forget();
    }
  }

  class Elements {
    #element;
    isSubmitted = false;

    constructor(stripe, options) {
      this.stripe = stripe;
      this.options = options;
    }

    create(kind, options = {}) {
      if (kind !== "payment") throw new IntegrationError(`TEST MODE: the stand-in has no ${kind} element.`);
      if (this.#element) throw new IntegrationError("Can only create one Element of type payment.");
      this.#element = new PaymentElement(this, options);
      return this.#element;
    }

    getElement(kind) { return kind === "payment" ? (this.#element ?? null) : null; }
    forget() { this.#element = undefined; }

    update(options) {
      Object.assign(this.options, options);
      if (options.appearance) this.#element?.frame?.ask("style", { appearance: options.appearance });
    }

    async fetchUpdates() { return {}; }

    async ask(act, said) {
      if (!this.#element?.frame) throw new IntegrationError("The payment Element is not mounted.");
      return this.#element.frame.ask(act, { key: this.stripe.key, ...said });
    }

    async submit() {
      const said = await this.ask("check", {});
      this.isSubmitted = !said.error;
      return said.error ? { error: plain(said.error) } : said;
    }
  }

  class StripeStandIn {
    #controller;

    constructor(key, options) {
      this.key = key;
      this.options = options;
    }

    elements(options = {}) { return new Elements(this, { locale: this.options.locale, ...options }); }

    async createConfirmationToken({ elements, params = {} }) {
      if (!elements?.isSubmitted) {
        throw new IntegrationError("elements.submit() must be called before stripe.createConfirmationToken().");
      }
      const { mode, setupFutureUsage } = elements.options;
      const made = await elements.ask("token", {
        billing_details: params.payment_method_data?.billing_details,
        return_url: params.return_url,
        setup_future_usage: setupFutureUsage ?? (mode === "setup" ? "off_session" : undefined),
      });
      return made.error ? { error: plain(made.error) } : { confirmationToken: made };
    }

    confirmPayment(said) { return this.#confirm(said); }
    confirmSetup(said) { return this.#confirm(said); }

    async #confirm({ elements, clientSecret, confirmParams = {}, redirect = "always" }) {
      const secret = clientSecret ?? elements.options.clientSecret;
      if (!secret) throw new IntegrationError("Missing required param: clientSecret.");
      let token = confirmParams.confirmation_token;
      if (!token) {
        const submitted = elements.isSubmitted ? {} : await elements.submit();
        if (submitted.error) return submitted;
        const made = await this.createConfirmationToken({ elements, params: confirmParams });
        if (made.error) return made;
        token = made.confirmationToken.id;
      }
      const said = await this.#ask("confirm", {
        client_secret: secret, confirmation_token: token, return_url: confirmParams.return_url,
      });
      if (said.error) return { error: plain(said.error) };
      const asks = said.intent.status === "requires_action";
      if (said.redirect && (asks || redirect !== "if_required")) return leave(said.redirect);
      return { [RESULT[said.intent.object]]: said.intent };
    }

    async handleNextAction({ clientSecret }) {
      const said = await this.#ask("retrieve", { client_secret: clientSecret });
      if (said.error) return { error: plain(said.error) };
      const { next_action: next } = said;
      if (said.status === "requires_action") {
        return leave(next.redirect_to_url?.url ?? next.use_stripe_sdk.stripe_js);
      }
      return { [RESULT[said.object]]: said };
    }

    retrievePaymentIntent(clientSecret) { return this.#retrieve(clientSecret); }
    retrieveSetupIntent(clientSecret) { return this.#retrieve(clientSecret); }

    async #retrieve(clientSecret) {
      const said = await this.#ask("retrieve", { client_secret: clientSecret });
      return said.error ? { error: plain(said.error) } : { [RESULT[said.object]]: said };
    }

    #ask(act, said) {
      if (!this.#controller) {
        this.#controller = new Frame("/v3/controller", {});
        this.#controller.element.hidden = true;
        document.body.append(this.#controller.element);
      }
      return this.#controller.ask(act, { key: this.key, ...said });
    }
  }

  const plain = ({ fields, ...error }) => error;

  // The promise stays open: the page goes.
  function leave(address) {
    location.assign(address);
    return new Promise(() => {});
  }

  window.Stripe = (key, options = {}) => {
    if (!String(key).startsWith("pk_test_sim")) {
      throw new IntegrationError("TEST MODE: the stand-in takes keys that begin with pk_test_sim.");
    }
    return new StripeStandIn(key, options);
  };
})();
