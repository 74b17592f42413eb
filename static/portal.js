// Everything here is extra: with this file missing every task still works.
(function () { "use strict";
  var d = document, by = d.getElementById.bind(d), lost = by("not-sent"), idle = by("idle"), said = by("status"), pressed, last, known;
  var tabs = window.BroadcastChannel ? new BroadcastChannel("portal") : { postMessage: function () {} };
  function all(selector, act, root) { return [].filter.call((root || d).querySelectorAll(selector), act); }
  function on(names, act, capture) { names.split(" ").forEach(function (name) { d.addEventListener(name, act, capture); }); }
  function isPoll(el) { return /every/.test(el.getAttribute("hx-trigger")); }
  // Focus, once per element: errors first, else what the server marked; when a page opens, errors or its notice.
  function look(swap) {
    var fresh = all("#errors, [data-focus-here]", function (el) { return !el.seen && (el.seen = true); });
    var first = fresh.filter(function (el) { return el.id === "errors"; })[0] || fresh.filter(function (el) { return swap || el.closest("#flashes"); })[0];
    if (first) first.focus(); all("[data-shows]", function (button) { button.hidden = false; }); count();
  }
  // A refusal begins the title. What the badge says stands there and on the tile; other tabs ask when it changes here.
  function count() {
    var badge = by("unread"), many = badge && parseInt(badge.textContent, 10), wrong = d.body.dataset.error + " ";
    d.title = (by("errors") ? wrong : many ? "(" + many + ") " : "") + d.title.replace(wrong, "").replace(/^\(\d+\) /, "");
    if (!badge) return;
    all("[data-unread]", function (el) { var what = el.dataset.unread; if (what) el.textContent = badge.dataset[what] || many; if (what !== "words") el.hidden = !many; });
    if (many !== known) tabs.postMessage("read"); known = many;
  }
  function ask() { if (by("unread") && window.htmx) window.htmx.trigger("#unread", "unread"); }
  on("htmx:beforeRequest", function (e) { if (d.hidden && isPoll(e.detail.elt) && !e.detail.requestConfig.triggeringEvent) e.preventDefault(); });
  on("htmx:afterSettle htmx:after:settle", look); look();
  on("click", function (e) {
    function at(selector) { return e.target.closest && e.target.closest(selector); }
    var link = at(".errors a[href^='#'], .jumps a"), show = at("[data-shows]"), field = by(link ? link.hash.slice(1) : show && show.dataset.shows);
    pressed = at("button:not([type=button])") || pressed;
    if (show) { field.type = field.type === "text" ? "password" : "text"; all("span:not(.vh)", function (word) { word.hidden = !word.hidden; }, show); }
    if (at("[data-retry]")) lost.button.click(); if (!link || !field) return;
    e.preventDefault(); if (field.closest("details")) field.closest("details").open = true;
    (field.closest(".field") || field).scrollIntoView(); ("value" in field ? field : field.querySelector("input, select, textarea") || field).focus({ preventScroll: true });
  });
  // One press per form, said in words. What could not be sent stays as it was typed, with a notice and a way to try again.
  function button(form) { return pressed && pressed.form === form ? pressed : form.querySelector("button:not([type=button])"); }
  function free(form) { form.sent = false; all("[data-busy]", function (b) { if (said.textContent === b.dataset.busy) said.textContent = ""; delete b.dataset.busy; }, form); }
  function notSent(form) { free(form); lost.button = button(form); form.appendChild(lost); lost.hidden = false; lost.scrollIntoView({ block: "nearest" }); }
  on("submit", function (e) {
    var form = e.target, words = form.dataset.sending || d.body.dataset.sending, b = button(form), off = navigator.onLine === false;
    if (form.method !== "post") return; if (form.sent || off) { e.preventDefault(); e.stopPropagation(); if (off) notSent(form); return; }
    form.sent = lost.hidden = true; all("[data-shows]", function (show) { if (by(show.dataset.shows).type === "text") show.click(); }, form);
    if (b) b.dataset.busy = said.textContent = words; if (form.hasAttribute("data-leaves")) tabs.postMessage("left");
    if (!form.hasAttribute("hx-post") && form.enctype !== "multipart/form-data") setTimeout(free, 20000, form);
  }, true);
  on("htmx:xhr:progress", function (e) { if (e.detail.lengthComputable) all("progress", function (bar) { bar.parentNode.hidden = false; bar.value = 100 * e.detail.loaded / e.detail.total; }, e.target); });
  on("htmx:afterRequest", function (e) { var el = e.detail.requestConfig.elt; if (el.tagName === "FORM") free(el); if (e.detail.xhr.status && !isPoll(el)) alive(); });
  on("htmx:sendError htmx:responseError", function (e) {
    var el = e.detail.requestConfig.elt; if (isPoll(el)) return; else if (el.method === "post") notSent(el); else if (el.href) location.href = el.href; else if (el.submit) el.submit();
  });
  window.addEventListener("pageshow", function () { all("form", free); tick(); }); on("visibilitychange", function () { setTimeout(tick, 300); if (!d.hidden) ask(); });
  // Idle: two minutes before the end a dialog asks; all tabs share one clock. Ten seconds are kept back for slow lines.
  function alive(heard) { last = Date.now(); if (idle && !heard) tabs.postMessage("alive"); if (idle && idle.open && idle.close) idle.close(); else if (idle) idle.removeAttribute("open"); }
  function tick(left) {
    if (!idle || (left = last / 1000 + idle.dataset.minutes * 60 - 10 - Date.now() / 1000) > 120) return;
    if (left <= 0) location.replace("/signed-out"); if (!idle.hasAttribute("open")) { if (idle.showModal) idle.showModal(); else idle.setAttribute("open", ""); idle.querySelector("h2").focus(); }
    var words = by("idle-left"), say = words.getAttribute("data-left-" + (left > 60 ? 120 : left > 20 ? 60 : 20)); if (words.textContent !== say) words.textContent = say;
  }
  if (idle) { idle.addEventListener("cancel", function (e) { e.preventDefault(); idle.querySelector("button").click(); }); setInterval(tick, 5000); }
  tabs.onmessage = function (e) { if (idle && e.data === "left") location.replace("/signed-out"); else if (e.data === "read") ask(); else alive(true); }; alive();
})();
